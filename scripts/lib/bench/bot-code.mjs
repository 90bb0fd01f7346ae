// What the bot takes of the Worker: its functions, which the symbol map of a release names, and its tables and words.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { readModule } from '../likeness.mjs';
import { bundle } from '../worker.mjs';

/** Its own, and those of others that were compiled for its types. */
const IS_BOTS = /\bcore::bot::/;

/** KB by `gzip -9`, at most: the trainer's data, which are put for the bot's, hold what learns, too. Needs a release. */
export function botInWorker(trainer) {
  const { imported, bodies } = readModule(readFileSync(`${bundle('release')}/index_bg.wasm`));
  const named = readFileSync(`${bundle('release')}/symbols.txt`, 'utf8').split('\n').filter((line) => IS_BOTS.test(line));
  const own = named.map((line) => bodies[Number.parseInt(line, 10) - imported]).filter(Boolean);
  return gzipSync(Buffer.concat([...own, readModule(readFileSync(trainer)).data]), { level: 9 }).length / 1024;
}
