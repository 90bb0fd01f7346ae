// Node's test runner over a folder of `*.test.mjs`.
import { existsSync, readdirSync } from 'node:fs';
import { at } from './paths.mjs';
import { Failure, run } from './run.mjs';

/**
 * One file at a time unless `together` says how many: each starts servers of its own, and most of them wait more than they work.
 * @param options.only   a part of a file's name
 * @param options.alone  files that load the machine themselves: one at a time, after the others. They end when their tests have: a
 *                       browser that died may leave a pipe behind that keeps Node busy for ever.
 */
export async function nodeTests(folder, env = {}, { only = '', together = 1, alone = [] } = {}) {
  const names = existsSync(at(folder)) ? readdirSync(at(folder)) : [];
  const files = names.filter((name) => name.endsWith('.test.mjs') && name.includes(only)).sort();
  if (!files.length) throw new Failure(`${folder} has no tests${only && ` named ${only}`}.`);
  const isAlone = (name) => alone.includes(name.split('.')[0]);
  await runner(folder, files.filter((name) => !isAlone(name)), together, env);
  await runner(folder, files.filter(isAlone), 1, env, '--test-force-exit');
}

async function runner(folder, files, together, env, ...flags) {
  if (!files.length) return;
  await run(process.execPath, ['--test', ...flags, `--test-concurrency=${together}`, '--test-reporter=spec', ...files.map((name) => at(folder, name))], { quiet: false, env: { BELLHOP_BUNDLE: 'release', ...env } });
}
