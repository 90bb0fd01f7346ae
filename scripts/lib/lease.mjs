// One server per store: two processes on the same SQLite files would ruin them. A file in the store says who has it; a
// workerd whose script was killed, and which would hold the port for ever, is ended by the next start.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './run.mjs';

const file = (store) => join(store, 'owner.json');

/** Who reads that nobody has the store has written that it is theirs long before this is over. */
const BOTH_MS = 100;

/** Takes the store; one that is made is for its owner's eyes. Refuses while another script has it; ends a workerd that was left behind. */
export async function claim(store) {
  mkdirSync(store, { recursive: true, mode: 0o700 });
  if (statSync(store).mode & 0o007) console.warn(`Everybody on this machine can look into ${store}, where all conversations are: chmod o-rwx it.`);
  const { workerd, script } = ownerOf(store);
  refuse(store);
  if (runs(workerd, /workerd/)) {
    process.kill(workerd, 'SIGTERM');
    for (let waited = 0; runs(workerd, /workerd/); waited += 50) {
      if (waited > 5_000) process.kill(workerd, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    refuse(store);
  }
  if (script === process.pid) return;
  hold(store);
  // Two that came at once have both seen nobody: the later one has it.
  await new Promise((resolve) => setTimeout(resolve, BOTH_MS));
  refuse(store);
}

function refuse(store) {
  const { script } = ownerOf(store);
  if (script !== process.pid && runs(script, /node/)) {
    throw new Failure(`Process ${script} already serves the store ${store}: end it first, or choose another with BELLHOP_STORE=.`);
  }
}

/** Nobody, also where a power cut has left half a file. */
function ownerOf(store) {
  try {
    return JSON.parse(readFileSync(file(store), 'utf8'));
  } catch {
    return {};
  }
}

/** Notes the process that serves the store now. Whole or not at all, whatever the disk has room for. */
export function hold(store, workerd) {
  const next = `${file(store)}.${process.pid}`;
  try {
    writeFileSync(next, JSON.stringify({ script: process.pid, workerd }));
    renameSync(next, file(store));
  } catch (error) {
    rmSync(next, { force: true, recursive: true });
    throw new Failure(`The store ${store} can't be written: ${error.message}`);
  }
}

export const release = (store) => rmSync(file(store), { force: true });

/** Whether the process lives and is what we take it for: numbers are used again. */
function runs(pid, command) {
  if (!pid) return false;
  try {
    // Empty for one that has ended and that nobody has asked about yet.
    if (existsSync('/proc/self/cmdline')) return command.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
    return command.test(execFileSync('ps', ['-o', 'stat=,command=', '-p', String(pid)], { encoding: 'utf8' }).replace(/^Z.*/m, ''));
  } catch (error) {
    if (error.syscall === 'spawnSync ps') throw new Failure('ps is missing: without it nobody knows whether another process serves the store.');
    return false;
  }
}
