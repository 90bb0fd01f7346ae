// INV-12: a panic stays in its request. One is put into every place of the Worker and of each kind of object that contains them,
// which the last test takes from the sources; the caller is told at once, a neighbour keeps its memory, the log its rows, and the same
// Room works on.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { at as under } from '../../scripts/lib/paths.mjs';
import { buildWorker, bundle } from '../../scripts/lib/worker.mjs';
import { trained } from './lib/model.mjs';
import { PANICKING } from './lib/panicking.mjs';
import { Socket, until } from './lib/socket.mjs';
import { ADDRESS, Agent, message, newAddress, ok, request, say, Visitor, world } from './lib/world.mjs';

/** An answer that takes longer is a hang. */
const QUICK_MS = 15_000;
const MARKER = 'a test asked for this panic';
const ending = [];
let it;
let mei;
let neighbour;
let awake;

before(async () => {
  await buildWorker('panics');
  it = await world({ after: (end) => ending.push(end) }, { entry: PANICKING, profile: 'panics' });
  mei = await Agent.signIn(it, it.people.agents[0]);
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'before');
  const agent = await mei.connect(visitor.conversation, { encoding: 'proto' });
  neighbour = { visitor, v, agent, desk: await mei.desk(), loaded: await loads(visitor) };
  assert.equal(neighbour.loaded, 1);
  // Or the runtime would put the Room to sleep, and its memory would be gone for that reason.
  awake = setInterval(() => v.send({ typing: { on: true } }), 2_000);
  // The consumer: what it was given comes again after a while, and is looked for at the end.
  await ask('Worker.queue');
  await say(v, 'told again');
  await until('the panic in the consumer', async () => !(await hook('left')).length);
});
after(async () => {
  clearInterval(awake);
  for (const end of ending) await end();
});

const idOf = (visitor) => visitor.conversation.replace('cnv_', '');
const loads = (visitor) => hook('loads', { of: `Room ${idOf(visitor)}` });
const hook = async (what, query = {}) => (await ok(it, 'GET', `/v1/test/${what}?${new URLSearchParams(query)}`)).json;
const call = (handler, where) => hook('call', { handler, ...where });

/** Asks for a panic. */
const played = new Set();
const ask = (at) => (played.add(at.split(' ')[0]), hook('panic', { at }));

/** Another event of the object ran into the panic: what a Room tells the Desk comes when it comes. */
const ANOTHER = Symbol('another');

/** Asks for a panic, does what runs into it, and is sure that it did; once more if another event was first. */
async function panics(at, work) {
  for (let attempt = 0; attempt < 5; attempt++) {
    await ask(at);
    const began = Date.now();
    const result = await work();
    assert.ok(Date.now() - began < QUICK_MS, `${at}: answered after ${Date.now() - began} ms`);
    await until(`the panic at ${at}`, async () => !(await hook('left')).length);
    if (result !== ANOTHER) return result;
  }
  return assert.fail(`${at}: another event was first each time`);
}

/** The error that answers a frame, or `ANOTHER` if what was asked for came. */
async function refusal(socket, frame, answer) {
  const since = socket.frames.length;
  socket.send(frame);
  const came = () => socket.frames.slice(since).find((it) => 'error' in it || answer in it);
  return (await until(`${answer} or an error`, came)).error ?? ANOTHER;
}

/** How a socket is refused by the object in its upgrade, or `ANOTHER` if it is welcomed. */
async function refusedUpgrade(path, { address }, ticket, hello, welcome) {
  const socket = await Socket.open(`${it.url}${path}`, { ticket, origin: it.url, headers: { [ADDRESS]: address } });
  socket.send(hello);
  await until(`the end or ${welcome}`, () => socket.end ?? socket.all(welcome)[0]);
  if (!socket.end) return socket.close().then(() => ANOTHER);
  return { ...socket.end, error: socket.all('error')[0] };
}

/** A visitor in a Room of their own who has said something, with an agent there. */
async function scene() {
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'one');
  const agent = await mei.connect(visitor.conversation);
  return { visitor, v, agent, at: (point) => `Room.${point} ${idOf(visitor)}` };
}

