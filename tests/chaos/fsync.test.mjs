// INV-1 on the disk: each acknowledged commit has its fsync, and has it before the ack. Counted under workerd, by a library
// that is loaded before libc.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { at } from '../../scripts/lib/paths.mjs';
import { Agent, say, Visitor, world } from '../e2e/lib/world.mjs';

const MESSAGES = 100;

test('INV-1: one fsync for each acknowledged message, before its ack', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bellhop-fsync-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [library, log] = [join(folder, 'fsync.so'), join(folder, 'log')];
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', library, at('tests/chaos/lib/fsync.c'), '-ldl']);
  // What the Room tells the history by its alarm is written on its own account, and not now.
  const it = await world(t, { vars: { BELLHOP_EVENTS_DELAY_MS: '600000' }, env: { LD_PRELOAD: library, FSYNC_LOG: log, ...(process.env.BREAK === 'no-fsync' ? { FSYNC_SKIP: '1' } : {}) } });
  const files = () => {
    const counts = new Map();
    if (existsSync(log)) for (const path of readFileSync(log, 'utf8').split('\n').filter((path) => /Room\/[0-9a-f]{64}\.sqlite/.test(path))) counts.set(path, (counts.get(path) ?? 0) + 1);
    return counts;
  };
  const total = () => [...files().values()].reduce((sum, n) => sum + n, 0);

  const visitor = new Visitor(it);
  const v = await visitor.connect({ encoding: 'proto' });
  await say(v, 'first');
  const agent = await (await Agent.signIn(it, it.people.agents[0])).connect(visitor.conversation, { encoding: 'proto' });
  const began = total();
  for (let n = 0; n < MESSAGES; n++) {
    const before = total();
    await say(n % 2 ? agent : v, `message ${n}`);
    assert.ok(total() > before, `message ${n} was acknowledged without an fsync`);
    // Below what a visitor may send in a second.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const synced = total() - began;
  t.diagnostic(`${MESSAGES} messages acknowledged one by one · ${synced} fsyncs of the Room's files · ${(synced / MESSAGES).toFixed(2)} for each`);
  // A checkpoint or a cursor takes one more.
  assert.ok(synced >= MESSAGES && synced <= MESSAGES * 1.1, `${synced} fsyncs for ${MESSAGES} messages`);

  // Sent at once they may share one; none is acknowledged without.
  const before = total();
  await Promise.all(Array.from({ length: 20 }, (_, n) => say(agent, `together ${n}`)));
  t.diagnostic(`20 messages sent at once · ${total() - before} fsyncs`);
  assert.ok(total() > before);
});
