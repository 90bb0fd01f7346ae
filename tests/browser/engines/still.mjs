// Stops the processes that run a browser's pages, as an operating system does it: nothing of them runs, while the rest of the
// browser goes on and takes what the network brings.
import { execFileSync } from 'node:child_process';

/** The processes below this one whose command is such a one. */
export function below(root, command) {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).matchAll(/^ *(\d+) +(\d+) +(.*)$/gm);
  const all = [...rows].map(([, pid, parent, args]) => ({ pid: Number(pid), parent: Number(parent), args }));
  const family = (parent) => all.filter((it) => it.parent === parent).flatMap((it) => [it, ...family(it.pid)]);
  return family(root).filter(({ args }) => command.test(args)).map(({ pid }) => pid);
}

/** Stops them; the answer wakes them again. */
export function still(pids) {
  if (!pids.length) throw new Error('no process runs a page');
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return () => pids.forEach((pid) => process.kill(pid, 'SIGCONT'));
}