/** The neighbour's Room was never loaded again, and what it knows only in memory it still knows. */
async function unharmed() {
  const { visitor, v, agent, desk, loaded } = neighbour;
  const ack = await say(v, `still here ${Math.random()}`);
  await agent.next('message', (m) => m.seq === ack.seq);
  agent.send({ delivered: { seq: ack.seq } });
  await v.next('receipt', (r) => r.delivered === ack.seq);
  assert.equal(await loads(visitor), loaded, 'the neighbour lost its memory');
  desk.raw('ping');
  await desk.next('pong');
}

/** The whole log is there, and the Room goes on. */
async function goesOn(visitor, texts) {
  const v = await visitor.connect();
  const { seq } = await say(v, 'and on');
  const again = await visitor.connect();
  const log = again.welcome.messages.filter((m) => m.text !== undefined);
  assert.deepEqual(log.map((m) => m.text), [...texts, 'and on']);
  assert.deepEqual(again.welcome.messages.map((m) => m.seq), Array.from({ length: seq }, (_, n) => n + 1));
  await Promise.all([v.close(), again.close()]);
  await unharmed();
}

test('INV-12: a frame of a visitor, at each step: told to send again, and then it is there once', async () => {
  // Before the machine and in it.
  for (const point of ['message', 'take']) {
    const { visitor, v, agent, at } = await scene();
    const error = await panics(at(point), () => refusal(v, message('two', 'name'), 'ack'));
    assert.deepEqual([error.code, error.retryable, error.clientId], ['internal', true, 'name'], point);
    const { seq } = await say(v, 'two', 'name');
    await agent.next('message', (m) => m.seq === seq && m.text === 'two');
    assert.equal(agent.all('message').filter((m) => m.text === 'two').length, 1);
    await goesOn(visitor, ['one', 'two']);
    await Promise.all([v.close(), agent.close()]);
  }
});

test('INV-12: a panic while a failure is told: without a name, or not at all, and the socket stays', async () => {
  const { visitor, v, agent, at } = await scene();
  await ask(at('message'));
  const error = await panics('Worker.name', () => refusal(v, message('two', 'name'), 'ack'));
  assert.deepEqual([error.code, error.retryable, error.clientId ?? ''], ['internal', true, '']);
  assert.equal((await say(v, 'two', 'name')).seq, 2);
  await ask(at('message'));
  await panics(at('tell'), async () => v.send(message('three', 'third')));
  assert.equal((await say(v, 'three', 'third')).seq, 3);
  assert.equal(v.all('error').length, 1, 'of the second failure nothing was told');
  await goesOn(visitor, ['one', 'two', 'three']);
  await Promise.all([v.close(), agent.close()]);
});

test('INV-12: a panic between the write and the frames: everyone comes again and is whole', async () => {
  let { visitor, v, agent, at } = await scene();
  await panics(at('carry_out'), async () => {
    v.send(message('two', 'name'));
    await Promise.all([v.closed, agent.closed]);
    assert.deepEqual([v.end.code, agent.end.code], [4000, 4000]);
    [v, agent] = [await visitor.connect(), await mei.connect(visitor.conversation)];
    return v.welcome.messages.at(-1).text === 'two' ? v : ANOTHER;
  });
  const { seq } = await say(v, 'two', 'name');
  assert.equal(v.welcome.messages.at(-1).seq, seq, 'it was written once, and is the same one');
  await goesOn(visitor, ['one', 'two']);
  await Promise.all([v.close(), agent.close()]);
});

test('INV-12: a panic in the middle of several writes leaves none of them', async () => {
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  // The first message of a Room writes its record, too.
  const error = await panics(`Room.write ${idOf(visitor)}`, () => refusal(v, message('one', 'name'), 'ack'));
  assert.deepEqual([error.retryable, error.clientId], [true, 'name']);
  assert.equal((await say(v, 'one', 'name')).seq, 1);
  await goesOn(visitor, ['one']);
});

test('INV-12: an upgrade, a closed and a failed socket', async () => {
  const { visitor, v, agent, at } = await scene();
  const path = `/v1/rooms/${visitor.conversation}/socket`;
  const refused = await panics(at('fetch'), () => refusedUpgrade(path, visitor, visitor.ticket, { hello: {} }, 'welcome'));
  assert.deepEqual([refused.code, refused.error.code, refused.error.retryable], [4000, 'internal', true]);
  // The end of a socket is noticed all the same: the agent sees the visitor leave.
  await panics(at('close'), () => v.close());
  await agent.next('presence', (p) => p.visitor === false || !p.visitor);
  const raw = await rawSocket(visitor);
  await panics(at('error'), async () => raw.write(Buffer.from([0xff, 0x80, 0, 0, 0, 0])));
  raw.destroy();
  await goesOn(visitor, ['one']);
});

