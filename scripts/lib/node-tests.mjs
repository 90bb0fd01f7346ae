// Test files of Node's runner in a folder, several at a time: each in a process of its own, its output printed whole when it ends.
import { existsSync, readdirSync } from 'node:fs';
import { at } from './paths.mjs';
import { Failure, run, spoken } from './run.mjs';

/**
 * One file at a time unless `together` says how many: each starts servers of its own, and most of them wait more than they work.
 * @param options.only   a part of a file's name
 * @param options.long   files that take longest: they begin first, so that nobody waits for them at the end
 * @param options.beside something else under way, which those below wait for
 * @param options.alone  files that load the machine themselves: one at a time, after the others. They end when their tests have: a
 *                       browser that died may leave a pipe behind that keeps Node busy for ever.
 * @param options.steady files that judge what may never happen, not even once: a failure of theirs stands. Of the others one may fail beside
 *                       the rest and pass by itself: a slow machine. That is said loudly, with the first failure above it.
 */
export async function nodeTests(folder, env = {}, { only = '', together = 1, long = [], beside, alone = [], steady } = {}) {
  const names = existsSync(at(folder)) ? readdirSync(at(folder)) : [];
  const files = names.filter((name) => name.endsWith('.test.mjs') && name.includes(only)).map((name) => name.slice(0, -'.test.mjs'.length));
  if (!files.length) throw new Failure(`${folder} has no tests${only && ` named ${only}`}.`);
  const shared = files.filter((name) => !alone.includes(name)).sort((one, other) => place(long, one) - place(long, other) || one.localeCompare(other));
  const [again, more] = await runner(folder, shared, together, env);
  if (again) {
    if (more || !steady || steady.includes(again)) throw new Failure(`${folder}: failed: ${[again, more].filter(Boolean).join(', ')}`);
    console.log(`!\n! ${again} failed beside the others. Once more, by itself:\n!`);
    if ((await runner(folder, [again], 1, env)).length) throw new Failure(`${folder}: failed: ${again}`);
    console.log(`!\n! UNSTEADY: ${again} passed by itself. The failure is above: find what it waits for.\n!`);
  }
  await beside;
  const last = await runner(folder, files.filter((name) => alone.includes(name)).sort(), 1, env, '--test-force-exit');
  if (last.length) throw new Failure(`${folder}: failed: ${last.join(', ')}`);
}

const place = (long, name) => (long.includes(name) ? long.indexOf(name) : long.length);

/** Runs files to their end and gives back those with a failure; after a second one none is begun any more. */
async function runner(folder, files, together, env, ...flags) {
  const [queue, failed] = [[...files], []];
  const worker = async () => {
    for (let name = queue.shift(); name && failed.length < 2; name = queue.shift()) {
      const began = Date.now();
      let mark = '✔';
      const output = await run(process.execPath, [...flags, '--test-reporter=spec', at(folder, `${name}.test.mjs`)], { env: { BELLHOP_BUNDLE: 'release', ...env } }).catch((failure) => {
        failed.push(name);
        mark = '✖';
        return failure.output ?? failure.message;
      });
      console.log(`\n${output.trimEnd()}\n${mark} ${folder}/${name}: ${spoken(Date.now() - began)}`);
    }
  };
  await Promise.all(Array.from({ length: together }, worker));
  return failed;
}
