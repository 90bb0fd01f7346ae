// The generator against wrangler.toml files of every kind: what it writes is judged by workerd itself, which compiles
// it, and by the bindings that must be in it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../scripts/lib/config.mjs';
import { npm } from '../../scripts/lib/npm.mjs';
import { bin } from '../../scripts/lib/paths.mjs';
import { text } from '../capnp.mjs';
import { Unsupported, workerdConfig } from '../workerd.mjs';

const OPTIONS = { address: '127.0.0.1:8787', modules: { js: 'index.js', wasm: 'index_bg.wasm' }, store: '/var/lib/bellhop', assets: '/srv/public' };
const HEAD = 'name = "shop"\ncompatibility_date = "2026-08-20"\n';

const generate = (toml, options = {}) => workerdConfig(npm('smol-toml').parse(HEAD + toml), { ...OPTIONS, ...options });

test('what a bot calls is reached as anybody outside would reach it', () => {
  const { compatibility_flags: flags } = readConfig();
  assert.ok(flags.includes('global_fetch_strictly_public'));
  assert.match(workerdConfig(readConfig(), OPTIONS).text, /compatibilityFlags = \[[^\]]*"global_fetch_strictly_public"/);
});

/** Has workerd read the configuration; its complaint, or nothing. */
function complaint({ text: config }) {
  const folder = mkdtempSync(join(tmpdir(), 'bellhop-config-'));
  try {
    writeFileSync(join(folder, 'index.js'), 'export default {}');
    writeFileSync(join(folder, 'index_bg.wasm'), Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    writeFileSync(join(folder, 'w.capnp'), config);
    execFileSync(bin('workerd'), ['compile', '--config-only', 'w.capnp', 'config'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    return undefined;
  } catch (error) {
    return String(error.stderr || error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const CASES = [
  { name: 'nothing but a Worker', toml: '', has: ['service = "app"', 'wasm = embed "index_bg.wasm"'], lacks: ['"d1"', '"queues"', '"cron"', 'assets ='], folders: [] },
  {
    name: 'variables: text as it is, anything else as JSON',
    toml: '[vars]\nURL = "http://a/?b=\\"c\\""\nLIMIT = 3\nLIST = ["x"]\n',
    has: ['name = "URL", text = "http://a/?b=\\"c\\""', 'name = "LIMIT", json = "3"', 'name = "LIST", json = "[\\"x\\"]"'],
    folders: [],
  },
  {
    name: 'the header of a client\u2019s address is not carried over',
    toml: '[vars]\nBELLHOP_CLIENT_IP_HEADER = "CF-Connecting-IP"\n',
    has: ['name = "BELLHOP_CLIENT_IP_HEADER", text = ""'],
    lacks: ['CF-Connecting-IP'],
    folders: [],
  },
  {
    name: 'variables of the caller win',
    toml: '[vars]\nURL = "old"\n',
    options: { vars: { URL: 'new', MORE: '1' } },
    has: ['name = "URL", text = "new"', 'name = "MORE", text = "1"'],
    lacks: ['"old"'],
    folders: [],
  },
  {
    name: 'secrets come from the environment, each once',
    toml: '[secrets]\nrequired = ["A", "B"]\n',
    options: { secrets: ['B', 'C'] },
    has: ['(name = "A", fromEnvironment = "A")', '(name = "C", fromEnvironment = "C")'],
    once: ['fromEnvironment = "B"'],
    folders: [],
  },
  {
    name: 'Durable Objects under keys that never change',
    toml: '[[durable_objects.bindings]]\nname = "ROOMS"\nclass_name = "Room"\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["Room"]\n',
    has: ['(name = "ROOMS", durableObjectNamespace = "Room")', '(className = "Room", uniqueKey = "shop-Room", enableSql = true)', 'localDisk = "disk-objects"'],
    folders: ['/var/lib/bellhop/objects'],
  },
  {
    name: 'D1 by the name of the database, whatever its id becomes',
    toml: '[[d1_databases]]\nbinding = "DB"\ndatabase_name = "main"\ndatabase_id = "0a1b"\n',
    has: ['"cloudflare-internal:d1-api"', 'props = (json = "{\\"database\\":\\"main\\"}")', 'bundled = "/workerd/d1.js"', 'name = "DATABASE"'],
    lacks: ['0a1b'],
    folders: ['/var/lib/bellhop/d1'],
  },
  {
    name: 'KV',
    toml: '[[kv_namespaces]]\nbinding = "MODELS"\n',
    has: ['kvNamespace = (name = "kv", props = (json = "{\\"namespace\\":\\"MODELS\\"}"))', 'name = "BLOBS", service = "disk-kv-blobs"'],
    folders: ['/var/lib/bellhop/kv-blobs', '/var/lib/bellhop/kv'],
  },
  {
    name: 'queues with dead letters; settings that are not set keep their defaults',
    toml: '[[queues.producers]]\nbinding = "Q"\nqueue = "events"\n[[queues.consumers]]\nqueue = "events"\nmax_batch_size = 50\ndead_letter_queue = "dead"\n[[queues.consumers]]\nqueue = "dead"\n',
    has: [
      'queue = (name = "queues", props = (json = "{\\"queue\\":\\"events\\"}"))',
      '\\"events\\":{\\"consumer\\":\\"app\\",\\"maxBatchSize\\":50,\\"deadLetterQueue\\":\\"dead\\"}',
      '\\"dead\\":{\\"consumer\\":\\"app\\"}',
      'service_binding_extra_handlers',
    ],
    lacks: ['maxRetries'],
    folders: ['/var/lib/bellhop/queues'],
  },
  { name: 'cron', toml: '[triggers]\ncrons = ["17 * * * *"]\n', has: ['{\\"app\\":[\\"17 * * * *\\"]}', 'bundled = "/workerd/cron.js"'], folders: ['/var/lib/bellhop/cron'] },
  {
    name: 'assets in front of the Worker, with their headers',
    toml: '[assets]\ndirectory = "public"\nbinding = "ASSETS"\nrun_worker_first = ["/api/*"]\n',
    options: { headers: '/w/*\n  Access-Control-Allow-Origin: *\n' },
    has: ['assets = (path = "/srv/public"', '\\"run_worker_first\\":[\\"/api/*\\"]', '\\"headers\\":\\"/w/*\\\\n', 'service = (name = "assets", entrypoint = "AssetWorker")', 'http = (), service = "assets"'],
    folders: [],
  },
];

for (const { name, toml, options, has = [], lacks = [], once = [], folders } of CASES) {
  test(name, () => {
    const config = generate(toml, options);
    for (const it of has) assert.ok(config.text.includes(it), `lacks ${it}\n${config.text}`);
    for (const it of lacks) assert.ok(!config.text.includes(it), `has ${it}\n${config.text}`);
    for (const it of once) assert.equal(config.text.split(it).length, 2, `not once: ${it}`);
    assert.deepEqual(config.folders, folders);
    assert.equal(complaint(config), undefined);
  });
}

const REFUSED = [
  ['R2', '[[r2_buckets]]\nbinding = "B"\nbucket_name = "b"\n', /r2_buckets/],
  ['a rate limit', '[[ratelimits]]\nname = "RL"\n', /ratelimits/],
  ['an object of another script', '[[durable_objects.bindings]]\nname = "X"\nclass_name = "X"\nscript_name = "other"\n', /another script/],
  ['an object without SQLite', '[[durable_objects.bindings]]\nname = "X"\nclass_name = "X"\n', /new_sqlite_classes/],
];
for (const [name, toml, reason] of REFUSED) {
  test(`refuses ${name}`, () => assert.throws(() => generate(toml), (error) => error instanceof Unsupported && reason.test(error.message)));
}

test('our own wrangler.toml is carried over whole', () => {
  const config = readConfig();
  const written = workerdConfig(config, OPTIONS);
  assert.equal(complaint(written), undefined);
  const names = [
    ...Object.keys(config.vars),
    ...config.secrets.required,
    ...config.durable_objects.bindings.map((it) => it.name),
    ...config.d1_databases.map((it) => it.binding),
    ...config.queues.producers.map((it) => it.binding),
    config.assets.binding,
  ];
  for (const name of names) assert.ok(written.text.includes(`(name = "${name}"`), name);
});

test('text that would break out of its quotes, or is not ASCII, arrives as it was', () => {
  const hard = 'a"b\\c\n\u00e9\u9000\t"); evil = ("';
  const config = generate('', { vars: { HARD: hard } });
  assert.equal(complaint(config), undefined);
  // Back through the grammar's own escapes.
  const bytes = [];
  const quoted = text(hard).slice(1, -1);
  for (const [whole, hex, char] of quoted.matchAll(/\\x(..)|\\(.)|./g)) bytes.push(hex ? parseInt(hex, 16) : (char ?? whole).charCodeAt(0));
  assert.equal(Buffer.from(bytes).toString('utf8'), hard);
});
