// INV-13 when the Desk is out of reach: what was decided stands, the answer is the usual one, and the Desk is told until
// it knows, by the request that decided it and by the cron after that.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKDOOR, failDesk, neighbour, sql, sweep } from './lib/backdoor.mjs';
import { Socket, until } from './lib/socket.mjs';
import { Agent, newAddress, request, say, Visitor, world } from './lib/world.mjs';

const owed = async (it) => (await sql(it, ['SELECT COUNT(*) AS n FROM pending_revocations']))[0][0].n;

/** The close codes of sockets that must end. */
const ends = (...sockets) => until('every socket to end', () => sockets.every(({ end }) => end) && sockets.map(({ end }) => end.code));

/** A visitor who talks, and the sockets of an agent who listens. */
async function scene(it) {
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'hello');
  const agent = await Agent.signIn(it, it.people.agents[0]);
  return { visitor, v, agent, room: await agent.connect(visitor.conversation), desk: await agent.desk() };
}

test('INV-13: a Desk that comes back hears of it from the request that decided it', async (t) => {
  const it = await world(t, { entry: BACKDOOR });
  const { visitor, v, agent, room, desk } = await scene(it);
  const owner = await Agent.signIn(it, it.people.owner);
  await failDesk(it, '/revoke');
  const [left, blocked] = await Promise.all([agent.call('POST', '/logout', {}), owner.call('POST', `/visitors/${visitor.id}/block`, {})]);
  assert.deepEqual([left.status, blocked.status], [204, 204], 'it is decided, and will be so');
  assert.equal((await request(it, 'GET', '/api/v1/me', { cookie: agent.cookie })).json.code, 'unauthorized');
  assert.equal(await owed(it), 2);
  assert.deepEqual([room.end, desk.end, v.end], [undefined, undefined, undefined], 'the Desk does not know');
  await failDesk(it, null);
  assert.deepEqual(await ends(room, desk, v), [4501, 4501, 4504]);
  await until('nothing to be owed', async () => (await owed(it)) === 0);
});

test('INV-13: a Desk that comes back too late for the request hears of it from the cron', async (t) => {
  const it = await world(t, { entry: BACKDOOR });
  const { visitor, agent } = await scene(it);
  const ticket = await agent.ticket();
  await failDesk(it, '/revoke');
  await agent.call('POST', '/logout_everywhere', {});
  // The process ends before the request could tell anybody; afterwards every Desk can be reached.
  await it.server.kill();
  await it.server.restart();
  assert.equal(await owed(it), 1);
  const open = async (path, hello) => {
    const socket = await Socket.open(`${it.url}${path}`, { ticket, origin: it.url, headers: { 'x-test-address': newAddress() } });
    socket.send(hello);
    return socket;
  };
  const [room, desk] = [await open(`/v1/rooms/${visitor.conversation}/socket`, { hello: {} }), await open('/v1/desk/socket', { deskHello: {} })];
  await Promise.all([room.next('welcome'), desk.next('deskWelcome')]);
  await sweep(it);
  assert.equal(await owed(it), 1, 'what is fresh is left to its request');
  await sql(it, ['UPDATE pending_revocations SET at = at - 60000']);
  await sweep(it);
  assert.deepEqual(await ends(room, desk), [4501, 4501]);
  assert.equal(await owed(it), 0);
  await sweep(it);
  assert.deepEqual(await ends(await open('/v1/desk/socket', { deskHello: {} })), [4501]);
});

const NEIGHBOUR = 'ws_nextdoornextdoor';
const ours = async (it) => (await sql(it, ['SELECT COUNT(*) AS n FROM pending_revocations WHERE workspace <> ?', NEIGHBOUR]))[0][0].n;

/** One word for our Desk, whose request is gone, behind `n` older ones for a neighbour's. */
async function owedBehind(it, n) {
  const { agent } = await scene(it);
  await neighbour(it);
  const numbers = Array.from({ length: n }, (_, number) => number);
  await sql(it, ...numbers.map((number) => ["INSERT INTO pending_revocations VALUES (?, ?, 'agt_nextdoornextdoor', 'agt_nextdoornextdoor', ?)", `next door ${number}`, NEIGHBOUR, number]));
  await failDesk(it, '/revoke');
  await agent.call('POST', '/logout_everywhere', {});
  await it.server.kill();
  await it.server.restart();
  await sql(it, ['UPDATE pending_revocations SET at = at - 60000 WHERE workspace <> ?', NEIGHBOUR]);
  assert.deepEqual([await owed(it), await ours(it)], [n + 1, 1]);
}

test('INV-13: a Desk that fails for ever does not starve the others', async (t) => {
  const it = await world(t, { entry: BACKDOOR });
  await owedBehind(it, 25);
  await failDesk(it, '/revoke', { only: NEIGHBOUR });
  await sweep(it);
  await sweep(it);
  assert.deepEqual([await owed(it), await ours(it)], [25, 0], 'only the other one is owed, and all of it');
  await failDesk(it, null);
  await sql(it, ['UPDATE pending_revocations SET at = at - 60000']);
  await sweep(it);
  await sweep(it);
  assert.equal(await owed(it), 0);
});

test('INV-13: a Desk that hangs holds up no other, and the sweep comes to its end', async (t) => {
  const it = await world(t, { entry: BACKDOOR });
  await owedBehind(it, 19);
  await failDesk(it, '/revoke', { only: NEIGHBOUR, hangs: true });
  const swept = sweep(it);
  // One that hangs is given up after ten seconds; told one after the other ours would be the last.
  await until('our Desk to be told', async () => (await ours(it)) === 0, 9_000);
  await swept;
  assert.equal(await owed(it), 19);
});
