// Words that a person writes into one line, with commas between them, and what they become.

/** The words, in small letters, each once. */
export function wordsOf(text: string): string[] {
  const words = text.split(/[,，、;；\n]+/u).map((word) => word.trim().replace(/\s+/gu, ' ').toLowerCase());
  return [...new Set(words.filter(Boolean))];
}

/** Primary tags of languages: `zh-CN` is `zh`. Spaces part them, too. */
export function languagesOf(text: string): string[] {
  const tags = wordsOf(text.replace(/\s+/gu, ',')).map((tag) => tag.split(/[-_]/u)[0] ?? '');
  return [...new Set(tags.filter(Boolean))];
}

/** Whether it is the form of a primary tag. */
export function isLanguage(tag: string): boolean {
  return /^[a-z]{2,3}$/u.test(tag);
}
