// Between workerd's queue and our consumer stands a Worker that drops, doubles, splits, reorders, holds back and fails
// batches, each at a rate; `calm()` makes it pass everything from the server's next start on.
const SOURCE = `
const RATES = /*RATES*/;
let state = /*SEED*/;
let held = [];
const unit = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const hit = (name) => unit() < (RATES[name] ?? 0) && (console.log('consumer: ' + name), true);
const plain = ({ id, timestamp, body, attempts }) => ({ id, timestamp, body, attempts });

export default {
  async queue(batch, env) {
    if (hit('drop')) return batch.ackAll();
    if (hit('fail')) throw new Error('the consumer could not be reached');
    let messages = batch.messages.map(plain);
    if (hit('reorder')) messages = messages.map((it) => [unit(), it]).sort((a, b) => a[0] - b[0]).map(([, it]) => it);
    // Acknowledged to the queue, and delivered after a later batch: lost if the process dies meanwhile.
    if (hit('hold')) return void (held.push(...messages), batch.ackAll());
    const parts = hit('split') ? messages.map((it) => [it]) : [messages];
    if (hit('double')) parts.push(messages);
    if (held.length) parts.push(held.splice(0));
    for (const part of parts) {
      const answer = await env.APP.queue(batch.queue, part);
      for (const message of batch.messages) if (answer.retryBatch?.retry || answer.retryMessages?.some((it) => it.msgId === message.id)) message.retry();
    }
  },
};
`;

export const RATES = { drop: 0.15, fail: 0.1, reorder: 0.3, hold: 0.1, split: 0.3, double: 0.3 };

/** `{patch, calm()}`: for `start({patch})`. */
export function badConsumer(dice, rates = RATES) {
  let now = rates;
  const patch = (text) => {
    const code = SOURCE.replace('/*RATES*/', JSON.stringify(now)).replace('/*SEED*/', String(dice.below(2 ** 32)));
    const patched = text
      .replace(/(const queues :W\.Worker[\s\S]*?\(name = "app", service = )"app"/, '$1"faulty"')
      .replace('  services = [', '  services = [\n    (name = "faulty", worker = .faulty),');
    if (patched === text) throw new Error('the queue is not where it was');
    return `${patched}
const faulty :W.Worker = (
  modules = [(name = "faulty.js", esModule = ${JSON.stringify(code)})],
  compatibilityDate = "2026-08-20",
  compatibilityFlags = ["service_binding_extra_handlers"],
  bindings = [(name = "APP", service = "app")],
);
`;
  };
  return { patch, calm: (rest = {}) => (now = rest) };
}
