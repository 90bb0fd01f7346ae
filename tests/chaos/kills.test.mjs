// The real server, killed and asked to end again and again under load from visitors and agents, behind a queue consumer
// that drops, doubles, splits and reorders: nothing acknowledged is lost, nothing is there twice.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../e2e/lib/socket.mjs';
import { world } from '../e2e/lib/world.mjs';
import { BREAK } from './lib/broken.mjs';
import { chance } from './lib/chance.mjs';
import { badConsumer } from './lib/consumer.mjs';
import { converge, load, report, SEED } from './lib/run.mjs';

const KILLS = Number(process.env.KILLS || 10);
/** Of all ends, those that are asked for, beside the kills. */
const TERMS = 0.3;
/** An end that meets nothing on its way proves little. */
const OPEN = 3;

test(`INV-1 INV-2 INV-3 INV-4 INV-5 INV-7 INV-10: ${KILLS} × kill -9 of a busy server, and SIGTERM between them, lose nothing and double nothing`, async (t) => {
  t.diagnostic(`seed ${SEED}; again: make chaos N=${KILLS} SEED=${SEED} ONLY=kills`);
  const dice = chance(SEED);
  const consumer = badConsumer(dice);
  const it = await world(t, { patch: consumer.patch, entry: BREAK?.entry });
  t.after(() => rmSync(it.server.store, { recursive: true, force: true }));
  const run = await load(t, it, dice);
  const { history } = run;
  const tally = { seed: SEED, kills: 0, sigterms: 0, forced: 0, open: 0 };
  const batches = {};
  const lines = () => {
    for (const [, word] of it.server.output().matchAll(/consumer: (\w+)/g)) batches[word] = (batches[word] ?? 0) + 1;
  };
  while (tally.kills < KILLS || tally.sigterms === 0) {
    const goal = run.acked() + 20 + dice.below(80);
    await until('acks', () => (assert.deepEqual(history.findings, []), run.acked() >= goal), 120_000);
    await new Promise((resolve) => setTimeout(resolve, dice.below(150)));
    await until('messages on their way', () => history.open() >= OPEN, 120_000);
    tally.open += history.open();
    // A server with open sockets takes five seconds to be made to end.
    if ((dice.hit(TERMS) && tally.sigterms < KILLS * TERMS) || tally.kills === KILLS) {
      tally.sigterms++;
      if ((await it.server.term()) === 'SIGKILL') tally.forced++;
    } else {
      tally.kills++;
      await it.server.kill();
    }
    lines();
    await it.server.restart();
  }
  const goal = run.acked() + 100;
  await until('acks after the last end', () => (assert.deepEqual(history.findings, []), run.acked() >= goal), 120_000);
  const answers = () => run.claimers.map((it) => it.answers);
  const before = answers();
  await until('the Desk to answer everyone after the last end', () => answers().every((it, n) => it > before[n]), 120_000);
  assert.ok(tally.kills === KILLS && tally.sigterms > 0, JSON.stringify(tally));
  // The last start is without faults.
  consumer.calm(BREAK?.rates);
  await it.server.term();
  lines();
  await it.server.restart();
  const totals = await converge(it, run);
  report(t, { ...tally, ...totals, recovered: tally.open, connections: history.clients.reduce((sum, client) => sum + client.connections, 0) }, history);
  t.diagnostic(`batches met: ${JSON.stringify(batches)}; claims answered: ${run.claimers.reduce((sum, it) => sum + it.answers, 0)}`);
  assert.ok(totals.acked > KILLS * 20, 'a good deal was acknowledged');
});
