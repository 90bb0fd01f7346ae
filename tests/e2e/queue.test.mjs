// INV-7: what the Queue loses, doubles or reorders, the history has whole in the end. Between workerd's queue and our
// consumer stands a Worker that does to batches what a test says.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from './lib/socket.mjs';
import { Agent, say, Visitor, world } from './lib/world.mjs';

const FAULTY = `
// One word a batch: drop, double, fail, or pass when the words are used up.
export default {
  async queue(batch, env) {
    const { word } = await (await env.PLAN.getByName('plan').fetch('http://plan/next')).json();
    console.log('batch of ' + batch.messages.length + ': ' + word);
    const messages = batch.messages.map(({ id, timestamp, body, attempts }) => ({ id, timestamp, body, attempts }));
    if (word === 'drop') return batch.ackAll();
    if (word === 'fail') throw new Error('the consumer could not be reached');
    const answer = await env.APP.queue(batch.queue, messages);
    if (word === 'double') await env.APP.queue(batch.queue, messages);
    for (const message of batch.messages) if (answer.retryBatch?.retry || answer.retryMessages?.some((it) => it.msgId === message.id)) message.retry();
  },
};
export class Plan {
  words = WORDS;
  async fetch() { return Response.json({ word: this.words.shift() ?? 'pass' }); }
}
`;

/** Puts the faulty Worker between the queue service and our consumer. */
const between = (words) => (text) => {
  const code = JSON.stringify(FAULTY.replace('WORDS', JSON.stringify(words)));
  const patched = text
    .replace(/(const queues :W\.Worker[\s\S]*?\(name = "app", service = )"app"/, '$1"faulty"')
    .replace('  services = [', '  services = [\n    (name = "faulty", worker = .faulty),');
  assert.notEqual(patched, text);
  return `${patched}
const faulty :W.Worker = (
  modules = [(name = "faulty.js", esModule = ${code})],
  compatibilityDate = "2026-08-20",
  compatibilityFlags = ["service_binding_extra_handlers"],
  bindings = [(name = "APP", service = "app"), (name = "PLAN", durableObjectNamespace = "Plan")],
  durableObjectNamespaces = [(className = "Plan", uniqueKey = "Plan", preventEviction = true)],
  durableObjectStorage = (inMemory = void),
);
`;
};

/** A Room looks after its history when it has been quiet for a minute. */
const HEALED_MS = 240_000;

describe('INV-7: the history is whole', { concurrency: true }, () => {
  for (const words of [['drop'], ['double'], ['fail', 'fail'], ['drop', 'double', 'fail', 'drop', 'double']]) {
    test(`after ${words.join(', ')}`, async (t) => {
      const it = await world(t, { patch: between(words) });
      const mei = await Agent.signIn(it, it.people.agents[0]);
      const visitor = new Visitor(it);
      const v = await visitor.connect();
      const said = [];
      // Enough rounds for every word to meet a batch of its own.
      for (let round = 0; round < words.length + 1; round++) {
        for (let n = 0; n < 4; n++) said.push((await say(v, `round ${round} message ${n}`)).text);
        const batches = () => it.server.output().split('batch of ').length - 1;
        const seen = batches();
        await until('a batch', () => batches() > seen, 120_000);
      }
      for (const word of words) assert.ok(it.server.output().includes(`: ${word}`), `no batch met ${word}`);
      await until('the whole history', async () => {
        const { messages } = (await mei.call('GET', `/conversations/${visitor.conversation}/messages`)).json;
        const texts = messages.map((m) => m.text).filter((text) => text !== undefined);
        assert.equal(new Set(texts).size, texts.length, 'nothing twice');
        return texts.length === said.length && texts.every((text, n) => text === said[n]);
      }, HEALED_MS);
      await v.close();
    });
  }
});
