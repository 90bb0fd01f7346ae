// Clients that do not read. What is kept for each is bounded, nobody else notices, and who reads again misses nothing
// (INV-4).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { rawRoom } from '../e2e/lib/raw.mjs';
import { Agent, say, Visitor, world } from '../e2e/lib/world.mjs';

const SLOW = 6;
const MESSAGES = 380;
/** 24 KB: the longest text, of characters of three bytes. */
const TEXT = '慢'.repeat(8_000);
/** Whoever waits for one that does not read waits for ever; a busy machine takes some seconds. */
const QUICK_MS = 15_000;
/** What lies in the buffers of the kernel at both ends (4 MB and more), the budget of 1 MiB, and one frame more. */
const KEPT = 7 * 1024 * 1024;

const memory = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

test('INV-4: a slow reader is closed with 4008, costs a bounded memory, and is whole when it comes back', async (t) => {
  // Nobody may write so much in so short a time, but who reads slowly has more than a short time.
  const it = await world(t, { vars: { BELLHOP_EVENTS_DELAY_MS: '120000', BELLHOP_LIMIT_FACTOR: '1000' } });
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'hello');
  const agent = await (await Agent.signIn(it, it.people.agents[0])).connect(visitor.conversation);
  const slow = [];
  for (let n = 0; n < SLOW; n++) {
    const raw = await rawRoom(visitor);
    raw.send({ hello: {} });
    assert.ok(await raw.until((it) => it.said.some((frame) => frame.welcome)));
    raw.line.pause();
    slow.push(raw);
  }
  const before = memory(it.server.pid);
  let longest = 0;
  for (let n = 0; n < MESSAGES; n++) {
    const began = performance.now();
    const { seq } = await say(agent, `${n} ${TEXT.slice(10)}`);
    await v.next('message', (m) => m.seq === seq);
    longest = Math.max(longest, performance.now() - began);
  }
  const after = memory(it.server.pid);
  const heard = v.all('message');
  assert.deepEqual(heard.map((m) => m.seq), Array.from({ length: MESSAGES }, (_, n) => n + 2), 'the reader heard all, in order');
  assert.ok(longest < QUICK_MS, `the others waited up to ${longest} ms`);

  const sent = MESSAGES * Buffer.byteLength(TEXT);
  for (const raw of slow) {
    raw.line.resume();
    assert.ok(await raw.over(), 'nothing came any more, not even a close');
    assert.equal(raw.closeCode, 4008);
    assert.ok(raw.bytes < KEPT && raw.bytes < sent, `${raw.bytes} bytes were kept for one that did not read`);
    const seqs = raw.said.filter((it) => it.message).map((it) => Number(it.message.seq));
    assert.deepEqual(seqs, Array.from({ length: seqs.length }, (_, n) => n + 2), 'what came is whole up to its end');
    raw.destroy();
  }
  t.diagnostic(`${MESSAGES} messages, ${sent} bytes to each; kept for a slow one: ${Math.max(...slow.map((it) => it.bytes))} bytes; resident ${before} → ${after} bytes; longest round trip of the others ${Math.round(longest)} ms`);

  // It comes back with its cursor and pages back to it, as any client does.
  const last = slow[0].said.filter((it) => it.message).at(-1).message;
  const back = await visitor.connect({ hello: { logEpoch: v.welcome.logEpoch || undefined, after: Number(last.seq), tip: last.id } });
  let missed = back.welcome.messages;
  let { more } = back.welcome;
  while (more && missed[0].seq > Number(last.seq) + 1) {
    const page = await back.ask({ page: { before: missed[0].seq } }, 'page');
    missed = [...page.messages.filter((m) => m.seq > Number(last.seq)), ...missed];
    ({ more } = page);
  }
  assert.deepEqual(missed.map((m) => m.seq), Array.from({ length: MESSAGES + 1 - Number(last.seq) }, (_, n) => Number(last.seq) + 1 + n));
  await say(back, 'and on');
});
