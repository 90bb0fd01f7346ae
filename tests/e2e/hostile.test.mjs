// 100,000 hostile frames and requests against a live server: cut, deep, long, wrong UTF-8, huge numbers, wrong WebSocket and
// wrong HTTP. No restart, no hang, every answer a coded error or a close, and no memory of WebAssembly taken by any of it.
// What is too large is in oversized.test.mjs, what an attack costs others in neighbour.test.mjs.
//   SEED=7 node --test tests/e2e/hostile.test.mjs      the same bytes again
import assert from 'node:assert/strict';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { badBytes, badFrame, badHttp, badRequest, badText, dice } from './lib/hostile.mjs';
import { binary, codes, DESK_CALM, DESK_HELLO, good, hands, HELLO, intruder, text } from './lib/intruder.mjs';
import { frame, RawSocket } from './lib/raw.mjs';
import { mib, resident } from './lib/resident.mjs';
import { ADDRESS, Agent, say, Visitor, world } from './lib/world.mjs';

const SEED = Number(process.env.SEED || Date.now() % 1_000_000);
const FRAMES = 84_000;
const REQUESTS = 14_000;
const GARBAGE = 1_000;
const BROKEN = 1_000;
const VISITORS = 400;
/** Frames between two questions whose answer shows that nothing hangs. Ten refusals in a row would end the socket. */
const BATCH = 8;
/** Within the burst of one visitor, so that what is refused is refused for what it is. */
const BURST = 260 - BATCH;
/** The same of an agent on one socket of two, in a Room or at the Desk. */
const AGENTS_BURST = 160;
/** Requests to which no answer came, because the line ended: Node’s own sockets race against the server’s end of a kept one. */
const UNANSWERED = 20;
const HANG_MS = 20_000;

const random = dice(SEED);
const ending = [];
const counts = {};
const count = (what, n = 1) => (counts[what] = (counts[what] ?? 0) + n);
let it;
let died = false;
let neighbour;
let ram;
/** Before the first hostile byte: `{pages, weight}`. */
let fresh;

before(async () => {
  it = await world({ after: (end) => ending.push(end) }, { vars: { BELLHOP_LIMIT_FACTOR: '1000', BELLHOP_EVENTS_DELAY_MS: '120000' } });
  it.server.died.then(() => (died = true));
  ram = resident(it.server.pid);
  // A visitor: an agent's password would take the seven megabytes of its hash, and leave them to whoever comes next.
  neighbour = await new Visitor(it).connect();
  await say(neighbour, 'here');
  fresh = { pages: await wasm(), weight: ram.now() };
});
after(async () => {
  for (const end of ending) await end();
});

const wasm = async () => (await it.ops('health')).memory;
/** What was held before the first hostile byte, and is now. */
const memory = async () => `WebAssembly memory ${fresh.pages} → ${await wasm()} bytes, the process ${mib(fresh.weight)} → ${mib(ram.now())}`;
const alive = () => assert.ok(!died, `workerd ended: ${it.server.output().slice(-2_000)}`);

/** The code of an error; undefined: the frame is none. */
const codeOf = ({ opcode, data }) => (opcode === 1 ? JSON.parse(data.toString()).error?.code : [...codes].find((code) => data.includes(code)));

/**
 * Eight bad frames and a good one; every bad one is answered, by an error of the catalogue. An agent is told other things meanwhile, a visitor who
 * is alone nothing.
 */
async function batch(raw, { calm = good[raw.encoding], isAgent = false } = {}) {
  raw.frames.length = 0;
  const bad = Array.from({ length: BATCH }, () => (raw.encoding === 'json' ? text(badText(random)) : binary(badBytes(random))));
  raw.write(Buffer.concat([...bad, calm]));
  const answers = () => (isAgent ? raw.frames.filter((frame) => frame.opcode === 8 || codes.has(codeOf(frame))) : raw.frames);
  const whole = await raw.until((it) => answers().length >= BATCH || it.closeCode !== undefined, HANG_MS);
  assert.ok(whole, `seed ${SEED}: ${answers().length} of ${BATCH} answers after ${HANG_MS} ms; ${bad.map((b) => b.subarray(0, 80).toString('latin1')).join(' | ')}`);
  for (const frame of answers()) {
    if (frame.opcode === 8) assert.fail(`seed ${SEED}: closed with ${frame.data.readUInt16BE(0)}`);
    const code = codeOf(frame);
    assert.ok(codes.has(code), `seed ${SEED}: answered ${frame.data.toString().slice(0, 200)}`);
    count(code);
  }
  count('frames', BATCH);
}

test(`hostile frames, each answered by a coded error (seed ${SEED})`, async (t) => {
  const perVisitor = FRAMES / VISITORS;
  await hands(16, VISITORS, async (n) => {
    const raw = await intruder(it, n % 2 ? 'proto' : 'json');
    for (let sent = 0; sent < perVisitor && sent < BURST; sent += BATCH) await batch(raw);
    await raw.destroy();
  });
  alive();
  t.diagnostic(`${JSON.stringify(counts)}; ${await memory()}`);
  assert.ok(counts.frames >= FRAMES, String(counts.frames));
});

