// A text as the bot compares it (src/core/bot/features.rs, `fold`), for the checks of its data, by the bot's own table of characters.
import { readFileSync } from 'node:fs';
import { at } from '../paths.mjs';

/** Joiners, marks of direction, soft hyphens, variation selectors, accents of their own. */
const INVISIBLE = /[\u{ad}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{fe00}-\u{fe0f}\u{feff}\u{300}-\u{36f}]/u;

const letters = [...readFileSync(at('src/core/bot/simplified.txt'), 'utf8').replaceAll('\n', '')];
const simplified = new Map(letters.flatMap((letter, place) => (place % 2 ? [] : [[letter, letters[place + 1]]])));

const halfWidth = (letter) => (letter >= '\u{ff01}' && letter <= '\u{ff5e}' ? String.fromCodePoint(letter.codePointAt(0) - 0xfee0) : letter);

/** Its letters and digits, one by one, without capitals, spaces and marks. */
export function folded(text) {
  return [...text].flatMap((given) => {
    const letter = halfWidth(given);
    if (INVISIBLE.test(given) || !/[\p{Alphabetic}\p{Number}]/u.test(letter)) return [];
    return [...(simplified.get(letter) ?? letter.toLowerCase())];
  });
}
