// INV-5 on the real runtime: fifty agents press "claim" at the same moment.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo } from '../../scripts/lib/demo.mjs';
import { until } from './lib/socket.mjs';
import { Agent, say, Visitor, world } from './lib/world.mjs';

const AGENTS = 50;
const ROUNDS = 5;

test(`INV-5: of ${AGENTS} simultaneous claims one wins, and everybody is told who`, async (t) => {
  const agents = Array.from({ length: AGENTS }, (_, n) => ({ name: `Agent ${n}`, email: `agent${n}@example.com`, password: `fifty-lanterns-${n}` }));
  const it = await world(t, { seed: { ...demo, agents } });
  const desks = [];
  for (const person of agents) desks.push(await (await Agent.signIn(it, person)).desk({ encoding: desks.length % 2 ? 'json' : 'proto' }));

  for (let round = 0; round < ROUNDS; round++) {
    const visitor = new Visitor(it);
    const v = await visitor.connect();
    await say(v, `round ${round}`);
    await until('the conversation at every desk', () => desks.every((d) => [...d.deskWelcome.rows, ...d.all('deskUpdate').flatMap((u) => u.rows)].some((r) => r.conversation === visitor.conversation)));
    const clientId = `claim-${round}`;
    const answers = await Promise.all(
      desks.map((desk) => {
        const won = desk.next('assigned', (a) => a.clientId === clientId).then((a) => ({ won: true, holder: a.assignee, epoch: a.assignmentEpoch }));
        const lost = desk.next('error', (e) => e.clientId === clientId).then((e) => ({ won: false, code: e.code, holder: e.holder }));
        won.catch(() => {});
        lost.catch(() => {});
        desk.send({ claim: { clientId, conversation: visitor.conversation } });
        return Promise.race([won, lost]);
      }),
    );
    const winners = answers.filter((a) => a.won);
    assert.equal(winners.length, 1, JSON.stringify(answers));
    const [winner] = winners;
    for (const answer of answers) assert.equal(answer.holder.id, winner.holder.id);
    for (const answer of answers.filter((a) => !a.won)) assert.equal(answer.code, 'already_assigned');
    // The Room obeys the same decision.
    const state = await v.next('state', (s) => s.assignmentEpoch === winner.epoch);
    assert.equal(state.assignee.id, winner.holder.id);
    assert.equal(v.all('state').filter((s) => s.assignee && s.assignee.id !== winner.holder.id).length, 0);
    await v.close();
  }
});