test('hostile frames of an agent, in a Room and at the Desk, in a deployment of their own', async (t) => {
  // Whoever signs in takes memory for the hash of a password: what is measured here must not be hidden by that.
  const theirs = await world(t, { vars: { BELLHOP_LIMIT_FACTOR: '1000' } });
  let ended = false;
  theirs.server.died.then(() => (ended = true));
  const agents = [];
  for (const person of theirs.people.agents) agents.push(await Agent.signIn(theirs, person));
  const witness = await Agent.signIn(theirs, theirs.people.owner);
  const visitor = new Visitor(theirs);
  const talk = await visitor.connect();
  await say(talk, 'here');
  const list = await witness.desk();
  const room = { path: `/v1/rooms/${visitor.conversation}/socket`, hello: HELLO, calm: good };
  for (const { path, hello, calm } of [room, { path: '/v1/desk/socket', hello: DESK_HELLO, calm: DESK_CALM }]) {
    for (const [agent, encoding] of agents.flatMap((it) => [[it, 'json'], [it, 'proto']])) {
      const raw = await RawSocket.open({ port: theirs.server.port, path, protocols: [`bellhop.v1.${encoding}`, `ticket.${await agent.ticket()}`], headers: { origin: theirs.url, [ADDRESS]: agent.address } });
      raw.encoding = encoding;
      raw.write(hello[encoding]);
      assert.ok(await raw.until((it) => it.frames.length > 0), 'no welcome');
      for (let sent = 0; sent < AGENTS_BURST; sent += BATCH) await batch(raw, { calm: calm[encoding], isAgent: true });
      await raw.destroy();
    }
  }
  assert.ok(!ended, `workerd ended: ${theirs.server.output().slice(-2_000)}`);
  assert.ok(!/panicked/.test(theirs.server.output()));
  await say(talk, 'the end');
  await list.next('deskUpdate', (it) => it.rows.some((row) => row.preview === 'the end'));
});

test('wrong WebSocket: a close or the end of the line', async (t) => {
  const codesSeen = {};
  await hands(8, BROKEN, async () => {
    const raw = await intruder(it, 'json');
    const [what, options, payload] = badFrame(random);
    const announced = options.length !== undefined;
    raw.write(frame(payload, options));
    // One that only announces much is waiting for the rest, as it may; it goes when the line does. The runtime mends text
    // that is no UTF-8 before we see it: it is no frame of ours then, either. It answers a ping of any length.
    const isEnd = (it) => it.closeCode !== undefined || it.frames.some(({ opcode }) => opcode === 10) || it.line.destroyed || it.said.some((said) => codes.has(said.error?.code));
    const over = await raw.until(isEnd, announced ? 50 : HANG_MS);
    assert.ok(over || announced, `seed ${SEED}: ${what} is still open`);
    const seen = String(raw.closeCode ?? raw.said.find((said) => said.error)?.error.code ?? (raw.frames.some(({ opcode }) => opcode === 10) ? 'pong' : raw.line.destroyed ? 'cut' : 'waits'));
    codesSeen[seen] = (codesSeen[seen] ?? 0) + 1;
    count('broken');
    await raw.destroy();
  });
  alive();
  t.diagnostic(JSON.stringify(codesSeen));
});

test('wrong requests and wrong HTTP: a problem with a code, or the runtime’s own 400 or close', async (t) => {
  const agent = new HttpAgent({ keepAlive: true, maxSockets: 16 });
  const statuses = {};
  await hands(16, REQUESTS, async () => {
    const [method, path, headers, body] = badRequest(random);
    // Or Node would send the body of a GET without saying how long it is, and the next request would be its rest.
    if (body !== undefined) headers['content-length'] = Buffer.byteLength(body);
    const { status, type, said } = await new Promise((resolve, reject) => {
      const asked = httpRequest({ agent, port: it.server.port, host: '127.0.0.1', method, path, headers, timeout: HANG_MS }, (answer) => {
        let said = '';
        answer.setEncoding('utf8').on('data', (more) => (said += more)).on('end', () => resolve({ status: answer.statusCode, type: answer.headers['content-type'] ?? '', said }));
      });
      asked.on('timeout', () => reject(new Error(`seed ${SEED}: ${method} ${path} hangs`))).on('error', (error) => resolve({ status: 0, type: error.code ?? '', said: '' }));
      asked.end(body);
    });
    statuses[status] = (statuses[status] ?? 0) + 1;
    count('requests');
    if (status >= 400 && method !== 'HEAD') assert.ok(/problem\+json/.test(type) && codes.has(JSON.parse(said).code), `seed ${SEED}: ${method} ${path}: ${status} ${type} ${said.slice(0, 200)}`);
    assert.ok(status < 500, `seed ${SEED}: ${method} ${path}: ${status} ${said}`);
  });
  agent.destroy();
  assert.ok((statuses[0] ?? 0) <= UNANSWERED, `${statuses[0]} were not answered`);
  await hands(16, GARBAGE, () => new Promise((resolve, reject) => {
    const line = connect(it.server.port, '127.0.0.1');
    const bytes = badHttp(random);
    // Whoever sends half a request may take their time; what has been answered or cut is done.
    line.setTimeout(300, () => line.destroy());
    line.on('error', () => {}).on('data', (data) => {
      if (/^HTTP\/1\.1 5/.test(data.toString('latin1'))) reject(new Error(`seed ${SEED}: ${data.toString('latin1').slice(0, 300)}`));
      line.destroy();
    }).on('close', () => (count('garbage'), resolve()));
    line.write(bytes);
  }));
  alive();
  t.diagnostic(`${JSON.stringify(statuses)}, ${counts.garbage} lines of garbage`);
});

test('after all of it: as many as were promised, the same process, the same memory, the same neighbour', async (t) => {
  const total = counts.frames + counts.requests + counts.broken + counts.garbage;
  t.diagnostic(`${total} hostile frames and requests; ${await memory()}`);
  assert.ok(total >= 100_000, String(total));
  assert.ok(!/panicked/.test(it.server.output()));
  await say(neighbour, 'the end');
  assert.equal(await wasm(), fresh.pages);
});
