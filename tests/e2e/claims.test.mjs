// INV-5 on the real runtime: fifty agents press "claim" at the same moment, again and again.
//   ROUNDS=1000 node --test tests/e2e/claims.test.mjs      more of them
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo } from '../../scripts/lib/demo.mjs';
import { until } from './lib/socket.mjs';
import { Agent, say, Visitor, world } from './lib/world.mjs';

const AGENTS = 50;
const ROUNDS = Number(process.env.ROUNDS || 200);
/** Conversations that are there before the first round. A list may be a second behind, so nobody waits for it between rounds. */
const CONVERSATIONS = 20;
/** How many sign in at a time: a password takes a core for a while. */
const SIGNING_IN = 4;

/** The answer to one request of this desk's, whichever it is. */
async function answer(desk, clientId, since) {
  const mine = (it) => it.clientId === clientId;
  const [good, bad] = [desk.next('assigned', mine, { since }), desk.next('error', mine, { since })];
  good.catch(() => {});
  bad.catch(() => {});
  return Promise.race([
    good.then((it) => ({ holder: it.assignee, epoch: it.assignmentEpoch })),
    bad.then((it) => ({ code: it.code, holder: it.holder })),
  ]);
}

async function ask(desk, kind, body) {
  const since = desk.frames.length;
  desk.send({ [kind]: body });
  return answer(desk, body.clientId, since);
}

test(`INV-5: of ${AGENTS} simultaneous claims one wins, and everybody is told who; ${ROUNDS} rounds`, async (t) => {
  const agents = Array.from({ length: AGENTS }, (_, n) => ({ name: `Agent ${n}`, email: `agent${n}@example.com`, password: `fifty-lanterns-${n}` }));
  const began = Date.now();
  const it = await world(t, { seed: { ...demo, agents } });
  const desks = [];
  const waiting = [...agents.entries()];
  await Promise.all(
    Array.from({ length: SIGNING_IN }, async () => {
      for (let next; (next = waiting.shift()); ) {
        const [n, person] = next;
        const agent = await Agent.signIn(it, person);
        desks[n] = Object.assign(await agent.desk({ encoding: n % 2 ? 'json' : 'proto' }), { me: agent.me });
      }
    }),
  );
  const conversations = await Promise.all(
    Array.from({ length: CONVERSATIONS }, async (_, n) => {
      const visitor = new Visitor(it);
      const v = await visitor.connect({ encoding: n % 2 ? 'proto' : 'json' });
      await say(v, `conversation ${n}`);
      return { v, id: visitor.conversation, epoch: 0 };
    }),
  );
  /** The last row of each conversation that a desk was given. */
  const list = (desk) => new Map([...desk.deskWelcome.rows, ...desk.all('deskUpdate').flatMap((u) => u.rows)].map((row) => [row.conversation, row]));
  await until('the conversations at every desk', () => desks.every((desk) => list(desk).size === CONVERSATIONS));
  const prepared = Date.now();

  const wins = new Set();
  for (let round = 0; round < ROUNDS; round++) {
    const one = conversations[round % CONVERSATIONS];
    if (one.winner) {
      // The Room obeyed the decision of the last round, and named nobody else meanwhile.
      const { winner } = one;
      const state = await one.v.next('state', (s) => s.assignmentEpoch === winner.epoch);
      assert.equal(state.assignee?.id, winner.holder.id);
      assert.ok(one.v.all('state').every((s) => s.assignmentEpoch !== winner.epoch || s.assignee?.id === winner.holder.id));
      const released = await ask(winner.desk, 'release', { clientId: `release-${round}`, conversation: one.id, assignmentEpoch: winner.epoch });
      assert.ok(!released.code && !released.holder && released.epoch > winner.epoch, JSON.stringify(released));
      one.epoch = released.epoch;
    }
    const clientId = `claim-${round}`;
    // Somebody else is the first to send each time.
    const order = [...desks.slice((round * 7) % AGENTS), ...desks.slice(0, (round * 7) % AGENTS)];
    const answers = await Promise.all(order.map(async (desk) => ({ desk, ...(await ask(desk, 'claim', { clientId, conversation: one.id })) })));
    const winners = answers.filter((a) => !a.code);
    assert.equal(winners.length, 1, `round ${round}: ${JSON.stringify(answers.map(({ desk, ...rest }) => rest))}`);
    const [winner] = winners;
    assert.equal(winner.holder.id, winner.desk.me.id, 'only the winner is told that they have it');
    assert.ok(winner.epoch > one.epoch, `epoch ${winner.epoch} after ${one.epoch}`);
    for (const lost of answers.filter((a) => a !== winner)) assert.deepEqual([lost.code, lost.holder], ['already_assigned', winner.holder]);
    one.winner = winner;
    one.epoch = winner.epoch;
    wins.add(winner.holder.id);
  }
  const claimed = Date.now();

  // In the end every Room and every list say the same.
  const had = conversations.filter(({ winner }) => winner);
  for (const { v, winner } of had) assert.equal((await v.next('state', (s) => s.assignmentEpoch === winner.epoch)).assignee?.id, winner.holder.id);
  const agrees = (rows) => had.every(({ id, winner }) => rows.get(id).assignmentEpoch === winner.epoch && rows.get(id).assignee?.id === winner.holder.id);
  await until('the winners in every list', () => desks.every((desk) => agrees(list(desk))));
  t.diagnostic(`${ROUNDS} rounds in ${claimed - prepared} ms, won by ${wins.size} agents; ${prepared - began} ms to prepare`);
  await Promise.all([...desks, ...conversations.map(({ v }) => v)].map((socket) => socket.cut()));
});
