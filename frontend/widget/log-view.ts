// The messages on the screen: one element per row, changed only where its row has changed, and a place in the scroll
// that stays where the reader left it.
//
// The log itself is no live region, or a screen reader would read the whole history; what is new is said by the
// announcer beside it (`panel.ts`).
import { attr, el, icon } from './dom.ts';
import { splitLinks } from './links.ts';
import type { Strings } from './locale/strings.ts';
import type { Bubble, Row } from './rows.ts';
import type { Times } from './times.ts';

/** Nearer to the end than this counts as being there. */
const NEAR_PX = 48;
/** Nearer to the beginning than this asks for what is older. */
const OLDER_PX = 240;
const ENTER = [{ opacity: 0, transform: 'translateY(8px)' }, {}];

export interface LogViewOptions {
  older(): void;
  retry(clientId: string): void;
  remove(clientId: string): void;
  /** The reader has come to the end. */
  atEnd(): void;
}

/** What is drawn beside the rows. */
export interface LogScene {
  rows: Row[];
  greeting: string;
  name: string;
  /** Who is typing; empty when nobody is. */
  typing: string;
  loading: boolean;
  /** There are unread messages further down. */
  unread: boolean;
}

export class LogView {
  readonly node: HTMLElement;
  readonly #scroll = attr(el('div', 'log'), { role: 'log', 'aria-live': 'off', tabindex: '0' });
  readonly #loading = el('p', 'event loading');
  readonly #greeting = el('div', 'row first last');
  readonly #typing = el('div', 'row first last typing');
  readonly #down = attr(el('button', 'down'), { type: 'button' });
  #drawn = new Map<string, { node: HTMLElement; as: string }>();
  #words!: { strings: Strings; times: Times };
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  #following = true;
  #settled = false;

  constructor(private readonly options: LogViewOptions) {
    this.node = el('div', 'middle', this.#scroll, this.#down);
    this.#scroll.append(this.#loading, this.#greeting, this.#typing);
    this.#scroll.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#down.addEventListener('click', () => {
      this.follow();
      this.#scroll.focus();
    });
    // The keyboard of a phone or a growing field takes room: the end stays in sight.
    if ('ResizeObserver' in window) new ResizeObserver(() => this.#keep()).observe(this.#scroll);
  }

  /** Whether the newest message is in sight. */
  get following(): boolean {
    return this.#following;
  }

  /** Goes to the end and stays there. */
  follow(): void {
    this.#following = true;
    this.#keep();
    this.options.atEnd();
  }

  speak(strings: Strings, times: Times): void {
    this.#words = { strings, times };
    this.#drawn.forEach(({ node }) => node.remove());
    this.#drawn.clear();
    this.#settled = false;
    this.#scroll.setAttribute('aria-label', strings.log);
    this.#loading.textContent = strings.loading;
  }

