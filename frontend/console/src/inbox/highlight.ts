// Where the words of a search stand in a text, and the part of the text around the first of them.

export interface Marked {
  text: string;
  hit: boolean;
}

const BEFORE = 24;
const LENGTH = 140;

/** The words of a query, longest first, so that a longer one is marked before a shorter one inside it. */
function wordsOf(query: string): string[] {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words)].sort((a, b) => b.length - a.length);
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');
}

/** The text around the first hit, cut into parts that are hits and parts that are not. */
export function excerptOf(text: string, query: string): Marked[] {
  const flat = text.replace(/\s+/gu, ' ').trim();
  const words = wordsOf(query);
  if (words.length === 0) return [{ text: flat.slice(0, LENGTH), hit: false }];
  const pattern = new RegExp(words.map(escaped).join('|'), 'giu');
  const first = Math.max(0, flat.search(pattern));
  const start = first <= BEFORE ? 0 : first - BEFORE;
  const shown = `${start > 0 ? '…' : ''}${flat.slice(start, start + LENGTH)}${start + LENGTH < flat.length ? '…' : ''}`;
  const parts: Marked[] = [];
  let end = 0;
  for (const match of shown.matchAll(pattern)) {
    if (match.index > end) parts.push({ text: shown.slice(end, match.index), hit: false });
    parts.push({ text: match[0], hit: true });
    end = match.index + match[0].length;
  }
  if (end < shown.length) parts.push({ text: shown.slice(end), hit: false });
  return parts;
}
