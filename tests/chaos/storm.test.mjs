// A reconnect storm without jitter: the server is killed under all sockets and every client knocks again at once.
// The process may have no more descriptors than it is told, and never runs out of them; who finds no place is told when to come back; in the end all are back and
// each has its log whole.  SOCKETS=8000 DESCRIPTORS=20000 is the size that one process is meant for.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { descriptors } from '../../scripts/lib/server.mjs';
import { kind, Socket, until } from '../e2e/lib/socket.mjs';
import { ADDRESS, message, Visitor, world } from '../e2e/lib/world.mjs';

const SOCKETS = Number(process.env.SOCKETS ?? 400);
const TABS = 2;
/**
 * What the process may have, and the Worker is told: half of the Rooms may wake at once. (20,000 for 8,000 is a quarter.) With fewer than some 2,000 the
 * tenth that is left free is less than the process’s own: 57 at rest, and three for each of 64 Limiters.
 */
const DESCRIPTORS = Number(process.env.DESCRIPTORS ?? SOCKETS * 5);
/** How many sessions are asked for at once; they are not the storm. */
const ASKING = 40;
/** Rooms in which somebody writes, in a second. */
const TALKING = 60;
/** A wave of Rooms may wake every twelve seconds; a busy machine takes its time. */
const PATIENCE_MS = 180_000 + SOCKETS * 60;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One tab: it stays connected, and comes back the moment that it may. */
class Tab {
  log = [];
  refusals = 0;
  waited = [];

  constructor(it, visitor) {
    Object.assign(this, { it, visitor });
  }

  async live() {
    for (this.stopped = false; !this.stopped; ) {
      try {
        await this.#connection();
      } catch (error) {
        if (!/socket closed|ECONNREFUSED|ECONNRESET|EPIPE|hang up|closed before|upgrade refused/.test(error.message)) throw error;
        await sleep(200);
      }
    }
  }

  async #connection() {
    const { url } = this.it;
    const { conversation, ticket, address } = this.visitor;
    const socket = await Socket.open(`${url}/v1/rooms/${conversation}/socket`, { encoding: 'proto', ticket, origin: url, headers: { [ADDRESS]: address } });
    this.socket = socket;
    const last = this.log.at(-1);
    socket.send({ hello: last ? { logEpoch: this.epoch, after: last.seq, tip: last.id } : {} });
    await until('an answer', () => socket.frames.length > 0 || socket.end, PATIENCE_MS);
    const refused = socket.frames.find((frame) => kind(frame) === 'error')?.error;
    if (refused) {
      await socket.closed;
      assert.deepEqual([refused.code, refused.retryable, socket.end.code], ['overloaded', true, 4029]);
      this.refusals++;
      assert.ok(refused.retryAfterMs > 0, 'it is told when to come back');
    this.waited.push(refused.retryAfterMs);
      return sleep(refused.retryAfterMs);
    }
    const welcome = await socket.next('welcome');
    assert.equal(welcome.reset, false, 'the log is the one of before');
    this.epoch = welcome.logEpoch || this.epoch;
    // Who came before the first message knows no epoch yet, and is given the whole log.
    this.log.push(...welcome.messages.filter((entry) => entry.seq > (last?.seq ?? 0)));
    this.isIn = true;
    await socket.closed;
    this.isIn = false;
  }

  stop() {
    this.stopped = true;
    this.socket?.cut();
  }
}

/** What the process holds at this moment. */
function held(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, rssMb: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024) };
}

/** How many descriptors the system lets the process have. */
const limit = (pid) => Number(/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))[1]);

test(`a storm of ${SOCKETS} sockets in ${SOCKETS / TABS} Rooms at ${DESCRIPTORS} descriptors`, async (t) => {
  assert.ok(descriptors() >= DESCRIPTORS, `this machine gives a process ${descriptors()} descriptors only`);
  const it = await world(t, { descriptors: DESCRIPTORS, vars: { BELLHOP_LIMIT_FACTOR: '1000' } });
  assert.equal(limit(it.server.pid), DESCRIPTORS, 'the process has no more than that');
  let death;
  it.server.died.then((outcome) => (death = outcome));
  const visitors = Array.from({ length: SOCKETS / TABS }, () => new Visitor(it));
  const waiting = [...visitors];
  await Promise.all(Array.from({ length: ASKING }, async () => {
    for (let visitor; (visitor = waiting.pop()); ) await visitor.session();
  }));
  const tabs = visitors.flatMap((visitor) => Array.from({ length: TABS }, () => new Tab(it, visitor)));
  t.after(() => tabs.forEach((tab) => tab.stop()));
  const peak = { descriptors: 0, rssMb: 0 };
  const watch = setInterval(() => {
    try {
      for (const [name, value] of Object.entries(held(it.server.pid))) peak[name] = Math.max(peak[name], value);
    } catch { /* between two processes */ }
  }, 250);
  t.after(() => clearInterval(watch));

  const inside = () => tabs.filter((tab) => tab.isIn).length;
  const everybody = async (what) => {
    const began = Date.now();
    await until(what, () => death !== undefined || inside() === tabs.length, PATIENCE_MS).catch((error) => assert.fail(`${error.message}: ${inside()} of ${tabs.length} are in`));
    assert.equal(death, undefined, 'the process lives');
    return Math.round((Date.now() - began) / 1000);
  };
  const lives = tabs.map((tab) => tab.live());
  lives.forEach((life) => life.catch((error) => (death = error)));
  const first = await everybody('the first arrival');
  const refusedFirst = tabs.reduce((sum, tab) => sum + tab.refusals, 0);

  // One message in each conversation, so that there is something to lose. Not all at once: a message wakes its Room, and
  // 4,000 awake Rooms beside 8,000 sockets are more than 20,000 descriptors; nobody can refuse what comes on an open socket.
  for (const [n, tab] of tabs.entries()) {
    if (n % TABS !== 0) continue;
    tab.socket.send(message(`from ${n}`, `storm-${n}`));
    await sleep(1_000 / TALKING);
  }
  for (const [n, tab] of tabs.entries()) {
    const mine = n % TABS === 0;
    const entry = await (mine ? tab.socket.next('ack', () => true, { ms: PATIENCE_MS }) : tab.socket.next('message', () => true, { ms: PATIENCE_MS }));
    tab.log.push(mine ? { ...entry, text: `from ${n}` } : entry);
  }

  await it.server.kill();
  await it.server.restart();
  const back = await everybody('everybody to be back');
  const refused = tabs.reduce((sum, tab) => sum + tab.refusals, 0) - refusedFirst;
  for (const [n, tab] of tabs.entries()) {
    assert.deepEqual(tab.log.map((entry) => [entry.seq, entry.text]), [[1, `from ${n - (n % TABS)}`]]);
  }
  const waits = tabs.flatMap((tab) => tab.waited);
// Rooms that had something to tell the history wake by themselves when the server does, and their clients find them awake.
  assert.ok(refusedFirst > 0 && new Set(waits).size > waits.length / 10, `${refusedFirst} and ${refused} refusals, ${new Set(waits).size} of ${waits.length} waits differ`);
  assert.ok(peak.descriptors > DESCRIPTORS / 2 && peak.descriptors <= DESCRIPTORS, `at most ${peak.descriptors} descriptors were held`);
  t.diagnostic(`first arrival ${first} s, ${refusedFirst} refusals; after the kill all ${SOCKETS} back in ${back} s, ${refused} refusals; at most ${peak.descriptors} descriptors and ${peak.rssMb} MB`);
  tabs.forEach((tab) => tab.stop());
  await Promise.all(lives);
});
