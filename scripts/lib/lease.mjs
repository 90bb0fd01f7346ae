// One server per store: two processes on the same SQLite files would ruin them. A file in the store says who has it; a
// workerd whose script was killed, and which would hold the port for ever, is ended by the next start.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './run.mjs';

const file = (store) => join(store, 'owner.json');

/** Refuses while another script serves this store; ends a workerd that was left behind. */
export async function claim(store) {
  const owner = existsSync(file(store)) ? JSON.parse(readFileSync(file(store), 'utf8')) : {};
  if (owner.script !== process.pid && runs(owner.script, /node/)) {
    throw new Failure(`Process ${owner.script} already serves the store ${store}: end it first, or choose another with BELLHOP_STORE=.`);
  }
  if (!runs(owner.workerd, /workerd/)) return;
  process.kill(owner.workerd, 'SIGTERM');
  for (let waited = 0; runs(owner.workerd, /workerd/); waited += 50) {
    if (waited > 5_000) process.kill(owner.workerd, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Notes the process that serves the store now. */
export const hold = (store, workerd) => writeFileSync(file(store), JSON.stringify({ script: process.pid, workerd }));

export const release = (store) => rmSync(file(store), { force: true });

/** Whether the process lives and is what we take it for: numbers are used again. */
function runs(pid, command) {
  if (!pid) return false;
  try {
    return command.test(execFileSync('ps', ['-o', 'stat=,command=', '-p', String(pid)], { encoding: 'utf8' }).replace(/^Z.*/m, ''));
  } catch {
    return false;
  }
}
