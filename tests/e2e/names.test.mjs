// What a public name may resolve to: whatever an owner has it say, no call goes to this machine or its network. The address itself
// cannot tell (src/core/outgoing.rs), so the platform's network is what is asked here, as `make start` sets it up: a library that is
// loaded before libc says what the names are, and counts what is connected to.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { at } from '../../scripts/lib/paths.mjs';
import { asks, shop } from './lib/bot.mjs';
import { until } from './lib/socket.mjs';
import { STATUS } from './lib/wire.mjs';
import { Visitor } from './lib/world.mjs';

const HIDDEN = {
  'loopback.example': '127.0.0.1',
  'loopback6.example': '::1',
  'mapped.example': '::ffff:127.0.0.1',
  'private.example': '10.0.0.1',
  'home.router.example': '192.168.1.1',
  'docker.example': '172.17.0.1',
  'local6.example': 'fd00::1',
  'link.example': 'fe80::1',
  'metadata.example': '169.254.169.254',
};
/** One that is public as well: the library sees the connection to that, and lets it fail. */
const MIXED = { 'mixed.example': '10.0.0.2 1.1.1.1' };
const INTENTS = [
  { id: 'order_status', title: { en: 'Where is my order?', zh: '订单到哪了' }, action: { url: 'https://loopback.example/orders' }, examples: ['where is my order'] },
  { id: 'refund_request', title: { en: 'A refund', zh: '退款' }, action: { url: 'https://metadata.example/latest' }, examples: ['i want a refund'] },
  { id: 'business_hours', title: { en: 'Opening hours', zh: '营业时间' }, answer: { en: 'Nine to five.', zh: '九点到五点。' }, examples: ['opening hours'] },
];

test('names that mean this machine or its network: nothing is connected, and the visitor hears of people', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bellhop-names-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [library, log] = [join(folder, 'names.so'), join(folder, 'log')];
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', library, at('tests/e2e/lib/names.c'), '-ldl']);
  const names = Object.entries({ ...HIDDEN, ...MIXED });
  const env = { LD_PRELOAD: library, NAMES: names.map((it) => it.join('=')).join(), NAMES_LOG: log };
  const { it, owner } = await shop(t, { intents: INTENTS, vars: { BELLHOP_LOOPBACK: '' }, env });
  const lines = (what) => readFileSync(log, 'utf8').split('\n').filter((line) => line.startsWith(`${what} `)).map((line) => line.slice(what.length + 1));
  const says = async (text, answer) => assert.match((await asks(await new Visitor(it).connect(), text)).text, answer);
  const answersBy = (responder) => owner.call('PATCH', '/bot', { responder });

  await Promise.all(['where is my order', 'i want a refund'].map(async (text) => {
    const v = await new Visitor(it).connect();
    assert.match((await asks(v, text)).text, /^I can't get an answer from our system/, text);
    await until('people to have it', () => v.all('state').at(-1)?.status === STATUS.OPEN);
  }));

  // A bot of the owner's own, and a language model: the built-in one answers in their place.
  const tried = [];
  for (const [name] of names) {
    await answersBy({ kind: 'webhook', url: `https://${name}/bot` });
    const { ok, reason } = (await owner.call('POST', '/bot/responder/try', { text: 'are you there' })).json;
    tried.push([name, ok, reason]);
  }
  assert.deepEqual(tried, names.map(([name]) => [name, false, 'unreached']));
  await answersBy({ kind: 'webhook', url: 'https://private.example/bot' });
  await says('opening hours', /^Nine to five\.$/);

  await owner.call('POST', '/faq/import', { faq: [{ locale: 'en', question: 'The red teapot', answer: 'The red teapot holds a litre of water.' }] });
  await answersBy({ kind: 'model', url: 'https://local6.example/v1', model: 'small-1', key: 'sk' });
  const asked = lines('asked').filter((name) => name === 'local6.example').length;
  await says('how much water does the red teapot hold', /^I('m not sure| can't answer that reliably)/);
  assert.ok(lines('asked').filter((name) => name === 'local6.example').length > asked, 'it was to be asked');

  assert.deepEqual([...new Set(lines('asked'))].sort(), names.map(([name]) => name).sort(), 'every name was looked up');
  assert.deepEqual(lines('connect'), ['1.1.1.1'], 'and only what is public was to be connected to');
});
