// One server per store: two processes on the same SQLite files would ruin them. A file in the store says who has it; a
// workerd whose script was killed, and which would hold the port for ever, is ended by the next start.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './run.mjs';
import { writeWhole } from './whole.mjs';

const file = (store) => join(store, 'owner.json');

/** Who reads that nobody has the store has written that it is theirs long before this is over. */
const BOTH_MS = 100;

/** Takes the store; one that is made is for its owner's eyes. Refuses while another script has it; ends a workerd that was left behind. */
export async function claim(store) {
  mkdirSync(store, { recursive: true, mode: 0o700 });
  if (statSync(store).mode & 0o007) console.warn(`Everybody on this machine can look into ${store}, where all conversations are: chmod o-rwx it.`);
  const { workerd, script, since } = ownerOf(store);
  const left = () => runs(workerd, /workerd/, since?.workerd);
  refuse(store);
  if (left()) {
    process.kill(workerd, 'SIGTERM');
    for (let waited = 0; left(); waited += 50) {
      if (waited > 5_000) process.kill(workerd, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    refuse(store);
  }
  // In a container another run may have had the same number.
  if (script === process.pid && since?.script === began(process.pid)) return;
  hold(store);
  // Two that came at once have both seen nobody: the later one has it.
  await new Promise((resolve) => setTimeout(resolve, BOTH_MS));
  refuse(store);
}

function refuse(store) {
  const { script, since } = ownerOf(store);
  if (script !== process.pid && runs(script, /node/, since?.script)) {
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
  try {
    writeWhole(file(store), JSON.stringify({ script: process.pid, workerd, since: { script: began(process.pid), workerd: workerd && began(workerd) } }));
  } catch (error) {
    throw new Failure(`The store ${store} can't be written: ${error.message}`);
  }
}

export const release = (store) => rmSync(file(store), { force: true });

/** Whether the process lives and is the one that was noted: numbers are used again, after a power cut soon and by the same programs. */
function runs(pid, command, since) {
  if (!pid || (since && since !== began(pid))) return false;
  return command.test(told(() => {
    // Empty for one that has ended and that nobody has asked about yet.
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return ps(pid, 'stat=,command=').replace(/^Z.*/m, '');
  }));
}

/** When the process has begun, as the system counts: with its number that is one process. Empty for one that is not there. */
function began(pid) {
  return told(() => {
    // Behind the name, in which anything may stand, it is the twentieth word.
    if (existsSync('/proc/self/stat')) return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[19];
    return ps(pid, 'lstart=').trim();
  });
}

const ps = (pid, columns) => execFileSync('ps', ['-o', columns, '-p', String(pid)], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } });

function told(read) {
  try {
    return read();
  } catch (error) {
    if (error.syscall === 'spawnSync ps') throw new Failure('ps is missing: without it nobody knows whether another process serves the store.');
    return '';
  }
}
