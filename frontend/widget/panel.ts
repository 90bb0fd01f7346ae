// The chat's window: a dialog that leaves the page usable, and that fills the screen of a phone.
import type { listenUntil } from '../shared/browser-env.ts';
import { button, el, icon } from './kit.ts';
import type { Line } from './line.ts';
import { Say } from './locale/strings.ts';
import type { Strings } from './locale/strings.ts';

/** Where the style sheet makes the panel fill the screen. */
const FULL_SCREEN = '(max-width:480px),(max-height:460px)';

export interface PanelOptions {
  _close(): void;
  /** The visitor ends the conversation. */
  _leave(): void;
  /** The visitor wants no longer to wait. */
  _instead(): void;
  /** The button in the line that tells of the connection. */
  _act(): void;
  /** An input method has the key. */
  _composing(event: KeyboardEvent): boolean;
}

export function panel({ _close, _leave, _instead, _act, _composing }: PanelOptions, middle: HTMLElement, form: HTMLElement, on: ReturnType<typeof listenUntil>) {
  const full = matchMedia(FULL_SCREEN);
  const title = el('h2', '', { dir: 'auto' });
  const subtitle = el('p', '', { dir: 'auto' });
  const face = el('span', 'face', { 'aria-hidden': 'true' });
  const leave = button('text', () => {
    // The button goes with the conversation; the focus stays in the panel.
    node.focus();
    _leave();
  });
  const close = button('close', _close, icon('M6 6l12 12M18 6L6 18'));
  const text = el('span', '', { role: 'status' });
  const rest = el('span', '', { 'aria-hidden': 'true' });
  const act = button('text', _act);
  const line = el('div', 'line', {}, el('span', '', {}, text, rest), act);
  const place = el('p', '', { role: 'status', dir: 'auto' });
  const instead = button('text', _instead);
  const announcer = el('div', 'sr', { 'aria-live': 'polite' });
  const head = el('div', 'head', {}, face, el('div', 'who', {}, title, subtitle), leave, close);
  const node = el('dialog', 'panel', { tabindex: '-1' }, head, middle, el('div', 'place', {}, place, instead), form, announcer);
  middle.append(line);

  /** Once: a status that is written again is read again. */
  const say = (status: HTMLElement, said: string) => {
    if (status.textContent !== said) status.textContent = said;
  };

  /** A keyboard on the screen leaves less than the window. */
  const fit = () => {
    const view = full.matches && visualViewport;
    node.style.height = view ? view.height + 'px' : '';
    node.style.translate = view ? `0 ${view.offsetTop}px` : '';
  };
  on(visualViewport!, 'resize', fit);
  on(visualViewport!, 'scroll', fit);

  const dismiss = (event: Event) => {
    event.preventDefault();
    _close();
  };
  // Keys that are meant for the chat are no shortcuts of the page.
  node.onkeyup = node.onkeypress = (event) => event.stopPropagation();
  node.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === 'Escape' && !_composing(event)) dismiss(event);
  };
  // The way back of a phone.
  node.oncancel = dismiss;

  return {
    _node: node,
    _full: full,

    /**
     * Shown without `focus`, it leaves the focus with the page. Closing gives it back to whoever had it. Touch screens
     * get no keyboard that nobody asked for; `field` puts the focus into the field.
     */
    _show(focus: unknown, field: () => void) {
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
      leave.textContent = strings[Say.endChat];
      instead.textContent = strings[Say.instead];
    },

    /** `agent`: who is here; `going`: there is a conversation that may be ended, and with `live` a line to say so. */
    _head(name: string, about: string, agent: string | undefined, going: boolean, live: boolean) {
      node.ariaLabel = title.textContent = name;
      say(subtitle, about);
      subtitle.className = agent ? 'here' : '';
      say(face, [...(agent ?? name)][0]!);
      leave.hidden = !going;
      leave.disabled = !live;
    },

    _line(given: Line | undefined) {
      const said = given?._text ?? '';
      line.hidden = !said;
      say(text, said);
      rest.textContent = given?._rest ?? '';
      act.textContent = given?._action ?? '';
      act.hidden = !given?._action;
      form.hidden = !!given?._closed;
    },

    /** The visitor's place in the line; empty when nobody waits. */
    _place(said: string) {
      say(place, said);
      instead.hidden = !said;
    },

    /** Says something new to a screen reader. */
    _announce(said: string) {
      announcer.append(el('p', '', {}, said));
      // It stands in the log.
      if (announcer.children[9]) announcer.firstChild!.remove();
    },
  };
}
