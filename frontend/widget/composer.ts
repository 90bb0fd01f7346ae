// The field in which the visitor writes.
import { attr, el, icon } from './dom.ts';
import type { Strings } from './locale/strings.ts';

/** What the server takes (`TEXT_CHARS` in src/core/limits.rs), in characters, not in UTF-16 units. */
const MOST = 8_000;
/** The count is shown when so many are left. */
const NEAR = 500;
/** Safari tells of the Enter that ended a composition after its end. */
const AFTER_COMPOSITION_MS = 50;

export interface ComposerOptions {
  send(text: string): void;
  /** The field has a text, or none. */
  typing(on: boolean): void;
  /** Kept for the next page of this tab. */
  draft(text: string): void;
}

export class Composer {
  readonly node = el('form', 'composer');
  readonly #field = attr(el('textarea'), { rows: '1', dir: 'auto', enterkeyhint: 'send' });
  readonly #send = attr(el('button', 'send', icon('M5 12h13M12.5 6l6 6-6 6')), { type: 'submit' });
  readonly #count = attr(el('p', 'count'), { role: 'status' });
  #strings!: Strings;
  #number = new Intl.NumberFormat();
  #composedAt = -Infinity;

  constructor(private readonly options: ComposerOptions, draft: string) {
    const field = this.#field;
    field.value = draft;
    this.node.append(this.#count, field, this.#send);
    this.node.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    // The field keeps the focus, and a phone its keyboard.
    this.#send.addEventListener('pointerdown', (event) => event.preventDefault());
    field.addEventListener('input', () => this.#changed());
    field.addEventListener('compositionend', ({ timeStamp }) => (this.#composedAt = timeStamp));
    field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || this.composing(event)) return;
      event.preventDefault();
      this.#submit();
    });
  }

  /** The key belongs to an input method. */
  composing(event: KeyboardEvent): boolean {
    return event.isComposing || event.keyCode === 229 || event.timeStamp - this.#composedAt < AFTER_COMPOSITION_MS;
  }

  speak(strings: Strings, locale: string): void {
    this.#strings = strings;
    this.#number = new Intl.NumberFormat(locale);
    attr(this.#field, { placeholder: strings.placeholder, 'aria-label': strings.message });
    this.#send.setAttribute('aria-label', strings.send);
    this.fit();
  }

  focus(): void {
    this.#field.focus();
  }

  clear(): void {
    this.#field.value = '';
    this.fit();
  }

  set disabled(disabled: boolean) {
    this.node.hidden = disabled;
  }

  /** The field is as high as its text; the style sheet says how far that goes. */
  fit(): void {
    const field = this.#field;
    const { length } = [...field.value.trim()];
    const over = length > MOST;
    this.#count.textContent = length > MOST - NEAR ? (over ? this.#strings.tooLong(this.#number.format(length), this.#number.format(MOST)) : `${length} / ${MOST}`) : '';
    this.#count.classList.toggle('over', over);
    field.setAttribute('aria-invalid', String(over));
    this.#send.disabled = !length || over;
    field.style.height = 'auto';
    if (field.scrollHeight) field.style.height = field.scrollHeight + 'px';
  }

  #changed(): void {
    const { value } = this.#field;
    this.fit();
    this.options.typing(value.trim() !== '');
    this.options.draft(value);
  }

  #submit(): void {
    const text = this.#field.value.trim();
    if (this.#send.disabled) return;
    this.clear();
    this.options.draft('');
    this.options.send(text);
  }
}
