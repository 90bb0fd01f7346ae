// What `make start` reads from its environment.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { at, local } from '../lib/paths.mjs';
import { chosenBundle, settings } from '../lib/settings.mjs';

test('what is built is what is started: the quick bundle, or the one that is asked for', () => {
  assert.equal(chosenBundle({}), 'start');
  assert.equal(chosenBundle({ BELLHOP_BUNDLE: '' }), 'start');
  assert.equal(settings({ BELLHOP_BUNDLE: 'release' }).bundle, 'release');
  for (const path of ['scripts/start.mjs', 'scripts/lib/server.mjs']) {
    const source = readFileSync(at(path), 'utf8');
    assert.doesNotMatch(source, /BELLHOP_BUNDLE \|\||build\('/, `${path} chooses for itself`);
  }
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
  assert.throws(() => settings({ DEMO: '0', BELLHOP_URL: URL, ...inVars({ BELLHOP_DEMO: 1 }) }), /DEMO=0/);
});

test('further variables are texts for the Worker, and what they can\u2019t be is said before anything is built', () => {
  const { vars } = settings(inVars({ BELLHOP_LIMIT_FACTOR: 20, BELLHOP_LOOPBACK: false, A: true, B: 'b' }));
  assert.deepEqual(vars, { BELLHOP_DEMO: '1', BELLHOP_LOOPBACK: '', BELLHOP_LIMIT_FACTOR: '20', A: '1', B: 'b' });
  for (const text of ['{', '[]', 'null', '"x"', '{"A":null}', '{"A":{}}']) assert.throws(() => settings({ BELLHOP_VARS: text }), /BELLHOP_VARS/, text);
  for (const port of ['x', '0', '65536', '80.5']) assert.throws(() => settings({ PORT: port }), /is no port/, port);
});
