// An older store is put back under clients that hold newer messages: they are told to start over, and then everything
// converges. What was acknowledged after the copy went with the store, and is counted apart.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../e2e/lib/socket.mjs';
import { world } from '../e2e/lib/world.mjs';
import { chance } from './lib/chance.mjs';
import { converge, load, report, SEED } from './lib/run.mjs';

/** Everything, as from a backup of the folder; or the Rooms and the Desk alone, so that D1 knows more than they do. */
const PARTS = { 'the whole store': '.', 'the objects without the history': 'objects' };

for (const [what, part] of Object.entries(PARTS)) {
  test(`INV-4 INV-7: ${what}, put back under live clients`, async (t) => {
    t.diagnostic(`seed ${SEED}; again: make chaos SEED=${SEED} ONLY=restore`);
    const it = await world(t);
    const folder = mkdtempSync(join(tmpdir(), 'bellhop-copy-'));
    t.after(() => [folder, it.server.store].forEach((path) => rmSync(path, { recursive: true, force: true })));
    const run = await load(t, it, chance(SEED), { rooms: 3 });
    const { history } = run;
    const more = (n) => {
      const goal = run.acked() + n;
      return until('acks', () => (assert.deepEqual(history.findings, []), run.acked() >= goal), 120_000);
    };
    await more(100);
    await it.server.kill();
    const mark = history.mark();
    cpSync(join(it.server.store, part), join(folder, part), { recursive: true });
    await it.server.restart();
    await more(100);
    await it.server.kill();
    history.putBack(mark);
    rmSync(part === '.' ? join(it.server.store, 'objects') : join(it.server.store, part), { recursive: true });
    if (part === '.') ['d1', 'queues', 'kv', 'kv-blobs', 'cron'].forEach((name) => rmSync(join(it.server.store, name), { recursive: true, force: true }));
    cpSync(join(folder, part), join(it.server.store, part), { recursive: true });
    await it.server.restart();
    await more(60);
    const totals = await converge(it, run);
    report(t, { seed: SEED, ...totals }, history);
    for (const client of history.clients) assert.ok(client.resets >= 1, `${client.name} was told to start over`);
    assert.ok(totals.apart > 0);
  });
}