test('INV-12: an alarm, and a call out of the Room', async () => {
  for (const point of ['alarm', 'perform', 'answer']) {
    const { visitor, v, at } = await scene();
    // The alarm that tells the history, the call to the Desk and the queue, or what that one came back with.
    await panics(at(point), () => (v.send(message(`two at ${point}`)), call('alarm', { binding: 'ROOMS', id: idOf(visitor) })));
    await goesOn(visitor, ['one', `two at ${point}`]);
    await v.close();
  }
  // A call is looked at first, for it might be answered at once; what that comes to, it is made.
  const { visitor, v, at } = await scene();
  await panics(at('say'), () => v.send({ renew: { ticket: visitor.ticket } }));
  await goesOn(visitor, ['one']);
  await v.close();
});

test('INV-12: the Desk: a claim is told to come again, and wins then; its other handlers', async () => {
  const { visitor, v } = await scene();
  const desk = await mei.desk();
  const name = mei.me.workspace.id;
  const claim = { claim: { clientId: 'c', conversation: visitor.conversation } };
  const error = await panics('Desk.message', () => refusal(desk, claim, 'assigned'));
  assert.deepEqual([error.code, error.retryable, error.clientId], ['internal', true, 'c']);
  assert.equal((await desk.ask(claim, 'assigned')).clientId, 'c');
  await panics('Desk.take', () => refusal(desk, { deskHello: {} }, 'deskWelcome'));
  assert.ok(await desk.ask({ deskHello: {} }, 'deskWelcome'));
  const refused = await panics('Desk.fetch', async () => refusedUpgrade('/v1/desk/socket', mei, await mei.ticket(), { deskHello: {} }, 'deskWelcome'));
  assert.deepEqual([refused.code, refused.error.code], [4000, 'internal']);
  const other = await mei.desk();
  await panics('Desk.close', () => other.close());
  await panics('Desk.alarm', () => call('alarm', { binding: 'DESKS', name }));
  await panics('Desk.error', () => call('webSocketError', { binding: 'DESKS', name }));
  await goesOn(visitor, ['one']);
  await Promise.all([v.close(), desk.close()]);
});

test('INV-12: the Desk, in the middle of its work: what is claimed is had, by the Desk and by the Room', async () => {
  for (const point of ['tell', 'write', 'perform', 'answer', 'carry_out']) {
    const { visitor, v, agent } = await scene();
    const desk = await mei.desk();
    const claim = (clientId) => ({ claim: { clientId, conversation: visitor.conversation } });
    if (point === 'tell') await ask('Desk.message');
    await panics(`Desk.${point}`, async () => desk.send(point === 'say' ? { renew: { ticket: await mei.ticket() } } : claim(point)));
    // Whoever might have been told half of it comes again: everybody's console, the neighbour's, too.
    if (point === 'carry_out') {
      for (const socket of [desk, neighbour.desk]) assert.equal((await socket.closed).code, 4000);
      neighbour.desk = await mei.desk();
    }
    const again = await mei.desk();
    await again.ask(claim('again'), 'assigned', (it) => it.clientId === 'again');
    await agent.next('state', (state) => state.assignee?.id === mei.me.id);
    await goesOn(visitor, ['one']);
    await Promise.all([v.close(), agent.close(), again.close(), ...(desk.end ? [] : [desk.close()])]);
  }
});

test('INV-12: a Limiter that panics lets nobody in, and lets them in afterwards', async () => {
  const visitor = new Visitor(it);
  const refused = await panics('Limiter.fetch', () => request(it, 'POST', '/v1/session', { body: { site: visitor.site }, address: visitor.address }));
  assert.deepEqual([refused.status, refused.json.code], [429, 'rate_limited']);
  await visitor.session();
  await unharmed();
});

