// Node's test runner over a folder of `*.test.mjs`.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { at } from './paths.mjs';
import { Failure, run } from './run.mjs';

/**
 * One file at a time unless `together` says how many: each starts servers of its own, and most of them wait more than they work.
 * @param options.only   a part of a file's name
 * @param options.alone  files that load the machine themselves: one at a time, after the others. They end when their tests have: a
 *                       browser that died may leave a pipe behind that keeps Node busy for ever.
 * @param options.steady files that judge what may never happen, not even once: a failure of theirs stands. Of the others one may fail beside
 *                       the rest and pass by itself: a slow machine. That is said loudly, with the first failure above it.
 */
export async function nodeTests(folder, env = {}, { only = '', together = 1, alone = [], steady } = {}) {
  const names = existsSync(at(folder)) ? readdirSync(at(folder)) : [];
  const files = names.filter((name) => name.endsWith('.test.mjs') && name.includes(only)).sort();
  if (!files.length) throw new Failure(`${folder} has no tests${only && ` named ${only}`}.`);
  const isAlone = (name) => alone.includes(name.split('.')[0]);
  const beside = files.filter((name) => !isAlone(name));
  const failed = await runner(folder, beside, together, env);
  const again = failed.map((file) => basename(file));
  if (again.length) {
    const judges = again.find((name) => !steady || steady.includes(name.split('.')[0]));
    if (again.length > 1 || judges) throw new Failure(`${folder}: failed: ${again.join(', ')}`);
    console.log(`!\n! ${again[0]} failed beside the others. Once more, by itself:\n!`);
    if ((await runner(folder, again, 1, env)).length) throw new Failure(`${folder}: failed: ${again[0]}`);
    console.log(`!\n! UNSTEADY: ${again[0]} passed by itself. The failure is above: find what it waits for.\n!`);
  }
  const last = await runner(folder, files.filter(isAlone), 1, env, '--test-force-exit');
  if (last.length) throw new Failure(`${folder}: failed: ${last.map((file) => basename(file)).join(', ')}`);
}

/** Runs files to their end and gives back those with a failure. */
async function runner(folder, files, together, env, ...flags) {
  if (!files.length) return [];
  const scratch = mkdtempSync(join(tmpdir(), 'bellhop-tests-'));
  const list = join(scratch, 'failed');
  const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout', `--test-reporter=${at('scripts/lib/failed-files.mjs')}`, `--test-reporter-destination=${list}`];
  try {
    await run(process.execPath, ['--test', ...flags, `--test-concurrency=${together}`, ...reporters, ...files.map((name) => at(folder, name))], { quiet: false, env: { BELLHOP_BUNDLE: 'release', ...env } });
    return [];
  } catch (failure) {
    const failed = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
    if (!failed.length) throw failure;
    return failed;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
