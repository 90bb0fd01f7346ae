// The field in which the visitor writes.
import { el, icon } from './kit.ts';
import { Say } from './locale/strings.ts';
import type { Strings } from './locale/strings.ts';

/** What the server takes (`TEXT_CHARS` in src/core/limits.rs), in characters, not in UTF-16 units. */
const MOST = 8_000;
/** Safari tells of the Enter that ended a composition after its end. */
const AFTER_COMPOSITION_MS = 50;

export interface ComposerOptions {
  _send(text: string): void;
  /** The text has changed; kept for the next page of this tab. */
  _input(text: string): void;
}

export function composer({ _send, _input }: ComposerOptions, draft: string) {
  const field = el('textarea', '', { rows: '1', dir: 'auto', enterkeyhint: 'send' });
  const send = el('button', 'send', {}, icon('M5 12h13M12.5 6l6 6-6 6'));
  const count = el('p', 'count', { role: 'status' });
  const node = el('form', 'composer', {}, count, field, send);
  let composedAt = -Infinity;

  /** The key belongs to an input method. */
  const composing = ({ isComposing, keyCode, timeStamp }: KeyboardEvent) => isComposing || keyCode === 229 || timeStamp - composedAt < AFTER_COMPOSITION_MS;

  /** The field is as high as its text; the style sheet says how far that goes. */
  const fit = () => {
    const { length } = [...field.value.trim()];
    const over = length > MOST;
    count.textContent = over ? `${length} / ${MOST}` : '';
    send.disabled = !length || over;
    field.style.height = 'auto';
    field.style.height = field.scrollHeight + 'px';
  };
  const set = (text: string) => {
    field.value = text;
    fit();
    _input(text);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (send.disabled) return;
    set('');
    _send(text);
  };

  field.value = draft;
  node.onsubmit = submit;
  // The field keeps the focus, and a phone its keyboard.
  send.onpointerdown = (event) => event.preventDefault();
  field.oninput = () => set(field.value);
  field.addEventListener('compositionend', ({ timeStamp }) => (composedAt = timeStamp));
  field.onkeydown = (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !composing(event)) submit(event);
  };

  return {
    _node: node,
    _composing: composing,
    _fit: fit,
    _focus: () => field.focus(),
    _clear: () => set(''),
    _speak(strings: Strings) {
      field.placeholder = strings[Say.placeholder];
      field.ariaLabel = strings[Say.message];
      send.ariaLabel = strings[Say.send];
      fit();
    },
  };
}
