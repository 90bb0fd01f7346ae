// What is too large, on a live server: frames over 64 KiB, compressed bombs, bodies of 32 MiB whose length is said, not said and a lie.
// Each is refused by a code; nothing of it reaches WebAssembly's memory, which never shrinks, and a bomb does not go off in the process.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { opsToken } from '../../scripts/lib/ops.mjs';
import { bomb, deflated } from './lib/hostile.mjs';
import { binary, codes, intruder, text } from './lib/intruder.mjs';
import { frame } from './lib/raw.mjs';
import { mib, resident } from './lib/resident.mjs';
import { Agent, say, Visitor, world } from './lib/world.mjs';

const HANG_MS = 20_000;
const MIB = 1024 * 1024;
/** What the runtime takes of one message: what is larger it refuses itself, while it reads or inflates. */
const RUNTIME_MIB = 32;
/** What the process may grow by where the runtime refuses. */
const REFUSED_BYTES = 64 * MIB;
/**
 * And where it takes the message, and only then do we see its length: it holds the bytes and makes a string of them, and V8 collects those of
 * some messages at once. A dozen would be three times as much.
 */
const TAKEN_BYTES = 8 * RUNTIME_MIB * MIB;

const ending = [];
after(async () => {
  for (const end of ending) await end();
});

/** A server with somebody on it who is served on, whatever others send. */
async function deployment(options) {
  const it = await world({ after: (end) => ending.push(end) }, { ...options, vars: { BELLHOP_LIMIT_FACTOR: '1000' } });
  it.server.died.then(() => (it.died = true));
  it.ram = resident(it.server.pid);
  it.neighbour = await new Visitor(it).connect();
  await say(it.neighbour, 'here');
  return it;
}

const wasm = async (it) => (await it.ops('health')).memory;
let it;
before(async () => (it = await deployment()));

/** Nothing of what `work` sends takes memory of WebAssembly, nor more than `most` bytes of the process; the neighbour is served on. */
async function weighed(t, what, most, work, on = it) {
  const { ram, server, neighbour } = on;
  const [pages, weight] = [await wasm(on), ram.now()];
  ram.mark();
  await work();
  assert.ok(!on.died, `workerd ended: ${server.output().slice(-2_000)}`);
  const [now, grown] = [await wasm(on), ram.peak() - weight];
  t.diagnostic(`${what}: WebAssembly memory ${pages} → ${now} bytes, the process ${mib(weight)}, at most ${mib(grown)} more`);
  assert.equal(now, pages, what);
  assert.ok(grown <= most, `${what}: the process grew by ${mib(grown)}`);
  await say(neighbour, what);
}

async function refusedAsTooLarge(raw, bytes, what) {
  raw.write(bytes);
  assert.ok(await raw.over(HANG_MS), `${what}: no end`);
  assert.equal(raw.closeCode, 1009, `${what}: ${raw.closeCode ?? 'cut without a word'}`);
  await raw.destroy();
}

test('frames over 64 KiB end their socket with 1009 and take no memory of WebAssembly', async (t) => {
  const large = [
    ['one byte too many', text('x'.repeat(65_537))],
    ['one byte too many, of three', text(`${'文'.repeat(21_845)}xx`)],
    ['one byte too many, of four', text(`${'😀'.repeat(16_384)}x`)],
    ['binary, one byte too many', binary(Buffer.alloc(65_537))],
    ['a megabyte', text('x'.repeat(MIB))],
    ['32 MiB less a little', binary(Buffer.alloc(32 * MIB - 1_024))],
    ['32 MiB of text', text(Buffer.alloc(32 * MIB - 1_024, 0x78))],
    ['in pieces', Buffer.concat([frame('x'.repeat(40_000), { fin: false }), frame('x'.repeat(40_000), { opcode: 0 })])],
  ];
  await weighed(t, `${large.length} long frames`, TAKEN_BYTES, async () => {
    for (const [what, bytes] of large) await refusedAsTooLarge(await intruder(it, 'json'), bytes, what);
  });
  // The runtime reads no more of it than how long it is.
  await weighed(t, 'a frame over 32 MiB', REFUSED_BYTES, async () => refusedAsTooLarge(await intruder(it, 'json'), binary('x', { length: 33n * 1024n * 1024n }), 'over 32 MiB'));
  // Just as large as it may be: read, and told what it is.
  for (const fits of ['x'.repeat(65_536), `${'文'.repeat(21_845)}x`, '😀'.repeat(16_384)]) {
    const raw = await intruder(it, 'json');
    raw.write(text(fits));
    assert.ok(await raw.until((it) => it.said.some((said) => said.error?.code === 'bad_frame')), `${fits.slice(0, 2)}… of 65,536 bytes`);
    await raw.destroy();
  }
});

