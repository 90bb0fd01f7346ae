// The runtime takes an object out of memory after ten idle seconds and leaves its sockets open. Nobody may notice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './lib/socket.mjs';
import { Agent, say, Visitor, world } from './lib/world.mjs';

/** Before the bundle: says whenever an object is made, which is how a test knows that it was gone. */
const COUNTING = `
import app, * as all from 'index.js';
const counted = (name) => new Proxy(all[name], {
  construct(target, args, self) {
    console.log('made ' + name + ' ' + args[0].id);
    return Reflect.construct(target, args, self);
  },
});
export const Room = counted('Room');
export const Desk = counted('Desk');
export const Limiter = counted('Limiter');
export default app;
`;

/** workerd evicts after ten seconds without an event. */
const IDLE_MS = 12_500;

test('INV-4: a conversation goes on over an eviction, on the sockets that were open', async (t) => {
  const it = await world(t, { entry: COUNTING });
  const made = (what) => it.server.output().split(`made ${what}`).length - 1;
  const visitor = new Visitor(it);
  const v = await visitor.connect({ encoding: 'proto' });
  const mei = await Agent.signIn(it, it.people.agents[0]);
  await say(v, 'one');
  const desk = await mei.desk();
  const agent = await mei.connect(visitor.conversation);
  const claimed = await desk.ask({ claim: { clientId: 'c', conversation: visitor.conversation } }, 'assigned');
  const two = await say(agent, 'two');
  await v.next('message', (m) => m.seq === two.seq);
  v.send({ delivered: { seq: two.seq } });
  await agent.next('receipt', (r) => r.delivered === two.seq);
  const room = `Room ${visitor.conversation.replace('cnv_', '')}`;
  assert.equal(made(room), 1);
  const desks = made('Desk');

  // Heartbeats go on meanwhile: the runtime answers them itself, and they keep nothing awake.
  const beat = setInterval(() => [v, agent, desk].forEach((socket) => socket.raw('ping')), 2_000);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  clearInterval(beat);
  assert.ok(v.all('pong').length >= 5 && agent.all('pong').length >= 5);

  const three = await say(v, 'three');
  assert.equal(made(room), 2, 'the Room was evicted and made again');
  assert.equal((await agent.next('message', (m) => m.text === 'three')).seq, three.seq);
  const four = await say(agent, 'four');
  await v.next('message', (m) => m.seq === four.seq);
  assert.deepEqual([three.seq, four.seq], [two.seq + 1, two.seq + 2]);
  const released = await desk.ask({ release: { clientId: 'r', conversation: visitor.conversation } }, 'assigned', (a) => a.clientId === 'r');
  assert.ok(released.assignmentEpoch > claimed.assignmentEpoch, 'the Desk remembers its epochs');
  assert.ok(made('Desk') > desks, 'the Desk was evicted, too');
  await v.next('state', (s) => s.assignmentEpoch === released.assignmentEpoch && !s.assignee);

  // The same client id as before the eviction is still the same message.
  const again = await say(v, 'one', 'same-id-over-eviction');
  assert.equal((await say(v, 'one', 'same-id-over-eviction')).seq, again.seq);
  const late = await visitor.connect();
  assert.deepEqual(late.welcome.messages.filter((m) => m.text !== undefined).map((m) => m.text), ['one', 'two', 'three', 'four', 'one']);
  await until('everything in the history', async () => (await mei.call('GET', `/conversations/${visitor.conversation}/messages`)).json.messages.filter((m) => m.text).length === 5);
});
