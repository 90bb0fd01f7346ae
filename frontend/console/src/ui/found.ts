// The search of lists. Pure.

/** Whether every word is somewhere in one of the texts. */
export function hasWords(texts: readonly string[], words: string): boolean {
  const text = texts.join('\n').normalize('NFKC').toLowerCase();
  return words.normalize('NFKC').toLowerCase().split(/\s+/u).every((word) => text.includes(word));
}