const DEFLATED = { rsv: 4 };

test('compression is agreed to with nobody; who compresses all the same is closed with 1002, and no bomb is read', async (t) => {
  await weighed(t, 'bombs of 1 MiB to 1 GiB', REFUSED_BYTES, async () => {
    for (const offer of ['permessage-deflate', 'permessage-deflate; client_max_window_bits', 'permessage-deflate; client_no_context_takeover; server_no_context_takeover']) {
      for (const make of [text, binary]) {
        for (const size of [1, 31, 1_024]) {
          const raw = await intruder(it, 'json', { 'sec-websocket-extensions': offer });
          assert.equal(raw.extensions, '', raw.head);
          raw.write(make(bomb(size), DEFLATED));
          assert.ok(await raw.over(HANG_MS), `a bomb of ${size} MiB: no end`);
          assert.equal(raw.closeCode, 1002, `a bomb of ${size} MiB: ${raw.closeCode ?? 'cut without a word'}`);
          await raw.destroy();
        }
      }
    }
  });
});

/** Each message stands for itself, so that a test can make and read it without the ones before. */
const OFFER = { 'sec-websocket-extensions': 'permessage-deflate; client_no_context_takeover; server_no_context_takeover' };

/** A socket whose frames may be deflated, and that has shown it: one was answered, by one that is deflated, too. */
async function deflating(on) {
  const raw = await intruder(on, 'json', OFFER);
  assert.match(raw.extensions, /^permessage-deflate\b/, raw.head);
  const since = raw.frames.length;
  raw.write(text(deflated('{"delivered":{"seq":"nonsense"}}'), DEFLATED));
  const answer = await raw.until((it) => it.frames[since], HANG_MS);
  assert.ok(answer?.deflated && codes.has(JSON.parse(answer.data.toString()).error?.code), `a deflated frame was answered ${answer?.data}`);
  return raw;
}

test('where a runtime does agree to permessage-deflate, bombs are closed with 1009, and nothing grows', async (t) => {
  const edit = (config) => (config.compatibility_flags = config.compatibility_flags.filter((flag) => flag !== 'no_web_socket_compression'));
  const on = await deployment({ edit });
  const refused = async (size, make) => refusedAsTooLarge(await deflating(on), make(bomb(size), DEFLATED), `a bomb of ${size} MiB`);
  for (const [what, make] of [['text', text], ['binary', binary]]) {
    const larger = async () => {
      for (const size of [33, 256, 1_024]) await refused(size, make);
    };
    await weighed(t, `bombs of 33 MiB to 1 GiB, ${what}`, REFUSED_BYTES, larger, on);
    const smaller = async () => {
      for (const size of [1, 8, ...Array(10).fill(31)]) await refused(size, make);
    };
    await weighed(t, `twelve bombs of 1 to 31 MiB, ${what}`, TAKEN_BYTES, smaller, on);
  }
  const eight = async () => {
    const lines = await Promise.all(Array.from({ length: 8 }, () => deflating(on)));
    await Promise.all(lines.map((raw) => refusedAsTooLarge(raw, text(bomb(1_024), DEFLATED), 'a bomb of 1 GiB')));
  };
  await weighed(t, 'eight bombs of 1 GiB at once', REFUSED_BYTES, eight, on);
  const halves = async () => {
    const whole = bomb(1_024);
    const frames = [text(whole.subarray(0, 60_000), { ...DEFLATED, fin: false }), frame(whole.subarray(60_000), { opcode: 0 })];
    await refusedAsTooLarge(await deflating(on), Buffer.concat(frames), 'a bomb in two frames');
  };
  await weighed(t, 'a bomb in two frames', REFUSED_BYTES, halves, on);
  const broken = await deflating(on);
  broken.write(text(Buffer.from([0xff, 0xff, 0xff, 0xff]), DEFLATED));
  assert.ok(await broken.over(HANG_MS), 'what is no deflated stream: no end');
  await broken.destroy();
  await say(on.neighbour, 'still here');
});

// ------------------------------------------------------------------------------------------------------------- bodies

/** A body's pieces as chunks of HTTP. */
const chunk = (piece) => Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
const PIECE = Buffer.alloc(16 * 1024, 0x78);
const WHOLE = (RUNTIME_MIB * MIB) / PIECE.length;
/** Far below 32 MiB: the largest limit is 1 MiB, and what is on its way when the answer leaves is more than what was read. */
const READ_BYTES = 4 * MIB;
/** Whoever writes on while the answer comes may lose it to the reset of a line that is closed with bytes unread. */
const TRIES = 3;

