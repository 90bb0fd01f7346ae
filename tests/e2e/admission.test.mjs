// A process that has few descriptors lets no more sockets in than they allow, says when to come back, and goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTING, made } from './lib/counting.mjs';
import { kind, Socket, until } from './lib/socket.mjs';
import { ADDRESS, Agent, request, say, Visitor, world } from './lib/world.mjs';

/** 0.13 × 200 = 26 for Rooms that are being woken, three each: eight. */
const DESCRIPTORS = 200;
const AWAKE = 8;

/** Opens a socket without expecting anything of it: what it was told and how it ended, or the open socket. */
async function knock(it, visitor) {
  if (!visitor.ticket) await visitor.session();
  const socket = await Socket.open(`${it.url}/v1/rooms/${visitor.conversation}/socket`, { ticket: visitor.ticket, origin: it.url, headers: { [ADDRESS]: visitor.address } });
  socket.send({ hello: {} });
  await until('an answer', () => socket.frames.length > 0 || socket.end);
  return socket;
}

test('INV-9: whoever has no place is told when to come back, wakes nobody, and comes in later', async (t) => {
  const it = await world(t, { entry: COUNTING, vars: { BELLHOP_DESCRIPTORS: String(DESCRIPTORS) } });
  const visitors = Array.from({ length: 40 }, () => new Visitor(it));
  // The knocks alone at once: Rooms that woke long before the last of them would sleep again, and let more in.
  for (const visitor of visitors) await visitor.session();
  const sockets = await Promise.all(visitors.map((visitor) => knock(it, visitor)));
  const inside = sockets.filter((socket) => kind(socket.frames[0]) === 'welcome');
  const outside = sockets.filter((socket) => !inside.includes(socket));
  assert.ok(inside.length > 0 && inside.length <= AWAKE, `${inside.length} came in`);
  assert.ok(made(it.server, 'Room') <= AWAKE, `${made(it.server, 'Room')} Rooms were woken`);

  const waits = new Set();
  for (const socket of outside) {
    const { code } = await socket.closed;
    const { error } = socket.frames[0];
    assert.deepEqual([error.code, error.retryable, code], ['overloaded', true, 4029]);
    assert.ok(error.retryAfterMs >= 5_000 && error.retryAfterMs <= 25_000, `${error.retryAfterMs}`);
    waits.add(error.retryAfterMs);
  }
  assert.ok(waits.size > outside.length / 2, 'each another time');
  // Agents come in at the Desk all the same.
  const desk = await (await Agent.signIn(it, it.people.agents[0])).desk();

  // Whoever is inside is served as ever, and so is whoever wants no socket.
  await say(inside[0], 'still here');
  assert.equal((await request(it, 'GET', '/widget.js')).status, 200);

  // By the time that they were told, the Rooms that woke sleep, and there is a place.
  const late = visitors[sockets.indexOf(outside[0])];
  await new Promise((resolve) => setTimeout(resolve, Math.min(...waits)));
  const welcome = await until('a place', async () => {
    const socket = await knock(it, late);
    return kind(socket.frames[0]) === 'welcome' ? socket : undefined;
  }, 120_000);
  await Promise.all([...inside, welcome, desk].map((socket) => socket.cut()));
});

test('a socket that ends makes room for another', async (t) => {
  const it = await world(t, { vars: { BELLHOP_DESCRIPTORS: '24' } });
  // 80 % are nine sockets; with one awake Room beside them it is less than 90 %.
  const visitor = new Visitor(it);
  const tabs = [];
  for (let tab = 0; tab < 9; tab++) tabs.push(await knock(it, visitor));
  const tenth = await knock(it, visitor);
  assert.deepEqual([tabs.map((socket) => kind(socket.frames[0])), tenth.frames[0].error?.code], [Array(9).fill('welcome'), 'overloaded']);
  await tabs[0].close();
  await until('the place to be free', async () => kind((await knock(it, visitor)).frames[0]) === 'welcome');
  await Promise.all(tabs.map((socket) => socket.cut()));
});

/** Longer than an object is awake, and counts as awake, after its last event. */
const asleep = () => new Promise((resolve) => setTimeout(resolve, 13_000));

/** Every tab has heard of the message, was told when to come back, and was shown out. */
async function sentAway(tabs, id) {
  for (const tab of tabs) {
    const { code } = await tab.closed;
    const { error } = tab.frames.at(-1);
    assert.deepEqual([error.code, error.retryable, code], ['overloaded', true, 4029]);
    assert.ok(error.retryAfterMs >= 5_000 && error.retryAfterMs <= 25_000, `${error.retryAfterMs}`);
    assert.deepEqual(tab.frames.filter((frame) => 'message' in frame || 'ack' in frame).map((frame) => Object.values(frame)[0].id), [id]);
  }
}

test('INV-1: where what wakes by itself has filled the process, a Room answers and then sends its clients away', async (t) => {
  const it = await world(t, { vars: { BELLHOP_DESCRIPTORS: '24' } });
  const visitor = new Visitor(it);
  const tabs = [];
  for (let tab = 0; tab < 9; tab++) tabs.push(await knock(it, visitor));
  // Nine sockets and two awake objects, the Room and the Desk that it asks for an agent, are the whole of it.
  const { id } = await say(tabs[0], 'is anybody there?');
  await sentAway(tabs, id);
  await asleep();
  const back = await knock(it, visitor);
  assert.deepEqual(back.frames[0].welcome.messages.map((entry) => entry.id), [id]);
  await back.cut();
});

test('INV-1: a Room that wakes in a full process answers first; the Desk keeps its agents', async (t) => {
  const it = await world(t, { vars: { BELLHOP_DESCRIPTORS: '24' } });
  const desk = await (await Agent.signIn(it, it.people.agents[0])).desk();
  await asleep();
  const visitor = new Visitor(it);
  const tabs = [];
  for (let tab = 0; tab < 8; tab++) tabs.push(await knock(it, visitor));
  await asleep();
  // The Desk is awake, and the Room is the second: that is all that there is.
  await desk.ask({ claim: { clientId: 'c', conversation: 'cnv_aaaaaaaaaaaaaaaaaaaaaaaa' } }, 'error');
  const { id } = await say(tabs[0], 'is anybody there?');
  await sentAway(tabs, id);
  assert.equal(desk.end, undefined);
  await desk.cut();
});
