// A C++ compiler for libFuzzer: the one that is there, or Debian's, if this is a machine where we may install it.
import { existsSync } from 'node:fs';
import { run, step } from './run.mjs';

const works = () => run('c++', ['--version']).then(() => true, () => false);

/** Whether there is one now. */
export async function obtainCompiler() {
  if ((await works()) || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return works();
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await step('C++', '1 min', async () => {
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'g++'], { env });
  }).catch((error) => console.log(`  ${error.message.split('\n').at(-1)}`));
  return works();
}
