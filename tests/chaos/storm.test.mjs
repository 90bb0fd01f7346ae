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

/** One tab: it stays connected, and comes back the moment that it may. What it has to say it says until it is in the log. */
class Tab {
  log = [];
  refusals = 0;
  waited = [];
  /** Sent away in the middle, because too many conversations had woken. */
  partings = 0;

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
      this.refusals++;
      return this.#comeLater(socket);
    }
    const welcome = await socket.next('welcome');
    assert.equal(welcome.reset, false, 'the log is the one of before');
    this.epoch = welcome.logEpoch || this.epoch;
    // Who came before the first message knows no epoch yet, and is given the whole log.
    this.log.push(...welcome.messages.filter((entry) => entry.seq > (last?.seq ?? 0)));
    this.isIn = true;
    if (this.said && this.log.length === 0) this.say(this.said);
    for (const [name, entry] of [['ack', (it) => ({ ...it, text: this.said })], ['message', (it) => it]]) {
      socket.next(name, () => true, { ms: 2 * PATIENCE_MS }).then((it) => this.log.push(entry(it)), () => {});
    }
    await socket.closed;
    this.isIn = false;
    if (socket.all('error').length > 0) {
      this.partings++;
      await this.#comeLater(socket);
    }
  }

  async #comeLater(socket) {
    await socket.closed;
    const { code, retryable, retryAfterMs } = socket.all('error').at(-1);
    // A Limiter that a busy machine does not let answer refuses as well: what guards a door fails closed.
    assert.ok(code === 'overloaded' || code === 'rate_limited', code);
    assert.deepEqual([retryable, socket.end.code], [true, 4029]);
    assert.ok(retryAfterMs > 0, 'it is told when to come back');
    this.waited.push(retryAfterMs);
    await sleep(retryAfterMs);
  }

  say(text) {
    this.said = text;
    if (this.isIn) this.socket.send(message(text, `storm-${text.replace(' ', '-')}`));
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
    tab.say(`from ${n}`);
    await sleep(1_000 / TALKING);
  }
  await until('every message to be everywhere', () => death !== undefined || tabs.every((tab) => tab.log.length === 1), PATIENCE_MS);
  assert.equal(death, undefined, 'the process lives while all of them speak');
  const partings = tabs.reduce((sum, tab) => sum + tab.partings, 0);

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
  t.diagnostic(`first arrival ${first} s, ${refusedFirst} refusals; ${partings} were sent away while they spoke; after the kill all ${SOCKETS} back in ${back} s, ${refused} refusals; at most ${peak.descriptors} descriptors and ${peak.rssMb} MB`);
  tabs.forEach((tab) => tab.stop());
  await Promise.all(lives);
});
