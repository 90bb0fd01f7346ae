// kill -9 of workerd under load, three times: nothing that was acknowledged is lost, nothing is there twice, and what
// was never acknowledged arrives when it is sent again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './lib/socket.mjs';
import { Agent, message, Visitor, world } from './lib/world.mjs';

const ROOMS = 8;
const KILLS = 3;
/** Messages written at once, and how often: below what a socket may send (20 a second, 60 at once). */
const BURST = 3;
const EVERY_MS = 200;
/** A kill waits until so many messages are on their way, or it would prove little. */
const OPEN = 6;

/** One visitor who writes without pause and keeps books: what was sent, what was acknowledged, at which place. */
class Writer {
  sent = new Map();
  acks = new Map();
  log = [];
  #next = 0;
  #stopped = false;

  constructor(visitor, name) {
    Object.assign(this, { visitor, name });
  }

  async run() {
    while (!this.#stopped || this.open().length) {
      try {
        await this.#connection();
      } catch (error) {
        // The server is gone, or not there yet: what is open is sent again. Anything else is a finding.
        if (!/socket closed|ECONNREFUSED|ECONNRESET|hang up|fetch failed|closed before/.test(error.message)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  stop() {
    this.#stopped = true;
  }

  open() {
    return [...this.sent.keys()].filter((id) => !this.acks.has(id));
  }

  async #connection() {
    const last = this.log.at(-1);
    const socket = await this.visitor.connect({ encoding: 'proto', hello: last ? { logEpoch: this.epoch, after: last.seq, tip: last.id } : {} });
    assert.equal(socket.welcome.reset, false, 'the log is the one of before');
    this.epoch = socket.welcome.logEpoch;
    this.log.push(...socket.welcome.messages.filter((m) => m.seq > (last?.seq ?? 0)));
    let read = 0;
    let wrote = 0;
    for (const id of this.open()) socket.send(message(this.sent.get(id), id));
    while (!socket.end) {
      for (; read < socket.frames.length; read++) {
        const { ack, error } = socket.frames[read];
        if (error) throw new Error(`${error.code}: ${error.message}`);
        if (!ack) continue;
        if (!this.acks.has(ack.clientId)) this.acks.set(ack.clientId, ack.seq);
        assert.equal(this.acks.get(ack.clientId), ack.seq, 'the same place every time');
      }
      if (this.#stopped && !this.open().length) {
        await socket.close();
        return;
      }
      const due = !this.#stopped && Date.now() - wrote >= EVERY_MS;
      if (due) wrote = Date.now();
      for (let n = 0; due && n < BURST; n++) {
        const id = `${this.name}-${this.#next}`;
        this.sent.set(id, `${this.name} says ${this.#next++}`);
        socket.send(message(this.sent.get(id), id));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

test(`INV-1 INV-2 INV-3 INV-7: ${KILLS} kills under load lose nothing and double nothing`, async (t) => {
  const it = await world(t);
  const writers = Array.from({ length: ROOMS }, (_, n) => new Writer(new Visitor(it), `w${n}`));
  for (const writer of writers) await writer.visitor.session();
  const running = writers.map((writer) => writer.run());
  for (const it of running) it.catch(() => {});
  const acked = () => writers.reduce((sum, writer) => sum + writer.acks.size, 0);

  const open = () => writers.reduce((sum, writer) => sum + writer.open().length, 0);
  const counts = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const before = acked();
    await until('a good deal of acks', () => acked() >= before + 200, 60_000);
    await until('messages on their way', () => open() >= OPEN, 30_000);
    counts.push({ acked: acked(), open: open() });
    await it.server.kill();
    await it.server.restart();
  }
  await until('acks after the last kill', () => acked() >= counts.at(-1).acked + 200, 60_000);
  writers.forEach((writer) => writer.stop());
  await Promise.all(running);
  t.diagnostic(`acknowledged at each kill: ${counts.map((c) => `${c.acked} (${c.open} open)`).join(', ')}; in the end ${acked()}`);

  const mei = await Agent.signIn(it, it.people.agents[0]);
  for (const writer of writers) {
    // The whole log, read anew.
    const socket = await writer.visitor.connect();
    const log = [...socket.welcome.messages];
    while (log.length && log[0].seq > 1) {
      const before = log[0].seq;
      log.unshift(...(await socket.ask({ page: { before } }, 'page', (p) => p.before === before)).messages);
    }
    assert.deepEqual(log.map((m) => m.seq), log.map((_, n) => n + 1), 'gapless');
    const texts = log.filter((m) => m.text !== undefined).map((m) => m.text);
    assert.equal(new Set(texts).size, texts.length, 'nothing twice');
    assert.deepEqual([...texts].sort(), [...writer.sent.values()].sort(), 'nothing lost, nothing invented');
    for (const [id, seq] of writer.acks) assert.equal(log[seq - 1].text, writer.sent.get(id), 'at its acknowledged place');
    await socket.close();

    // And the read model catches up with every row.
    await until(`the history of ${writer.name}`, async () => {
      const messages = [];
      for (let before = ''; ; before = messages[0].seq) {
        const page = (await mei.call('GET', `/conversations/${writer.visitor.conversation}/messages?limit=100${before && `&before=${before}`}`)).json;
        messages.unshift(...page.messages);
        if (!page.more) break;
      }
      return messages.length === log.length && messages.every((m, n) => Number(m.seq) === n + 1 && (m.text ?? '') === (log[n].text ?? ''));
    }, 150_000);
  }
});
