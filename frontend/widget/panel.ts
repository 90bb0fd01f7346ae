// The chat's window: a dialog that leaves the page usable, and that fills the screen of a phone.
import { attr, el, icon } from './dom.ts';
import type { Line } from './line.ts';
import type { Strings } from './locale/strings.ts';

/** Where the style sheet makes the panel fill the screen. */
export const FULL_SCREEN = '(max-width: 480px), (max-height: 460px)';

export interface PanelOptions {
  close(): void;
  /** The button in the line that tells of the connection. */
  act(): void;
  /** An input method has the key. */
  composing(event: KeyboardEvent): boolean;
}

/** What the head says. */
export interface Head {
  title: string;
  subtitle: string;
  /** Names of those who are here. */
  faces: string[];
  here: boolean;
}

export class Panel {
  readonly node: HTMLElement;
  readonly #title = attr(el('h2'), { dir: 'auto' });
  readonly #subtitle = attr(el('p'), { dir: 'auto' });
  readonly #faces = attr(el('div', 'faces'), { 'aria-hidden': 'true' });
  readonly #close = attr(el('button', 'close', icon('M6 6l12 12M18 6L6 18')), { type: 'button' });
  readonly #line = el('div', 'line');
  readonly #lineText = attr(el('span'), { role: 'status' });
  readonly #lineSeconds = attr(el('span'), { 'aria-hidden': 'true' });
  readonly #act = attr(el('button', 'text'), { type: 'button' });
  readonly #announcer = attr(el('div', 'sr'), { 'aria-live': 'polite' });
  readonly #narrow = matchMedia(FULL_SCREEN);
  readonly #watch = new AbortController();
  #drawn = '';

  constructor(
    private readonly options: PanelOptions,
    middle: HTMLElement,
    composer: HTMLElement,
  ) {
    this.#title.id = 'bh-title';
    this.#line.append(el('span', '', this.#lineText, this.#lineSeconds), this.#act);
    this.node = attr(
      el('div', 'panel', el('div', 'head', this.#faces, el('div', 'who', this.#title, this.#subtitle), this.#close), this.#line, middle, composer, this.#announcer),
      { role: 'dialog', tabindex: '-1', 'aria-labelledby': 'bh-title' },
    );
    this.node.hidden = true;
    this.#close.addEventListener('click', () => options.close());
    this.#act.addEventListener('click', () => options.act());
    this.node.addEventListener('keydown', (event) => this.#key(event));
    // Keys that are meant for the chat are no shortcuts of the page.
    for (const type of ['keydown', 'keyup', 'keypress']) this.node.addEventListener(type, (event) => event.stopPropagation());
    const { signal } = this.#watch;
    this.#narrow.addEventListener('change', () => this.#fit(), { signal });
    for (const type of ['resize', 'scroll']) window.visualViewport?.addEventListener(type, () => this.#fit(), { signal });
    this.#fit();
  }

  get open(): boolean {
    return !this.node.hidden;
  }

  /** Touch screens get no keyboard that nobody asked for. */
  show(field: () => void, focus: boolean): void {
    this.node.hidden = false;
    this.#fit();
    if (!focus) return;
    if (matchMedia('(pointer: coarse)').matches) this.node.focus();
    else field();
  }

  /** Says whether the focus was inside. */
  hide(): boolean {
    const inside = this.node.contains((this.node.getRootNode() as ShadowRoot).activeElement);
    this.node.hidden = true;
    return inside;
  }

  destroy(): void {
    this.#watch.abort();
  }

  speak(strings: Strings): void {
    attr(this.#close, { 'aria-label': strings.close });
    this.#drawn = '';
  }

  head(head: Head): void {
    const as = JSON.stringify(head);
    if (as === this.#drawn) return;
    this.#drawn = as;
    const { title, subtitle, faces, here } = head;
    this.#title.textContent = title;
    this.#subtitle.textContent = subtitle;
    this.#subtitle.className = here ? 'here' : '';
    this.#faces.replaceChildren(...faces.slice(0, 3).map((name) => el('span', 'face', [...name][0] ?? '')));
  }

  line(line: Line | undefined, strings: Strings): void {
    const { text = '', seconds, action } = line ?? {};
    this.#line.classList.toggle('shown', text !== '');
    if (this.#lineText.textContent !== text) this.#lineText.textContent = text;
    this.#lineSeconds.textContent = seconds === undefined ? '' : strings.inSeconds(seconds);
    this.#act.hidden = !action;
    this.#act.textContent = action ? strings[action] : '';
  }

  /** Says something new to a screen reader. */
  announce(text: string): void {
    const said = el('p', '', text);
    this.#announcer.append(said);
    while (this.#announcer.childElementCount > 5) this.#announcer.firstChild!.remove();
  }

  // ------------------------------------------------------------------------------------------------------ inside

  #key(event: KeyboardEvent): void {
    if (this.options.composing(event)) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      this.options.close();
    } else if (event.key === 'Tab' && this.#narrow.matches) {
      // It covers the page: the focus must not wander behind it.
      const stops = [...this.node.querySelectorAll<HTMLElement>('button, textarea, a, [tabindex="0"]')].filter((one) => one.offsetParent && !(one as HTMLButtonElement).disabled);
      const edge = event.shiftKey ? stops[0] : stops.at(-1);
      const at = (this.node.getRootNode() as ShadowRoot).activeElement;
      if (at !== edge && at !== this.node) return;
      if (at === this.node && !event.shiftKey) return;
      event.preventDefault();
      (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
    }
  }

  /** A keyboard on the screen leaves less than the window. */
  #fit(): void {
    const { matches } = this.#narrow;
    const view = window.visualViewport;
    if (matches) this.node.setAttribute('aria-modal', 'true');
    else this.node.removeAttribute('aria-modal');
    this.node.style.height = matches && view ? view.height + 'px' : '';
    this.node.style.transform = matches && view && view.offsetTop ? `translateY(${view.offsetTop}px)` : '';
  }
}
