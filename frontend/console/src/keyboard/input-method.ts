// Whose a key press is. While an input method composes a word, Enter, the arrows and Escape are its own: they choose, end or
// give up the word. Safari tells of the press that ended one after the word has ended, and by its key code alone. Pure.

/** What browsers call every key that an input method has taken. */
const TAKEN = 229;

/** Whether an input method has taken the press. */
export function isInputMethods({ isComposing, keyCode }: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return isComposing || keyCode === TAKEN;
}
