// INV-9 and INV-15: how often, by whom. A client that is over a limit is told when to come back, and neither headers of
// its own making nor another address in its own network make it another client.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Socket } from './lib/socket.mjs';
import { ADDRESS, Agent, DEMO_SITE, newAddress, request, Visitor, world } from './lib/world.mjs';

const SESSIONS = 60;
const BEGINNINGS = 100;
const SOCKETS = 240;
const ending = [];
let it;

before(async () => {
  it = await world({ after: (end) => ending.push(end) });
});
after(async () => {
  for (const end of ending) await end();
});

const session = (headers, token) => request(it, 'POST', '/v1/session', { body: { site: DEMO_SITE, token }, headers });

/** Asks until it is refused; how many were let through, and the refusal. */
async function exhaust(headers) {
  for (let n = 0; n <= SESSIONS; n++) {
    const answer = await session(headers(n));
    if (answer.status !== 200) return { passed: n, refused: answer };
  }
  assert.fail(`${SESSIONS + 1} were let through`);
}

test('INV-9: over the limit a client is told when to come back, and others are not', async () => {
  const address = newAddress();
  const { passed, refused } = await exhaust(() => ({ [ADDRESS]: address }));
  assert.equal(passed, SESSIONS);
  assert.equal(refused.status, 429);
  assert.equal(refused.json.code, 'rate_limited');
  const { retry_after_ms: wait } = refused.json;
  assert.ok(wait > 0 && wait <= 90_000, String(wait));
  assert.equal(Number(refused.headers.get('retry-after')), Math.ceil(wait / 1000));
  assert.equal(refused.headers.get('access-control-allow-origin'), it.url, 'the page may read it');
  assert.equal((await session({ [ADDRESS]: newAddress() })).status, 200);
});

// Its limit a minute is met first, and has to be waited for.
test('INV-9: who begins one conversation after the other is stopped for longer, and who comes back is not', { timeout: 180_000 }, async () => {
  const headers = { [ADDRESS]: newAddress() };
  let [began, last, refused] = [0, null, null];
  while (began <= BEGINNINGS) {
    const { status, json } = await session(headers);
    if (status === 200) [began, last] = [began + 1, json];
    else if (json.retry_after_ms > 90_000) [refused, began] = [json, began + BEGINNINGS];
    else await sleep(json.retry_after_ms);
  }
  assert.equal(began, 2 * BEGINNINGS, `${began} began`);
  assert.equal(refused.code, 'rate_limited');
  assert.ok(refused.retry_after_ms <= 20 * 60_000, String(refused.retry_after_ms));
  assert.equal((await session(headers, last.token)).status, 200, 'this is no beginning');
  assert.equal((await session({ [ADDRESS]: newAddress() })).status, 200, 'nor is it anybody else’s limit');
});

test('INV-15: no header but the trusted one makes another client', async () => {
  const address = newAddress();
  const { passed } = await exhaust((n) => ({
    [ADDRESS]: address,
    'x-forwarded-for': `192.0.2.${n}`,
    'x-real-ip': `192.0.2.${n}`,
    'cf-connecting-ip': `192.0.2.${n}`,
    'true-client-ip': `192.0.2.${n}`,
    forwarded: `for=192.0.2.${n}`,
    'x-bellhop-address': `192.0.2.${n}`,
  }));
  assert.equal(passed, SESSIONS);
});

test('INV-15: an IPv6 network is one client, and what a client writes before the proxy’s entry counts for nothing', async () => {
  const network = await exhaust((n) => ({ [ADDRESS]: `2001:db8:7:7:${n.toString(16)}::${n + 1}` }));
  assert.equal(network.passed, SESSIONS);
  assert.equal((await session({ [ADDRESS]: '2001:db8:7:8::1' })).status, 200, 'the next network');
  const address = newAddress();
  const list = await exhaust((n) => ({ [ADDRESS]: `192.0.2.${n}, ${address}` }));
  assert.equal(list.passed, SESSIONS);
});

test('INV-15: nor is every /64 of a whole /48 another client', async () => {
  // Of the limits by address the one with the longest window, so that a busy machine is not too slow for it.
  const most = 16 * 60;
  const look = (address) => request(it, 'POST', '/api/v1/links/look', { body: { token: 'none' }, address });
  const asked = Array.from({ length: most + 40 }, (_, n) => n);
  let passed = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    for (let n; (n = asked.pop()) !== undefined; ) if ((await look(`2001:db8:48:${n.toString(16)}::1`)).status !== 429) passed++;
  }));
  assert.equal(passed, most);
  assert.notEqual((await look('2001:db8:49::1')).status, 429, 'the next network');
});

test('INV-9: an agent may change and search twenty times a second; what only reads is not counted', async () => {
  const [lei, mei] = await Promise.all(it.people.agents.slice(0, 2).map((person) => Agent.signIn(it, person)));
  const began = Date.now();
  const calls = [['GET', '/search?q=hello'], ['PATCH', '/me', { name: 'Lei' }], ['GET', '/conversations?q=hello']];
  const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => lei.try(...calls[n % calls.length])));
  const seconds = (Date.now() - began) / 1_000;
  const passed = answers.filter(({ status }) => status === 200).length;
  const refused = answers.filter(({ status }) => status === 429);
  assert.equal(passed + refused.length, answers.length);
  assert.ok(passed >= 100 && passed <= 100 * (1 + Math.ceil(seconds / 5)) && refused.length > 0, `${passed} passed in ${seconds} s`);
  assert.ok(refused.every(({ json }) => json.code === 'rate_limited' && json.retry_after_ms <= 10_000), refused[0].text);
  const reads = await Promise.all(Array.from({ length: 150 }, () => lei.try('GET', '/conversations')));
  assert.ok(reads.every(({ status }) => status === 200));
  assert.equal((await mei.try('GET', '/search?q=hello')).status, 200, 'another agent');
});

test('INV-9: sockets are counted, too, and refused in a frame; a forged ticket does not even count', async () => {
  const visitor = new Visitor(it);
  await visitor.session();
  const path = `${it.url}/v1/rooms/${visitor.conversation}/socket`;
  const headers = { [ADDRESS]: visitor.address };
  const open = (ticket) => Socket.open(path, { ticket, origin: it.url, headers });
  for (let n = 0; n < 20; n++) await (await open(`${visitor.ticket.slice(0, -4)}AAAA`)).closed;
  let passed = 0;
  for (;;) {
    const socket = await open(visitor.ticket);
    socket.send({ hello: {} });
    const seen = await Promise.race([socket.next('welcome').then(() => true, () => false), socket.closed.then(() => false)]);
    if (!seen) {
      const { code } = await socket.closed;
      const error = socket.all('error').at(-1);
      assert.equal(code, 4029);
      assert.equal(error.code, 'rate_limited');
      assert.equal(error.retryable, true);
      assert.ok(error.retryAfterMs > 0 && error.retryAfterMs <= 90_000, String(error.retryAfterMs));
      break;
    }
    passed++;
    assert.ok(passed <= SOCKETS, `${passed} were let through`);
    await socket.close();
  }
  assert.equal(passed, SOCKETS);
});

test('INV-9: waiting until the counters would be asleep gains nothing', async () => {
  const address = newAddress();
  const headers = { [ADDRESS]: address };
  await exhaust(() => headers);
  // The runtime forgets the memory of an object that has had nothing to do for ten seconds.
  await new Promise((resolve) => setTimeout(resolve, 13_000));
  assert.equal((await session(headers)).status, 429);
});
