// A table of examples as an owner imports it: what the console makes of it (frontend/console/src/bot, `readExamples` and `lessonOf`).
// A test of the console's holds the two together.

const LANGUAGES = ['en', 'zh'];

/** All that an intent of the library has taught. */
export const all = (it) => LANGUAGES.flatMap((language) => it.examples[language]);

/**
 * The lesson of a table without titles, from [text, intent]. The library is off: it is background, but for what has the name of an intent of
 * the table's. `withNamesakes`: such an intent learns from the library's as well, as it does after an import that says nothing of it.
 */
export function imported(examples, library, { withNamesakes = false } = {}) {
  const shipped = new Map(withNamesakes ? library.map((it) => [it.id, all(it)]) : []);
  const intents = new Map();
  for (const [text, id] of examples) {
    if (!intents.has(id)) intents.set(id, { id, titles: [], examples: [], library: shipped.get(id) ?? [] });
    intents.get(id).examples.push(text.trim().replace(/\s+/gu, ' '));
  }
  return { intents: [...intents.values()], background: library.filter(({ id }) => !intents.has(id)).map(all) };
}
