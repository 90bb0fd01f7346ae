// kill -9 of workerd under load, three times: nothing that was acknowledged is lost, nothing is there twice, and what
// was never acknowledged arrives when it is sent again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './lib/socket.mjs';
import { Agent, message, Visitor, world } from './lib/world.mjs';

const ROOMS = 8;
const KILLS = 3;
/** Messages on their way at once in a room: some of them are always unanswered when the process dies. */
const WINDOW = 8;

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
      } catch {
        // The server is gone, or not there yet: what is open is sent again.
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
    for (const id of this.open()) socket.send(message(this.sent.get(id), id));
    while (!socket.end) {
      for (; read < socket.frames.length; read++) {
        const { ack } = socket.frames[read];
        if (!ack) continue;
        if (!this.acks.has(ack.clientId)) this.acks.set(ack.clientId, ack.seq);
        assert.equal(this.acks.get(ack.clientId), ack.seq, 'the same place every time');
      }
      if (this.#stopped && !this.open().length) {
        await socket.close();
        return;
      }
      while (!this.#stopped && this.open().length < WINDOW) {
        const id = `${this.name}-${this.#next}`;
        this.sent.set(id, `${this.name} says ${this.#next++}`);
        socket.send(message(this.sent.get(id), id));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

test(`INV-1 INV-2 INV-3 INV-7: ${KILLS} kills under load lose nothing and double nothing`, async (t) => {
  const it = await world(t, { vars: { BELLHOP_TEST_FRAMES: 'unlimited' } });
  const writers = Array.from({ length: ROOMS }, (_, n) => new Writer(new Visitor(it), `w${n}`));
  for (const writer of writers) await writer.visitor.session();
  const running = writers.map((writer) => writer.run());
  const acked = () => writers.reduce((sum, writer) => sum + writer.acks.size, 0);

  const counts = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const before = acked();
    await until('a good deal of acks', () => acked() >= before + 200, 60_000);
    await it.server.kill();
    counts.push({ acked: acked(), open: writers.reduce((sum, writer) => sum + writer.open().length, 0) });
    await it.server.restart();
  }
  await until('acks after the last kill', () => acked() >= counts.at(-1).acked + 200, 60_000);
  writers.forEach((writer) => writer.stop());
  await Promise.all(running);
  t.diagnostic(`acknowledged at each kill: ${counts.map((c) => `${c.acked} (${c.open} open)`).join(', ')}; in the end ${acked()}`);
  assert.ok(counts.some((c) => c.open > 0), 'no kill hit a message on its way: the test proves nothing');

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
    }, 60_000);
  }
});
