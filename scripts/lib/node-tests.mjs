// Node's test runner over a folder of `*.test.mjs`.
import { existsSync, readdirSync } from 'node:fs';
import { at } from './paths.mjs';
import { Failure, run } from './run.mjs';

/**
 * One file at a time unless `together` says how many: each starts servers of its own.
 * @param options.only  a part of a file's name
 */
export async function nodeTests(folder, env = {}, { only = '', together = 1 } = {}) {
  const names = existsSync(at(folder)) ? readdirSync(at(folder)) : [];
  const files = names.filter((name) => name.endsWith('.test.mjs') && name.includes(only)).sort();
  if (!files.length) throw new Failure(`${folder} has no tests${only && ` named ${only}`}.`);
  await run(process.execPath, ['--test', `--test-concurrency=${together}`, '--test-reporter=spec', ...files.map((name) => at(folder, name))], { quiet: false, env: { BELLHOP_BUNDLE: 'release', ...env } });
}
