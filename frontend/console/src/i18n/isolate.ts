// Foreign words in a sentence of ours. Both languages of the console are written from left to right; a name, a title or
// a text that is not would draw the words and figures around it over to its side.

/** Letters of a script that is written from right to left, and the controls that turn a direction. */
const TURNS = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/**
 * The text for a place in a sentence: isolated in its own direction (as `<bdi>` does, for placeholders, labels and
 * messages that can't hold an element), and as it is where that changes nothing.
 */
export function isolated(text: string): string {
  return TURNS.test(text) ? `\u2068${text}\u2069` : text;
}
