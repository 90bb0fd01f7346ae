// A table of examples as an owner imports it: what the console (frontend/console/src/bot, `readExamples` and `lessonOf`) and the server
// (src/core/bot/intent.rs, `Teaches::add`) make of it. A test of the console's holds them together.
import { folded } from './fold.mjs';

const LANGUAGES = ['en', 'zh'];
/** Longer ones are refused. */
const EXAMPLE_LENGTH = 400;

/** All that an intent of the library has taught. */
export const all = (it) => LANGUAGES.flatMap((language) => it.examples[language]);

/** What two examples have in common that are the same: their words. */
const meant = (text) => text.replace(/['’]/gu, '').split(/[^\p{Alphabetic}\p{Number}\p{Mark}\p{Cf}]+/u).map((word) => folded(word).join('')).filter(Boolean).join(' ');

/**
 * The lesson of a table without titles, from [text, intent]. The library is off: it is background, but for what has the name of an intent of
 * the table's, which learns from the library's examples as well.
 */
export function imported(examples, library) {
  const shipped = new Map(library.map((it) => [it.id, all(it)]));
  const intents = new Map();
  const known = new Set();
  for (const [given, id] of examples) {
    const text = given.trim();
    if ([...text].length > EXAMPLE_LENGTH) continue;
    if (!intents.has(id)) intents.set(id, { id, titles: [], examples: [], library: shipped.get(id) ?? [] });
    const words = meant(text);
    if (words && !known.has(`${id} ${words}`)) intents.get(id).examples.push(text.replace(/\s+/gu, ' '));
    known.add(`${id} ${words}`);
  }
  return { intents: [...intents.values()], background: library.filter(({ id }) => !intents.has(id)).map(all) };
}