test('INV-12: the Worker: a 500 with a stable code, a batch that comes again, a sweep that is skipped', async () => {
  const failed = await panics('Worker.fetch', () => request(it, 'GET', '/api/v1/me', {}));
  assert.deepEqual([failed.status, failed.json.code], [500, 'internal']);
  assert.equal(failed.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  await panics('Worker.scheduled', () => hook('scheduled'));
  // What is left to do behind an answer; the Desk had been told before it.
  const leaving = await Agent.signIn(it, it.people.agents[1]);
  const desk = await leaving.desk();
  const left = await panics('Worker.settle', () => leaving.call('POST', '/logout', {}));
  assert.deepEqual([left.status, (await desk.closed).code], [204, 4501]);
  // What is withdrawn behind the answer to a new model.
  const owner = await Agent.signIn(it, it.people.owner);
  assert.equal((await panics('Worker.withdraw', () => owner.sendModel(trained()))).status, 201);
  assert.equal((await owner.call('GET', '/bot/models')).json.models.length, 1);
  const { conversation } = neighbour.visitor;
  await until('what the consumer lost, in the history', async () => (await mei.try('GET', `/conversations/${conversation}/messages`)).text.includes('told again'), 120_000);
  await unharmed();
});

test('INV-12: a bundle that is deployed has no such points', () => {
  const has = (profile, text) => readFileSync(join(bundle(profile), 'index_bg.wasm'), 'latin1').includes(text);
  assert.ok(has('panics', MARKER) && has('panics', 'BELLHOP_PANICS'), 'the marker is alive');
  const served = process.env.BELLHOP_BUNDLE || 'start';
  assert.ok(!has(served, MARKER) && !has(served, 'BELLHOP_PANICS'), served);
});

/** Every place that contains a panic, as the sources name it: of the Worker, of the Limiter, and of what a Room and a Desk share. */
function places() {
  const found = { Worker: [], Limiter: [], shared: [] };
  for (const file of readdirSync(under('src/edge'), { recursive: true }).filter((name) => name.endsWith('.rs') && name !== 'contained.rs')) {
    // Where a machine is loaded is told and never panics.
    const text = readFileSync(under('src/edge', file), 'utf8').replaceAll(/fault::loaded\(.*/g, '');
    const named = (pattern) => [...text.matchAll(pattern)].map(([, name]) => name);
    found.Worker.push(...named(/Place::worker\("(\w+)"\)/g));
    found.Limiter.push(...named(/self\.contained\("(\w+)"/g));
    found.shared.push(...named(/self\.(?:place|gone)\("(\w+)"/g));
    // A name that is handed on is read where it is given: `gone` in a Room and a Desk, `contained` in a Limiter.
    const unread = text.split(/Place::worker\(|\.place\(|Place \{ class/).length - 1 - named(/(?:Place::worker\(|\.place\()"(\w+)"/g).length;
    assert.equal(unread, { 'object.rs': 2, 'limiter_object.rs': 1 }[file] ?? 0, `${file} names a place in a way that is not read here`);
  }
  return [...found.Worker.map((name) => `Worker.${name}`), ...found.Limiter.map((name) => `Limiter.${name}`), ...found.shared.flatMap((name) => [`Room.${name}`, `Desk.${name}`])]
    // What is said at once is a Room's alone: a Desk has nothing that it could say so.
    .filter((name) => name !== 'Desk.say' || readFileSync(under('src/edge/desk_object.rs'), 'utf8').includes('const SAY'));
}

test('INV-12: a panic was put into every place that the sources name', () => {
  const wanted = new Set(places());
  assert.ok(wanted.size > 25, [...wanted].join(', '));
  assert.deepEqual([...played].sort(), [...wanted].sort());
});

/** A socket without a client's manners: bytes are sent as they are. */
async function rawSocket(visitor) {
  const raw = connect(it.server.port, '127.0.0.1');
  const said = [`GET /v1/rooms/${visitor.conversation}/socket HTTP/1.1`, `Host: localhost:${it.server.port}`, 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`, `Sec-WebSocket-Protocol: bellhop.v1.json, ticket.${visitor.ticket}`, `Origin: ${it.url}`, `${ADDRESS}: ${newAddress()}`];
  raw.write(`${said.join('\r\n')}\r\n\r\n`);
  await new Promise((resolve, reject) => raw.once('data', (data) => (/^HTTP\/1.1 101/.test(data) ? resolve() : reject(new Error(String(data))))));
  raw.on('error', () => {});
  return raw;
}
