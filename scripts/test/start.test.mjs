// What `make start` reads from its environment, and what it puts into whose store.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { build } from '../lib/build.mjs';
import { ensureBot } from '../lib/demo-bot.mjs';
import { hasDemo, putDemo } from '../lib/demo.mjs';
import { at, local } from '../lib/paths.mjs';
import { checkNumbers, chosenBundle, settings } from '../lib/settings.mjs';

test('what is built is what is started: the quick bundle, or the one that is asked for', () => {
  assert.equal(chosenBundle({}), 'start');
  assert.equal(chosenBundle({ BELLHOP_BUNDLE: '' }), 'start');
  assert.equal(settings({ BELLHOP_BUNDLE: 'release' }).bundle, 'release');
  for (const path of ['scripts/start.mjs', 'scripts/lib/server.mjs']) {
    const source = readFileSync(at(path), 'utf8');
    assert.doesNotMatch(source, /BELLHOP_BUNDLE \|\||build\('/, `${path} chooses for itself`);
  }
});

test('what is built ahead is all that takes long, and nothing that a running server serves', async () => {
  const made = new Set();
  const making = (name, gives) => async () => (made.has(name) ? (Array.isArray(gives) ? [] : false) : (made.add(name), gives));
  const worker = making('worker', true);
  const trainer = making('trainer', true);
  const makers = { tools: () => ({}), worker, trainer, front: async () => (await trainer(), making('front', ['console'])()) };
  await build('start', 'ahead', makers);
  assert.deepEqual([...made], ['worker', 'trainer']);
  assert.deepEqual(await build('start', undefined, makers), { worker: false, front: ['console'] });
  // Neither writes where the static files are.
  for (const path of ['scripts/lib/worker.mjs', 'scripts/lib/trainer.mjs']) assert.doesNotMatch(readFileSync(at(path), 'utf8'), /at\('public/, path);
});

test('without a word it is this machine, with the demo', () => {
  assert.deepEqual(settings({}), { port: 8787, store: local('store'), bundle: 'start', withDemo: true, watching: true, outside: false, vars: { BELLHOP_DEMO: '1', BELLHOP_LOOPBACK: '1' } });
  assert.deepEqual(settings({ PORT: '9000', DEMO: '0', WATCH: '0', BELLHOP_STORE: '/s' }), { port: 9000, store: '/s', bundle: 'start', withDemo: false, watching: false, outside: false, vars: { BELLHOP_DEMO: '', BELLHOP_LOOPBACK: '1' } });
});

const URL = 'https://chat.example.com';
const HERE = 'http://localhost:9000';
const inVars = (vars) => ({ BELLHOP_VARS: JSON.stringify(vars) });
const PLACES = [
  { env: { BELLHOP_URL: URL }, url: URL, outside: true },
  { env: inVars({ BELLHOP_URL: URL }), url: URL, outside: true },
  { env: { BELLHOP_URL: HERE, ...inVars({ BELLHOP_URL: URL }) }, url: URL, outside: true },
  { env: { BELLHOP_URL: URL, ...inVars({ BELLHOP_URL: HERE }) }, url: HERE, outside: false },
  { env: { BELLHOP_URL: HERE }, url: HERE, outside: false },
  { env: { BELLHOP_URL: 'http://localhost.example.com' }, url: 'http://localhost.example.com', outside: true },
  { env: { BELLHOP_URL: '', ...inVars({ BELLHOP_URL: '' }) }, url: undefined, outside: false },
];
for (const { env, url, outside } of PLACES) {
  test(`the address is what the Worker is told: ${JSON.stringify(env)}`, () => {
    const said = settings({ DEMO: '0', ...env });
    assert.deepEqual([said.vars.BELLHOP_URL, said.outside, said.vars.BELLHOP_LOOPBACK], [url, outside, outside ? '' : '1']);
    if (outside) assert.throws(() => settings(env), /DEMO=0/);
    else assert.ok(settings(env).withDemo);
  });
}

test('the demo shop is not shown to others, whoever switches it on', () => {
  const shown = (value) => settings({ DEMO: '0', BELLHOP_URL: URL, ...inVars({ BELLHOP_DEMO: value }) });
  for (const on of ['1', 1, true, 'true']) assert.throws(() => shown(on), /DEMO=0/);
  for (const off of ['', '0', 0, false]) shown(off);
});

test('further variables are texts for the Worker, and what they can\u2019t be is said before anything is built', () => {
  const { vars } = settings(inVars({ BELLHOP_LIMIT_FACTOR: 20, BELLHOP_LOOPBACK: false, A: true, B: 'b' }));
  assert.deepEqual(vars, { BELLHOP_DEMO: '1', BELLHOP_LOOPBACK: 'false', BELLHOP_LIMIT_FACTOR: '20', A: 'true', B: 'b' });
  for (const text of ['{', '[]', 'null', '"x"', '{"A":null}', '{"A":{}}']) assert.throws(() => settings({ BELLHOP_VARS: text }), /BELLHOP_VARS/, text);
  for (const port of ['x', '0', '65536', '80.5']) assert.throws(() => settings({ PORT: port }), /is no port/, port);
});

test('a number that is none is said before anything is built or uploaded', () => {
  for (const vars of [undefined, {}, { BELLHOP_LIMIT_FACTOR: 20, BELLHOP_EVENTS_DELAY_MS: '1100', BELLHOP_DESCRIPTORS: '' }, { ANOTHER: '2m' }]) checkNumbers(vars);
  for (const value of ['2m', 1.5, -1, true, '1 000', 2 ** 32]) assert.throws(() => checkNumbers({ BELLHOP_EVENTS_DELAY_MS: value }), /BELLHOP_EVENTS_DELAY_MS=.* must be a whole number/);
  assert.throws(() => settings(inVars({ BELLHOP_LIMIT_FACTOR: 'x' })), /BELLHOP_LIMIT_FACTOR=x/);
  const guarded = /const NUMBERS: .*? = \[(.*)\];/.exec(readFileSync(at('src/edge/config.rs'), 'utf8'))[1].match(/BELLHOP_\w+/g);
  for (const name of guarded) assert.throws(() => checkNumbers({ [name]: '2m' }), /whole number/, name);
});

/** A server that answers the seeding so, with a store that is empty. */
async function seeding(t, status) {
  const store = mkdtempSync(join(tmpdir(), 'bellhop-demo-'));
  const marked = [];
  const server = createServer((_, response) => {
    marked.push(hasDemo(store));
    response.writeHead(status).end('{"created":true}');
  });
  t.after(() => (server.close(), rmSync(store, { recursive: true, force: true })));
  const port = await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
  return { url: `http://127.0.0.1:${port}`, store, secrets: { BELLHOP_OPS_KEY: 'k' }, marked };
}

test('a store says that the demo is in it before it is', async (t) => {
  const it = await seeding(t, 200);
  assert.equal(hasDemo(it.store), false);
  assert.deepEqual(await putDemo(it), { created: true });
  assert.deepEqual([it.marked, hasDemo(it.store)], [[true], true]);
  const broken = await seeding(t, 503);
  await assert.rejects(putDemo(broken), /503/);
  assert.ok(hasDemo(broken.store), 'nobody knows whether it is');
});

test('a workspace of one\u2019s own gets no demo beside it, and the store stays fit for others', async (t) => {
  const it = await seeding(t, 409);
  await assert.rejects(putDemo(it), /workspace of its own.*DEMO=0/);
  assert.equal(hasDemo(it.store), false);
});

/** A console's API in a thread of its own that ends each connection after a second and says so to nobody; `refuses`: models. */
async function api(t, { refuses = false, hasModel = false } = {}) {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const answers = {
      'GET /api/v1/bot': { model: workerData.hasModel ? { version: 1 } : null },
      'GET /api/v1/intents': { intents: [], revision: 7 },
      'POST /api/v1/bot/signing-secret': { secret: 'whsec_x' },
    };
    const server = require('node:http').createServer((request, response) => {
      const of = request.method + ' ' + request.url.split('?')[0];
      request.resume().on('end', () => {
        parentPort.postMessage(of);
        response.on('finish', () => setTimeout(() => request.socket.destroy(), 1000));
        response.writeHead(workerData.refuses && of.endsWith('models') ? 503 : 200, { connection: 'keep-alive' }).end(JSON.stringify(answers[of] ?? {}));
      });
    });
    server.keepAliveTimeout = 0;
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  `;
  const worker = new Worker(code, { eval: true, workerData: { refuses, hasModel } });
  const store = mkdtempSync(join(tmpdir(), 'bellhop-bot-'));
  t.after(() => (rmSync(store, { recursive: true, force: true }), worker.terminate()));
  const port = await new Promise((resolve) => worker.once('message', resolve));
  const asked = [];
  worker.on('message', (it) => asked.push(it));
  const learning = () => (Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500), { model: new Uint8Array(9), accuracy: 90, examples: 3 });
  const said = [];
  for (const to of ['log', 'error']) t.mock.method(console, to, (line) => said.push(line));
  const ensure = () => ensureBot({ url: `http://127.0.0.1:${port}`, origin: 'http://localhost', owner: {}, store, learning });
  return { ensure, asked, said, store };
}

test('the demo’s bot is taught on a machine on which learning takes longer than a connection lasts', async (t) => {
  const { ensure, asked, said, store } = await api(t);
  await ensure();
  assert.deepEqual(asked.map((it) => it.replace('/api/v1', '')), ['POST /login', 'GET /bot', 'POST /intents/import', 'GET /intents', 'POST /bot/signing-secret', 'PATCH /bot', 'POST /bot/models']);
  assert.match(said.at(-1), /^✓ The demo’s bot learns/);
  assert.equal(JSON.parse(readFileSync(join(store, 'shop.json'), 'utf8')).secret, 'whsec_x');
  await ensure();
  assert.equal(asked.length, 7, 'once');
});

test('a bot of the demo’s that learnt nothing is told as such, and taught by the next start', async (t) => {
  const { ensure, asked, said } = await api(t, { refuses: true });
  await ensure();
  assert.match(said.at(-2), /^✗ The demo’s bot learns/);
  assert.match(said.at(-1), /the next start tries again: POST \/bot\/models.*: 503/);
  await ensure();
  assert.equal(asked.length, 14);
  const taught = await api(t, { hasModel: true });
  await taught.ensure();
  assert.deepEqual([taught.asked.length, taught.said], [2, []], 'nor one that learnt of somebody else');
});