  /** `now` by the server's clock. */
  draw({ rows, greeting, name, typing, loading, unread }: LogScene, now: number): void {
    const { strings } = this.#words;
    const scroll = this.#scroll;
    const anchor = this.#following ? undefined : this.#anchor();
    const from = anchor?.offsetTop ?? 0;

    this.#loading.hidden = !loading;
    this.#replace('greeting', this.#greeting, greeting + name, () => this.#bubble(name, greeting, [], name));
    const drawn = new Map<string, { node: HTMLElement; as: string }>();
    let before: Element = this.#greeting;
    for (const row of rows) {
      const as = JSON.stringify(row) + (row.kind === 'day' ? new Date(now).toDateString() : '');
      const known = this.#drawn.get(row.key);
      const node = known?.node ?? el('div');
      if (known?.as !== as) {
        node.replaceChildren(...this.#contents(row, now));
        node.className = this.#classOf(row);
      }
      drawn.set(row.key, { node, as });
      if (before.nextElementSibling !== node) before.after(node);
      if (!known && this.#settled && !this.#still.matches) node.animate(ENTER, { duration: 180, easing: 'ease-out' });
      before = node;
    }
    for (const [key, { node }] of this.#drawn) if (!drawn.has(key)) node.remove();
    this.#drawn = drawn;
    this.#settled = rows.length > 0 || !loading;

    this.#typing.hidden = !typing;
    this.#replace('typing', this.#typing, typing, () => [
      el('span', 'face', typing.slice(0, 1)),
      el('div', 'bubble', el('span', 'sr', strings.typing(typing)), el('i'), el('i'), el('i')),
    ]);
    this.#down.hidden = this.#following;
    this.#replace('down', this.#down, String(unread), () => [el('span', unread ? '' : 'sr', unread ? strings.newMessages : strings.latest), icon('M7 10l5 5 5-5')]);

    if (anchor?.isConnected) scroll.scrollTop += anchor.offsetTop - from;
    this.#keep();
    // A page that does not fill the view has no scroll event to ask for the next one.
    if (scroll.clientHeight && scroll.scrollTop < OLDER_PX) this.options.older();
  }

  #said: Record<string, string> = {};

  /** Draws a fixed element again when what it says has changed. */
  #replace(name: string, node: HTMLElement, as: string, contents: () => Node[]): void {
    as += this.#words.strings.log;
    if (this.#said[name] === as) return;
    this.#said[name] = as;
    node.replaceChildren(...contents());
  }

  #classOf(row: Row): string {
    if (row.kind !== 'bubble') return row.kind;
    return `row${row.own ? ' own' : ''}${row.first ? ' first' : ''}${row.last ? ' last' : ''}${row.progress ? ' ' + row.progress : ''}`;
  }

  #contents(row: Row, now: number): Node[] {
    const { times } = this.#words;
    if (row.kind === 'event') return [el('span', '', row.text)];
    if (row.kind === 'day') return [el('span', '', times.day(row.at, now))];
    return this.#bubble(row.name, row.text, this.#meta(row), row.own ? '' : row.name);
  }

  #bubble(name: string, text: string, meta: Node[], face: string): Node[] {
    const { strings } = this.#words;
    const bubble = attr(el('div', 'bubble'), { dir: 'auto' });
    for (const { text: shown, href, host } of splitLinks(text)) {
      if (!href) {
        bubble.append(shown);
        continue;
      }
      const link = attr(el('a', '', shown), { href, target: '_blank', rel: 'noopener noreferrer nofollow' });
      bubble.append(link);
      if (host) link.append(el('small', '', ` (${host})`));
    }
    const nodes: Node[] = [el('span', 'sr', strings.says(name)), bubble, ...meta];
    if (face) nodes.unshift(attr(el('span', 'face', [...face][0]!), { 'aria-hidden': 'true' }));
    return nodes;
  }

  #meta({ at, last, progress, failed, clientId, own, name }: Bubble): Node[] {
    const { strings, times } = this.#words;
    if (!last && !progress) return [];
    const parts: (Node | string)[] = [];
    if (progress === 'failed') {
      const button = (text: string, run: () => void) => {
        const node = attr(el('button', 'text', text), { type: 'button' });
        node.addEventListener('click', run);
        return node;
      };
      parts.push(failed === 'too_large' ? strings.failedTooLong : strings.failed);
      if (failed !== 'too_large') parts.push(button(strings.tryAgain, () => this.options.retry(clientId)));
      parts.push(button(strings.remove, () => this.options.remove(clientId)));
    } else {
      if (!own && name) parts.push(name);
      const time = attr(el('time', '', times.time(at)), { datetime: new Date(at).toISOString(), title: times.full(at) });
      parts.push(time);
      if (progress) parts.push(strings[progress]);
    }
    return [el('div', 'meta', ...parts.flatMap((part, i) => (i ? [el('span', 'dot', '·'), part] : [part])))];
  }

  // ---------------------------------------------------------------------------------------------------- scrolling

  /** The first row in sight: what the reader looks at. */
  #anchor(): HTMLElement | undefined {
    const top = this.#scroll.scrollTop;
    for (const { node } of this.#drawn.values()) if (node.offsetTop + node.offsetHeight > top) return node;
    return undefined;
  }

  #keep(): void {
    if (this.#following) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    if (!clientHeight) return;
    const was = this.#following;
    this.#following = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.#down.hidden = this.#following;
    if (!was && this.#following) this.options.atEnd();
    if (scrollTop < OLDER_PX) this.options.older();
  }
}
