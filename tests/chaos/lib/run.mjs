// A load of several conversations, and the end of a run: stop writing, converge, stop the server, judge what is on disk.
import assert from 'node:assert/strict';
import { until } from '../../e2e/lib/socket.mjs';
import { Agent, Visitor } from '../../e2e/lib/world.mjs';
import { Claimer, Client } from './client.mjs';
import { History } from './history.mjs';
import { rows } from './rows.mjs';

/** All views the same and nothing open, so long after the last fault. */
const CONVERGED_MS = 120_000;
/** A Room looks after its history when it has been quiet for a minute. */
const HEALED_MS = 240_000;

export const SEED = Number(process.env.SEED || Date.now() % 1_000_000);

/** Visitors, one or two agents in every conversation, both at the Desk; they leave at the latest when `t` ends, however it does. */
export async function load(t, it, dice, { rooms = 6, cuts = 0.01, claims = true, everyMs, burst } = {}) {
  const history = new History();
  const agents = [await Agent.signIn(it, it.people.agents[0]), await Agent.signIn(it, it.people.agents[1])];
  const conversations = [];
  for (let n = 0; n < rooms; n++) {
    const visitor = new Visitor(it);
    await visitor.session();
    const { conversation } = visitor;
    conversations.push(conversation);
    const common = { history, conversation, dice, cuts, everyMs, burst };
    new Client({ ...common, name: `v${n}`, agent: false, connect: (hello) => visitor.connect({ encoding: n % 2 ? 'json' : 'proto', hello }) });
    for (const [a, agent] of agents.slice(0, 1 + (n % 2)).entries()) {
      new Client({ ...common, name: `a${a}r${n}`, agent: true, everyMs: (everyMs ?? 250) * 2, burst: 1, connect: (hello) => agent.connect(conversation, { encoding: n % 3 ? 'proto' : 'json', hello }) });
    }
  }
  const ids = agents.map((agent) => agent.me.id);
  const claimers = claims ? agents.map((agent, n) => new Claimer({ history, name: `desk${n}`, agent, others: ids, conversations, dice })) : [];
  const running = [...history.clients, ...claimers].map((client) => client.run());
  // What they throw is in the findings, too, and ends the run below.
  running.forEach((it) => it.catch(() => {}));
  t.after(() => {
    [...history.clients, ...claimers].forEach((client) => client.leave());
    return Promise.allSettled(running);
  });
  return { history, agents, conversations, claimers, running, acked: () => history.acks.size };
}

/** No more faults and nothing new: everything must converge, and is judged. Returns the figures. */
export async function converge(it, { history, agents, conversations, claimers, running }, { healed = HEALED_MS } = {}) {
  const began = Date.now();
  claimers.forEach((claimer) => claimer.leave());
  history.clients.forEach((client) => client.stop());
  const ok = () => assert.deepEqual(history.findings, []);
  await until('all views to be level and nothing open (C7)', () => (ok(), history.level()), CONVERGED_MS);
  const level = Date.now() - began;
  const assigned = async (conversation) => {
    const newest = history.newest(conversation);
    if (!newest) return true;
    const { conversation: it } = (await agents[0].call('GET', `/conversations/${conversation}`)).json;
    return it.assignment_epoch === undefined || it.assignment_epoch >= newest.epoch;
  };
  const [mei] = agents;
  const all = async (conversation, log) => {
    let count = 0;
    for (let before = ''; ; ) {
      const { messages, more } = (await mei.call('GET', `/conversations/${conversation}/messages?log=${log}&limit=100${before && `&before=${before}`}`)).json;
      count += messages.length;
      if (!more) return count;
      before = messages[0].seq;
    }
  };
  const open = new Set(conversations);
  await until('the history of every conversation', async () => {
    for (const conversation of open) {
      const mine = history.clients.filter((client) => client.conversation === conversation);
      const agent = mine.find((client) => client.agent);
      const [seen, secret] = await Promise.all([all(conversation, 'public'), all(conversation, 'private')]).catch(() => []);
      if (seen === agent.public.last && secret === agent.private.last && (await assigned(conversation))) open.delete(conversation);
    }
    if (open.size) await new Promise((resolve) => setTimeout(resolve, 1_000));
    return open.size === 0;
  }, healed);
  history.clients.forEach((client) => client.leave());
  await Promise.all(running);
  await it.server.stop({ keep: true });
  const totals = history.judge(rows(it.server.store));
  ok();
  return { ...totals, sent: history.sent.size, level_ms: level, history_ms: Date.now() - began };
}

/** A line of figures, and how to have them again. */
export function report(t, figures, history) {
  const list = (it) => Object.entries(it).map(([name, value]) => `${name} ${value}`).join(' · ');
  t.diagnostic(list(figures));
  t.diagnostic(`seen: ${list(Object.fromEntries([...history.counts].sort()))}`);
}
