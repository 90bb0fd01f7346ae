// Python for the example of docs/protocol.md, with the packages that it needs beside the other tools of the repository.
import { at } from './paths.mjs';
import { Failure, run } from './run.mjs';
import { fingerprint, readStamp, writeStamp } from './stamp.mjs';

const PYTHON = process.env.PYTHON ?? 'python3';

/** Installs `examples/requirements.txt` where it is not; gives the command and what its environment must have. */
export async function python() {
  const folder = at('.tools/python');
  const stamp = at('.tools/python/.bellhop.json');
  const inputs = fingerprint(['examples/requirements.txt'], process.platform + process.arch);
  if (readStamp(stamp)?.inputs !== inputs) {
    try {
      await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--upgrade', '--target', folder, '-r', at('examples/requirements.txt')]);
    } catch (error) {
      if (/No module named pip|could not be started/.test(error.message)) throw new Failure(`${PYTHON} with pip is missing: install Python 3.11, or name one in PYTHON.`);
      throw error;
    }
    writeStamp(stamp, { inputs });
  }
  return { command: PYTHON, env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' } };
}
