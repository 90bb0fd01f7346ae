// The budgeted sizes of what is downloaded or uploaded: `gzip -9`, file by file. Node's own zlib is another one, which gives half a
// per cent more.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { at } from './paths.mjs';
import { expectFile, Failure } from './run.mjs';
import { trainer } from './trainer.mjs';
import { bundle } from './worker.mjs';

const KB = 1024;
/** The design gives the Worker 700, the bot in it 120. */
const WORKER = 820 * KB;
/** What a page of the console loads to learn and to try: a file of its own, of which the Worker has a part. */
const TRAINER = 123 * KB;
const HINT = 'Run: make build';

const gzipped = (path) => {
  expectFile(path, HINT);
  return execFileSync('gzip', ['-9nc', path], { maxBuffer: 1 << 26 }).length;
};
const sum = (paths) => paths.map(gzipped).reduce((a, b) => a + b, 0);

/** Every budget as `{what, bytes, budget}`. */
export function sizes() {
  expectFile(at('build/front/chunks.json'), HINT);
  const { launcher, chat, away, offer, locales, shared } = JSON.parse(readFileSync(at('build/front/chunks.json'), 'utf8'));
  const file = (name) => at('public', name);
  const locale = Math.max(...Object.values(locales).map((name) => gzipped(file(name))));
  return [
    { what: 'widget, first load (launcher)', bytes: gzipped(file(launcher)), budget: 3 * KB },
    { what: 'widget, chat open (all code, style, the larger locale)', bytes: sum([launcher, chat, ...shared].map(file)) + locale, budget: 15 * KB },
    { what: 'widget, the form where nobody is', bytes: gzipped(file(away)), budget: 3 * KB },
    { what: 'widget, the buttons of a bot', bytes: gzipped(file(offer)), budget: 3 * KB },
    { what: 'trainer (WebAssembly, in the owner’s browser)', bytes: gzipped(trainer), budget: TRAINER },
    { what: 'Worker (module and WebAssembly)', bytes: sum(['index.js', 'index_bg.wasm'].map((name) => `${bundle('release')}/${name}`)), budget: WORKER },
  ];
}

/** Prints each beside its budget; fails if one is over. */
export function measure() {
  const rows = sizes();
  const width = Math.max(...rows.map((it) => it.what.length));
  const kb = (bytes) => `${(bytes / KB).toFixed(bytes < 100 * KB ? 2 : 0)} KB`.padStart(9);
  for (const { what, bytes, budget } of rows) {
    console.log(`${bytes <= budget ? '✓' : '✗'} ${what.padEnd(width)} ${kb(bytes)} of ${kb(budget)} gzip (${Math.round((100 * bytes) / budget)} %)`);
  }
  const over = rows.filter((it) => it.bytes > it.budget);
  if (over.length) throw new Failure(`Over budget: ${over.map((it) => it.what).join('; ')}`);
}
