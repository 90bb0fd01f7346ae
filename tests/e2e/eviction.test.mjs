// The runtime takes an object out of memory after ten idle seconds and leaves its sockets open. Nobody may notice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asleep, BACKDOOR } from './lib/backdoor.mjs';
import { made } from './lib/counting.mjs';
import { frame, rawRoom } from './lib/raw.mjs';
import { until } from './lib/socket.mjs';
import { Agent, say, Visitor, world } from './lib/world.mjs';

test('INV-4: a conversation goes on over an eviction, on the sockets that were open', async (t) => {
  const it = await world(t, { entry: BACKDOOR });
  const visitor = new Visitor(it);
  const v = await visitor.connect({ encoding: 'proto' });
  const mei = await Agent.signIn(it, it.people.agents[0]);
  const one = await say(v, 'one', 'said-before-the-eviction');
  const desk = await mei.desk();
  const agent = await mei.connect(visitor.conversation);
  const claimed = await desk.ask({ claim: { clientId: 'c', conversation: visitor.conversation } }, 'assigned');
  const two = await say(agent, 'two');
  await v.next('message', (m) => m.seq === two.seq);
  v.send({ delivered: { seq: two.seq } });
  await agent.next('receipt', (r) => r.delivered === two.seq);
  const room = `Room ${visitor.conversation.replace('cnv_', '')}`;
  assert.equal(made(it.server, room), 1);
  const desks = made(it.server, 'Desk');

  // Heartbeats go on meanwhile: the runtime answers them itself, and they keep nothing awake.
  const beat = setInterval(() => [v, agent, desk].forEach((socket) => socket.raw('ping')), 2_000);
  await asleep(it, room, 'Desk');
  clearInterval(beat);
  assert.ok(v.all('pong').length >= 5 && agent.all('pong').length >= 5);

  const three = await say(v, 'three');
  assert.equal(made(it.server, room), 2, 'the Room was evicted and made again');
  assert.equal((await agent.next('message', (m) => m.text === 'three')).seq, three.seq);
  const four = await say(agent, 'four');
  await v.next('message', (m) => m.seq === four.seq);
  assert.deepEqual([three.seq, four.seq], [two.seq + 1, two.seq + 2]);
  const released = await desk.ask({ release: { clientId: 'r', conversation: visitor.conversation } }, 'assigned', (a) => a.clientId === 'r');
  assert.ok(released.assignmentEpoch > claimed.assignmentEpoch, 'the Desk remembers its epochs');
  assert.ok(made(it.server, 'Desk') > desks, 'the Desk was evicted, too');
  await v.next('state', (s) => s.assignmentEpoch === released.assignmentEpoch && !s.assignee);

  // The same client id as before the eviction is still the same message (INV-2).
  assert.equal((await say(v, 'one', 'said-before-the-eviction')).seq, one.seq);
  const late = await visitor.connect();
  assert.deepEqual(late.welcome.messages.filter((m) => m.text !== undefined).map((m) => m.text), ['one', 'two', 'three', 'four']);
  await until('everything in the history', async () => (await mei.call('GET', `/conversations/${visitor.conversation}/messages`)).json.messages.filter((m) => m.text).length === 4);
});

test('a socket that ended without its client is nobody after an eviction', async (t) => {
  const it = await world(t, { entry: BACKDOOR });
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'one');
  await v.close();
  const mei = await Agent.signIn(it, it.people.agents[0]);
  const agent = await mei.connect(visitor.conversation);
  const raw = await rawRoom(visitor);
  t.after(() => raw.destroy());
  raw.send({ hello: {} });
  await agent.next('presence', (p) => p.visitor);
  // Too large: the shim ends it with 1009. This client does not agree and keeps the line, so the runtime still lists it.
  raw.write(frame('x'.repeat(65_537)));
  await agent.next('presence', (p) => !p.visitor);
  assert.equal(await raw.over(), true);
  assert.equal(raw.closeCode, 1009);
  const room = `Room ${visitor.conversation.replace('cnv_', '')}`;
  const before = made(it.server, room);
  await asleep(it, room);
  const later = await mei.connect(visitor.conversation);
  assert.ok(made(it.server, room) > before, 'the Room was evicted and made again');
  assert.ok(!raw.line.destroyed, 'the line is still there');
  assert.ok(!later.welcome.presence.visitor, 'a visitor who is gone is shown as here');
});
