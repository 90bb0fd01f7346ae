// `make test`: all checks, cheapest first; the first that fails ends it. With names, only those: node scripts/test.mjs e2e
import { browserPath, obtainBrowsers } from './lib/browsers.mjs';
import { build } from './lib/build.mjs';
import { LINTED } from './lib/lint.mjs';
import { at } from './lib/paths.mjs';
import { nodeTests } from './lib/node-tests.mjs';
import { Failure, main, run, spoken, step } from './lib/run.mjs';
import { measure } from './lib/sizes.mjs';
import { setup } from './lib/tools.mjs';
import { model } from './model.mjs';

const loud = { quiet: false };
const cargo = (...args) => run('cargo', args, loud);
const frontend = (script) => run('npm', ['run', '--silent', script], { cwd: at('frontend'), ...loud });

/** The runtime and browser tests run what would be deployed. */
let building;
const bundled = () => (building ??= build('release'));

/** Three of them ask for panics, of another bundle. */
let panicking;
const panics = () => (panicking ??= bundled().then(() => build('panics', 'worker')));

/** Without names, everything. */
const whole = process.argv.length === 2;

/**
 * Most of kills, storms and full disks is waiting: of a whole run they go on beside the runtime tests. The storm is a small one, of more conversations
 * than a page of the agents' list holds: the one that a process is meant for takes minutes.
 */
let troubling;
const trouble = () => (troubling ??= run(process.execPath, [at('scripts/chaos.mjs')], { ...loud, env: { SOCKETS: process.env.SOCKETS || '440' } }));

let obtaining;
const browsers = () => (obtaining ??= obtainBrowsers());

/** What they say may never happen, may not happen once: messages, claims, doors. */
const JUDGES = ['attacks', 'claims', 'conversation', 'desk', 'doors', 'eviction', 'frames', 'gate', 'identity', 'limits', 'matrix', 'panics', 'pending', 'queue', 'revocation', 'teams', 'payloads', 'payloads-bot', 'story', 'traps'];

const STAGES = {
  format: ['', () => cargo('fmt', '--check')],
  scripts: ['2 s', async () => (await nodeTests('scripts/test'), nodeTests('deploy/test'))],
  types: ['20 s', () => frontend('check')],
  front: ['20 s', () => frontend('test')],
  // What only the Worker has; of a whole run, the bundle for panics is linted instead.
  edge: ['1 min, the first time 2', () => cargo('clippy', '--locked', '--lib', '--target', 'wasm32-unknown-unknown', '--', '-D', 'warnings')],
  rust: ['2 min, the first time 4', () => run('cargo', ['test', '--locked', '--workspace'], { ...loud, env: LINTED })],
  // Under the workspace's own folder and with its profile, so that what both need is compiled once.
  fuzz: ['1 min', () => cargo('test', '--locked', '--manifest-path', 'fuzz/Cargo.toml', '--target-dir', process.env.CARGO_TARGET_DIR ?? at('target'))],
  model: ['1 min, the first time 3', () => model()],
  build: ['3 min', bundled],
  size: ['', measure],
  e2e: ['5 min', async () => (await panics(), nodeTests('tests/e2e', {}, { beside: whole ? trouble().catch(() => {}) : undefined, together: 8, long: ['idle', 'desk', 'revocation', 'limits', 'matrix', 'panics', 'bot-actions', 'queue', 'claims', 'routing', 'teams'], alone: ['hostile', 'neighbour'], steady: JUDGES }))],
  chaos: ['2 min, beside the runtime tests', trouble],
  browser: ['5 min', browser],
};

/** Named short: what a developer runs before a commit. */
const GROUPS = { check: ['format', 'scripts', 'types', 'front', 'edge', 'rust', 'fuzz', 'model'] };

async function browser() {
  const missing = await browsers();
  // Where a change is judged nothing may be left out in silence.
  if (process.env.CI && missing.length) throw new Failure(`No ${missing.join(', no ')}, and none to be installed: scripts/lib/browsers.mjs says where they are looked for.`);
  for (const name of missing) console.log(`!\n! No ${name} here and none to be installed: its tests do NOT run. scripts/lib/browsers.mjs says where it is looked for.\n!`);
  if (missing.includes('Chromium')) return;
  await bundled();
  await nodeTests('tests/browser', { CHROMIUM: browserPath('Chromium') }, { together: 2, long: ['console-axe', 'payloads', 'payloads-bot', 'story-agents', 'story-closing'], alone: ['network'], steady: JUDGES });
}

await main(async () => {
  const began = Date.now();
  const wanted = process.argv.slice(2).flatMap((name) => GROUPS[name] ?? [name]);
  const unknown = wanted.find((name) => !STAGES[name]);
  if (unknown) throw new Failure(`There is no ${unknown}. There are: ${[...Object.keys(STAGES), ...Object.keys(GROUPS)].join(', ')}.`);
  await setup();
  // Optimising the Worker as a whole takes one core for minutes, fetching browsers takes none: the checks that need neither run beside them.
  if (whole) [panics(), browsers()].forEach((begun) => begun.catch(() => {}));
  for (const name of whole ? Object.keys(STAGES).filter((name) => name !== 'edge') : wanted) await step(name, ...STAGES[name]);
  console.log(`\nAll passed in ${spoken(Date.now() - began)}.`);
});
