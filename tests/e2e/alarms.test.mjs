// INV-12 where nobody waits: the work of an alarm fails more often in a row than the platform would try it, which forgets one that has failed six times
// after the first. What it was set for comes about all the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildWorker } from '../../scripts/lib/worker.mjs';
import { deskOf, fail, failed, FAILING_ALARMS, mend } from './lib/failing-alarms.mjs';
import { until } from './lib/socket.mjs';
import { AVAILABILITY, STATUS } from './lib/wire.mjs';
import { Agent, say, Visitor, world } from './lib/world.mjs';

const TIMES = 8;
/** So much longer than what waits for a timer of the process (`TIMER_MAX`) that it is the alarm that tells the history. */
const EVENTS_DELAY_MS = 12_000;
const SNOOZE_MS = 3_000;
/** The shortest that there is. */
const RING_SECONDS = 5;
/** The shorter `BACKOFF` of src/core/limits/mod.rs: not before then an order that has failed is given again. */
const AGAIN_MS = 2_000;

const ending = [];
let it;
let mei;
let desk;
let deskAlarm;

before(async () => {
  await buildWorker('panics');
  it = await world({ after: (end) => ending.push(end) }, { entry: FAILING_ALARMS, profile: 'panics', vars: { BELLHOP_EVENTS_DELAY_MS: String(EVENTS_DELAY_MS) } });
  mei = await Agent.signIn(it, it.people.agents[0]);
  desk = await mei.desk();
  deskAlarm = `Desk.alarm ${await deskOf(it, mei.me.workspace.id)}`;
});
after(async () => {
  for (const end of ending) await end();
});

/** A conversation, and what its Room's handlers are called. */
async function conversation() {
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  const id = visitor.conversation;
  return { v, id, place: (handler) => `Room.${handler} ${id.replace('cnv_', '')}` };
}

/** What is not due before a time does not come while an alarm fails, so often in a row, and does afterwards. */
async function comes(alarm, due, what, look) {
  await until(`${TIMES} failures of the alarm for ${what}`, async () => {
    assert.ok(!(await look()), `${what} came without an alarm`);
    return (await failed(it, alarm)).filter((at) => at >= due).length >= TIMES;
  });
  await mend(it);
  await until(what, look);
}

test('INV-12: the Desk’s alarm fails eight times in a row: what rings in vain ends all the same', async () => {
  const owner = await Agent.signIn(it, it.people.owner);
  await owner.call('PATCH', '/routing', { method: 'round_robin', ring_seconds: RING_SECONDS });
  desk.next('probe').then(({ id }) => desk.send({ probeAnswer: { probe: id, available: true } }));
  desk.send({ setAvailability: { availability: AVAILABILITY.ONLINE } });
  const { v, id } = await conversation();
  await fail(it, deskAlarm);
  await say(v, 'hello?');
  const { assignmentEpoch, ringUntil } = await desk.next('assigned', (a) => a.conversation === id);
  await comes(deskAlarm, ringUntil, 'the end of the ring', () => desk.all('deskUpdate').some(({ rows }) => rows.some((row) => row.conversation === id && row.assignmentEpoch > assignmentEpoch)));
  await owner.call('PATCH', '/routing', { method: 'manual' });
  await v.close();
});

test('INV-12: the Desk’s alarm fails eight times in a row: a Room that could not be told is told all the same', async () => {
  const { v, id, place } = await conversation();
  await say(v, 'who helps?');
  await desk.next('deskUpdate', ({ rows }) => rows.some((row) => row.conversation === id));
  await fail(it, place('fetch'));
  await fail(it, deskAlarm);
  const due = Date.now() + AGAIN_MS;
  await desk.ask({ claim: { clientId: 'c', conversation: id } }, 'assigned', (a) => a.clientId === 'c');
  await comes(deskAlarm, due, 'the assignment in the Room', () => v.all('state').some(({ assignee }) => assignee?.id === mei.me.id));
  await v.close();
});

test('INV-12: a Room’s alarm fails eight times in a row: a snooze ends all the same', async () => {
  const { v, id, place } = await conversation();
  await say(v, 'later, please');
  const agent = await mei.connect(id);
  await fail(it, place('alarm'));
  const snoozedUntil = Date.now() + SNOOZE_MS;
  await agent.ask({ setStatus: { status: STATUS.SNOOZED, snoozedUntil, clientId: 's' } }, 'done', (done) => done.clientId === 's');
  await comes(place('alarm'), snoozedUntil, 'the end of the snooze', () => v.all('state').slice(-2).map(({ status }) => status).join() === [STATUS.SNOOZED, STATUS.OPEN].join());
  await Promise.all([v.close(), agent.close()]);
});

test('INV-12: a Room’s alarm fails eight times in a row: what was said gets to the history all the same', async () => {
  const { v, id, place } = await conversation();
  await fail(it, place('alarm'));
  const due = Date.now() + EVENTS_DELAY_MS * 3 / 4;
  await say(v, 'for the history');
  await comes(place('alarm'), due, 'the message in the history', async () => (await mei.try('GET', `/conversations/${id}/messages`)).text.includes('for the history'));
  await v.close();
});
