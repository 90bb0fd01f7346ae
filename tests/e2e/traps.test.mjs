// A trap (an exhausted stack or memory) ends the whole module: every object starts anew with its next event, nobody goes on with half
// of what there was to tell, and nothing that was acknowledged is lost.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { at as under } from '../../scripts/lib/paths.mjs';
import { buildWorker } from '../../scripts/lib/worker.mjs';
import { PANICKING } from './lib/panicking.mjs';
import { until } from './lib/socket.mjs';
import { Agent, message, ok, say, Visitor, world } from './lib/world.mjs';

const RESTART = 4000;
const ending = [];
let it;
let mei;
before(async () => {
  await buildWorker('panics');
  it = await world({ after: (end) => ending.push(end) }, { entry: PANICKING, profile: 'panics' });
  mei = await Agent.signIn(it, it.people.agents[0]);
});
after(async () => {
  for (const end of ending) await end();
});

const hook = async (what, query = {}) => (await ok(it, 'GET', `/v1/test/${what}?${new URLSearchParams(query)}`)).json;
const idOf = (visitor) => visitor.conversation.replace('cnv_', '');
const sprung = (at) => until(`the trap at ${at}`, async () => !(await hook('left')).length);
const ended = (...sockets) => until('every socket to be sent away', () => sockets.every(({ end }) => end) && sockets.map(({ end }) => end.code));

/** A visitor who has said something, an agent in the Room, a console. */
async function scene() {
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'one');
  return { visitor, v, agent: await mei.connect(visitor.conversation), desk: await mei.desk() };
}

for (const point of ['message', 'write', 'carry_out']) {
  test(`a trap in a Room, at ${point}: with their next event all who were there come again, and the message is there once`, async () => {
    const { visitor, v, agent, desk } = await scene();
    const at = `Room.${point} ${idOf(visitor)}`;
    await hook('panic', { at: `trap ${at}` });
    v.send(message('two', 'name'));
    await sprung(at);
    // One event, and it is whole: not a second one that runs into memory which is gone.
    agent.send({ typing: { on: true } });
    assert.deepEqual(await ended(v, agent), [RESTART, RESTART]);
    desk.send({ setAvailability: { availability: 'ONLINE' } });
    assert.deepEqual(await ended(desk), [RESTART]);
    const back = await visitor.connect();
    const { seq } = await say(back, 'two', 'name');
    assert.equal(seq, 2);
    const there = await mei.connect(visitor.conversation);
    assert.deepEqual(there.welcome.messages.filter((m) => m.text !== undefined).map((m) => m.text), ['one', 'two']);
    const { seq: next } = await say(back, 'three');
    await there.next('message', (m) => m.seq === next);
    await Promise.all([back.close(), there.close()]);
  });
}

test('a trap in a Desk: a console that goes on would miss what it had to tell', async () => {
  const { v, desk } = await scene();
  await hook('panic', { at: 'trap Desk.message' });
  desk.send({ setAvailability: { availability: 'ONLINE' } });
  await sprung('Desk.message');
  const newcomer = new Visitor(it);
  const n = await newcomer.connect();
  await say(n, 'somebody new');
  assert.deepEqual(await ended(desk), [RESTART]);
  const again = await mei.desk();
  const rows = again.all('deskWelcome').flatMap((it) => it.rows);
  assert.ok(rows.some((row) => row.conversation === newcomer.conversation), 'the console has who came meanwhile');
  await Promise.all([v, n, again].map((socket) => socket.close()));
});

test('the shim says what the core says', () => {
  const [, code, reason] = /CloseCode::Restart => \((\d+), "(\w+)"\)/.exec(readFileSync(under('src/core/error.rs'), 'utf8'));
  assert.ok(readFileSync(under('scripts/worker-shim.js'), 'utf8').includes(`const RESTART = [${code}, '${reason}'];`));
  assert.equal(Number(code), RESTART);
});
