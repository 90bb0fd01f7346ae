// The bot's starter library as the console fetches it: a file for each intent, and a list of them without their examples.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Copies the intents of one folder into another, with `index.json` beside them. */
export function copyLibrary(from, to) {
  mkdirSync(to, { recursive: true });
  const index = readdirSync(from).sort().map((name) => {
    const { examples, ...intent } = JSON.parse(readFileSync(join(from, name), 'utf8'));
    writeFileSync(join(to, name), JSON.stringify({ ...intent, examples }));
    return { ...intent, counts: Object.fromEntries(Object.entries(examples).map(([locale, all]) => [locale, all.length])) };
  });
  // Written last: it is what says that all of it is there.
  writeFileSync(join(to, 'index.json'), JSON.stringify(index));
}