/**
 * Writes a head and then pieces, until somebody answers; what came until the line ended, and how much was written by then.
 * @param options.insists  writes on though it was answered
 * @param options.ends     ends its half of the line after the last
 */
async function post(head, pieces, { insists = false, ends = false } = {}) {
  const line = connect({ port: it.server.port, host: '127.0.0.1', allowHalfOpen: true });
  let said = '';
  let over = false;
  const ended = new Promise((resolve) => line.once('end', resolve).once('close', resolve)).then(() => (over = true));
  const heard = new Promise((resolve) => line.once('data', resolve));
  line.setNoDelay(true).on('error', () => {}).on('data', (data) => (said += data.toString('latin1')));
  line.write(`${head.join('\r\n')}\r\n\r\n`);
  let sent = 0;
  // By the head alone it may have been refused.
  await Promise.race([heard, ended, pause(50)]);
  for (const piece of pieces) {
    if ((said && !insists) || over) break;
    line.write(piece);
    sent += piece.length;
    // Slower than the server reads, so that it is the server who ends it; and what it says must be here before the line is written to again,
    // for an error of that one throws away what was not read yet.
    await (insists ? pause(1) : Promise.race([heard, ended, pause(5)]));
  }
  if (ends) line.end();
  await Promise.race([ended, pause(HANG_MS, undefined, { ref: false })]);
  line.destroy();
  const statuses = [...said.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
  return { said, sent, over, statuses, code: /"code":"(\w+)"/.exec(said)?.[1] };
}

/** The same, where somebody answers. */
async function answered(head, pieces, options) {
  for (let n = 1; ; n++) {
    const answer = await post(head, pieces, options);
    if (answer.said || n === TRIES) return answer;
  }
}

test('bodies of 32 MiB, whose length is said, not said and a lie: cut off at the limit, by a code, and nothing grows', async (t) => {
  const owner = await Agent.signIn(it, it.people.owner);
  const head = (path, kind, ...more) => [`POST ${path} HTTP/1.1`, `Host: localhost:${it.server.port}`, `Origin: ${it.url}`, `Content-Type: ${kind}`, ...more];
  const doors = {
    'a session': head('/v1/session', 'application/json'),
    'a sign-in': head('/api/v1/login', 'application/json'),
    'a model': head('/api/v1/bot/models', 'application/octet-stream', `Cookie: ${owner.cookie}`),
    'the operator’s': head('/ops/v1/seed', 'application/json', `Authorization: Bearer ${opsToken(it.server.secrets.BELLHOP_OPS_KEY)}`),
  };
  const pieces = (n = WHOLE) => Array(n).fill(PIECE);
  for (const [door, head] of Object.entries(doors)) {
    await weighed(t, `bodies for ${door}`, REFUSED_BYTES, async () => {
      const refused = async (what, headers, body) => {
        const { said, sent, over, statuses, code } = await answered([...head, ...headers], body);
        assert.deepEqual([statuses, code, over], [[413], 'too_large', true], `${door}, ${what}: ${said.slice(0, 300)}`);
        assert.ok(sent <= READ_BYTES, `${door}, ${what}: ${mib(sent)} were taken`);
      };
      await refused('its length said', [`Content-Length: ${RUNTIME_MIB * MIB}`], pieces());
      await refused('only announced', [`Content-Length: ${RUNTIME_MIB * MIB}`], [Buffer.from('{')]);
      await refused('in chunks', ['Transfer-Encoding: chunked'], pieces().map(chunk));
      // One chunk of HTTP, however it travels.
      await refused('in one chunk', ['Transfer-Encoding: chunked'], [Buffer.from(`${(RUNTIME_MIB * MIB).toString(16)}\r\n`), ...pieces()]);
      // Of more than it said the rest is another request, which is none.
      const more = await answered([...head, 'Content-Length: 10'], pieces(), { insists: true });
      assert.ok(more.over && more.statuses.length && more.statuses.every((status) => status >= 400 && status < 500), `${door}, more than said: ${more.said.slice(0, 300)}`);
      assert.ok(codes.has(more.code) && more.sent <= READ_BYTES, `${door}, more than said: ${mib(more.sent)}, ${more.said.slice(0, 300)}`);
      // Who says more than comes is waited for; with the line’s end the request is over.
      const less = await post([...head, 'Content-Length: 1000'], [Buffer.from('{"site":"x')], { ends: true });
      assert.ok(less.over && less.statuses.every((status) => status >= 400 && status < 500), `${door}, less than said: ${less.said.slice(0, 300)}`);
    });
  }
});
