// A conversation that stands still ends by itself on the real runtime, its visitor warned before; a killed server forgets neither.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo } from '../../scripts/lib/demo.mjs';
import { until } from './lib/socket.mjs';
import { Agent, say, Visitor, world } from './lib/world.mjs';

const IDLE_WARNED = 9;
const STATUS_CHANGED = 1;
const OPEN = 2;
const RESOLVED = 4;
const MINUTE = 60_000;
/** The shortest times that can be set are minutes; a slow machine may take another one. */
const PATIENCE = 4 * MINUTE;

test('who falls silent is warned, and then it is over: once, after a restart and with nobody there', async (t) => {
  const agents = [{ name: 'Mei', email: 'mei@example.com', password: 'three-lanterns-0' }];
  const it = await world(t, { seed: { ...demo, agents } });
  const owner = await Agent.signIn(it, demo.owner);
  const mei = await Agent.signIn(it, agents[0]);
  const visit = async (text) => {
    const visitor = new Visitor(it);
    const v = await visitor.connect();
    await say(v, text);
    return { visitor, v, conversation: visitor.conversation };
  };
  const [silent, waiting] = [await visit('hello'), await visit('is anybody there?')];
  const room = await mei.connect(silent.conversation);
  await say(room, 'have you tried turning it off and on?');
  const before = Date.now();

  // They stand still already when it is set: each is told.
  const refused = await owner.try('PATCH', '/routing', { idle_minutes: 5 });
  assert.deepEqual([refused.status, refused.json.field], [400, 'idle_warning_minutes'], 'the warning comes before the end');
  const { json } = await owner.call('PATCH', '/routing', { idle_minutes: 2, idle_warning_minutes: 1 });
  assert.deepEqual([json.routing.idle_minutes, json.routing.idle_warning_minutes, json.live], [2, 1, true]);

  const warned = await until('a warning', () => silent.v.all('message').find((m) => m.activity?.kind === IDLE_WARNED), PATIENCE);
  const { at, activity } = warned;
  assert.equal(Number(activity.endsAt) - Number(at), MINUTE);
  assert.ok(Number(at) >= before + MINUTE - 1_000, 'not before its time');
  assert.ok(room.all('message').some((m) => m.activity?.kind === IDLE_WARNED), 'agents see it, too');

  await it.server.kill();
  await it.server.restart();
  // Nobody looks: the alarm alone ends it.
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(activity.endsAt) - Date.now())));
  await until('its end in the history', async () => {
    const { json } = await mei.call('GET', `/conversations/${silent.conversation}`);
    return json.conversation?.status === 'resolved';
  }, PATIENCE);
  const again = await silent.visitor.connect();
  assert.equal(again.welcome.state.status, RESOLVED);
  assert.equal(again.welcome.messages.filter((m) => m.activity?.kind === IDLE_WARNED).length, 1, 'warned once');
  const back = await mei.connect(silent.conversation);
  const ends = back.privateWelcome.messages.filter((m) => m.activity?.kind === STATUS_CHANGED);
  assert.deepEqual(ends.map((m) => [m.activity.status, m.activity.reason, m.activity.actor]), [[RESOLVED, 'idle', undefined]], 'ended once');
  assert.ok(Number(ends[0].at) >= Number(activity.endsAt), 'not before what was said');

  const other = await waiting.visitor.connect();
  assert.equal(other.welcome.state.status, OPEN, 'whoever waits is not cut short');
  assert.equal(other.welcome.messages.length, 1);
  await say(again, 'it works, thanks');
  await until('it is open again', () => again.all('state').at(-1)?.status === OPEN);
});
