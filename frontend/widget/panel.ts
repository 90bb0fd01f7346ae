// The chat's window: a dialog that leaves the page usable, and that fills the screen of a phone.
import { button, el, icon } from './kit.ts';
import type { Line } from './line.ts';
import { Say } from './locale/strings.ts';
import type { Strings } from './locale/strings.ts';

/** Where the style sheet makes the panel fill the screen. */
const FULL_SCREEN = '(max-width: 480px), (max-height: 460px)';

export interface PanelOptions {
  _close(): void;
  /** The button in the line that tells of the connection. */
  _act(): void;
  /** An input method has the key. */
  _composing(event: KeyboardEvent): boolean;
}

/** What the head says. */
export interface Head {
  _title: string;
  _subtitle: string;
  /** Name of who is here, or of the site. */
  _face: string;
  _here: boolean;
}

export function panel({ _close, _act, _composing }: PanelOptions, middle: HTMLElement, form: HTMLElement, signal: AbortSignal) {
  const full = matchMedia(FULL_SCREEN);
  const title = el('h2', '', { dir: 'auto' });
  const subtitle = el('p', '', { dir: 'auto' });
  const face = el('span', 'face', { 'aria-hidden': 'true' });
  const close = button('close', _close, icon('M6 6l12 12M18 6L6 18'));
  const text = el('span', '', { role: 'status' });
  const rest = el('span', '', { 'aria-hidden': 'true' });
  const act = button('text', _act);
  const line = el('div', 'line', {}, el('span', '', {}, text, rest), act);
  const announcer = el('div', 'sr', { 'aria-live': 'polite' });
  const head = el('div', 'head', {}, face, el('div', 'who', {}, title, subtitle), close);
  const node = el('dialog', 'panel', { tabindex: '-1' }, head, middle, form, announcer);
  middle.append(line);

  /** A keyboard on the screen leaves less than the window. */
  const fit = () => {
    const view = full.matches && window.visualViewport;
    node.style.height = view ? view.height + 'px' : '';
    node.style.translate = view ? `0 ${view.offsetTop}px` : '';
  };
  for (const type of ['resize', 'scroll']) window.visualViewport?.addEventListener(type, fit, { signal });

  // Keys that are meant for the chat are no shortcuts of the page.
  node.onkeyup = node.onkeypress = (event) => event.stopPropagation();
  node.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === 'Escape' && !_composing(event)) {
      event.preventDefault();
      _close();
    }
  };
  // The way back of a phone.
  node.oncancel = (event) => {
    event.preventDefault();
    _close();
  };

  return {
    _node: node,

    /**
     * Shown without `focus`, it leaves the focus with the page. Closing gives it back to whoever had it. Touch screens
     * get no keyboard that nobody asked for; `field` puts the focus into the field.
     */
    _show(focus: boolean, field: () => void) {
      // On a small screen it covers the page, and then keeps the focus.
      if (full.matches) node.showModal();
      else if (focus) node.show();
      else node.open = true;
      fit();
      if (!focus) return;
      if (matchMedia('(pointer: coarse)').matches) node.focus();
      else field();
    },

    _speak(strings: Strings, locale: string) {
      node.lang = locale;
      close.ariaLabel = strings[Say.close];
    },

    _head({ _title, _subtitle, _face, _here }: Head) {
      node.ariaLabel = title.textContent = _title;
      subtitle.textContent = _subtitle;
      subtitle.className = _here ? 'here' : '';
      face.textContent = [..._face][0]!;
    },

    _line(given: Line | undefined) {
      const said = given?._text ?? '';
      line.hidden = !said;
      // Said once: a status that is written again is read again.
      if (text.textContent !== said) text.textContent = said;
      rest.textContent = given?._rest ?? '';
      act.textContent = given?._action ?? '';
      act.hidden = !given?._action;
      form.hidden = !!given?._closed;
    },

    /** Says something new to a screen reader. */
    _announce(said: string) {
      announcer.append(el('p', '', {}, said));
    },
  };
}
