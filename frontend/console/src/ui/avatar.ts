// What an avatar shows for a name and an id.

const HUES = 8;

/** One of eight hues, always the same for the same id. */
export function hueOf(id: string): number {
  let hash = 0;
  for (const unit of id) hash = (hash * 31 + (unit.codePointAt(0) ?? 0)) >>> 0;
  return hash % HUES;
}

const HAN = /\p{Script=Han}/u;

/** Initials of a Latin name; the last two characters of a Chinese one; `?` for none. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = words[0];
  if (first === undefined) return '?';
  if (HAN.test(first)) return [...first].slice(-2).join('');
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  const letters = [first, last].map((word) => [...(word ?? '')].find((c) => /[\p{L}\p{N}]/u.test(c)) ?? '');
  return letters.join('').toUpperCase() || '?';
}
