// INV-9: nothing costly before the gate. What is refused, or says nothing, leaves no object and no row behind.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rows } from '../chaos/lib/rows.mjs';
import { COUNTING, made } from './lib/counting.mjs';
import { Socket } from './lib/socket.mjs';
import { Agent, DEMO_SITE, newAddress, request, say, Visitor, world } from './lib/world.mjs';

const ROUNDS = 100;

/** Rooms and Desks that keep anything: reading alone makes the platform open a file, so an empty one is no store. */
function stores({ server }) {
  const found = new Set();
  for (const kind of ['bellhop-Room', 'bellhop-Desk']) {
    for (const [name, bytes] of readFolder(join(server.store, 'objects', kind))) {
      const [id] = name.split('.');
      if (id !== 'metadata' && /CREATE (VIRTUAL )?TABLE/i.test(bytes)) found.add(id);
    }
  }
  return [...found].sort();
}

/** Names and contents of a folder in which SQLite works: a journal that is gone before it is read has changed another file, so all is read again. */
function readFolder(folder) {
  for (;;) {
    try {
      return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
}

/** A conversation's id that nobody has, and a ticket that nobody signed. */
const NOBODY = `cnv_${'ab'.repeat(32)}`;
const FORGED = `${Buffer.from('{"alg":"HS256","typ":"bh-ticket+jwt"}').toString('base64url')}.${Buffer.from('{"aud":"bellhop"}').toString('base64url')}.${'A'.repeat(43)}`;

async function refusedSocket(it, path, options) {
  const socket = new Socket(`${it.url}${path}`, { origin: it.url, headers: { 'x-test-address': newAddress() }, ...options });
  const opened = await socket.opened.then(() => true, () => false);
  if (opened) await socket.closed;
}

test('INV-9: refused requests wake no Room and no Desk', async (t) => {
  const it = await world(t, { entry: COUNTING });
  const woken = () => [made(it.server, 'Room'), made(it.server, 'Desk')];
  const before = woken();
  // Of a conversation that there could be: its session wakes nothing, and what the platform has never made can't be woken at all.
  const { conversation: unwoken } = await new Visitor(it).session();
  for (let round = 0; round < ROUNDS; round++) {
    for (const conversation of [NOBODY, unwoken]) {
      await refusedSocket(it, `/v1/rooms/${conversation}/socket`, { ticket: FORGED });
      await refusedSocket(it, `/v1/rooms/${conversation}/socket`, { ticket: 'x'.repeat(9_000) });
      await refusedSocket(it, `/v1/rooms/${conversation}/socket`, {});
    }
    await refusedSocket(it, '/v1/desk/socket', { ticket: FORGED });
    const address = newAddress();
    const refused = [
      await request(it, 'POST', '/v1/session', { address, origin: 'https://evil.example', body: { site: DEMO_SITE } }),
      await request(it, 'POST', '/v1/session', { address, body: { site: 'site_aaaaaaaaaaaaaaaa' } }),
      await request(it, 'POST', '/v1/session', { address, body: `{"site":"${'s'.repeat(300_000)}"}` }),
      await request(it, 'POST', '/api/v1/login', { address, body: '{"email":' }),
      await request(it, 'GET', '/api/v1/conversations', { address }),
      await request(it, 'POST', '/ops/v1/seed', { address, body: {} }),
    ];
    for (const answer of refused) assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text}`);
  }
  assert.deepEqual(woken(), before);
  await new Visitor(it).connect();
  assert.equal(woken()[0], before[0] + 1, 'a good ticket does wake one: the count is alive');
});

test('INV-9: a visitor who has written nothing is nowhere on disk; the first message makes one Room', async (t) => {
  const it = await world(t);
  const mei = await Agent.signIn(it, it.people.agents[0]);
  const before = stores(it);
  const visitor = new Visitor(it);
  const socket = await visitor.connect();
  socket.send({ typing: { on: true, preview: 'hm' } });
  socket.send({ identify: { name: 'Ada', attributes: { plan: 'gold' } } });
  await socket.ask({ page: {} }, 'page');
  assert.deepEqual(stores(it), before, 'hello, typing and a name are not a message');
  assert.deepEqual((await mei.call('GET', '/conversations')).json.conversations, []);
  await say(socket, 'now I do');
  assert.ok(stores(it).includes(visitor.conversation.slice(4)));
  await socket.close();
});

test('INV-9: an agent who knocks at what does not exist leaves nothing at the Desk', async (t) => {
  const it = await world(t);
  const lei = await Agent.signIn(it, it.people.agents[0]);
  const [there, nobody] = [new Visitor(it), new Visitor(it)];
  const v = await there.connect();
  await say(v, 'hello');
  await nobody.session();
  const room = await lei.connect(there.conversation);
  const ticket = await lei.ticket();
  const knock = (conversation) => refusedSocket(it, `/v1/rooms/${conversation}/socket`, { ticket });
  // A conversation that nobody has begun, twice at once; one that no deployment of ours has made.
  await Promise.all([knock(nobody.conversation), knock(nobody.conversation), knock(NOBODY)]);
  await it.server.kill();
  assert.deepEqual(rows(it.server.store).attached.map((row) => row.conversation), [there.conversation]);
  await Promise.all([room.cut(), v.cut()]);
});
