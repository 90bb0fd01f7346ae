// What a process holds of the machine's memory, as Linux counts it.
import { readFileSync, writeFileSync } from 'node:fs';

/** Of a running process, in bytes: what it holds now, and the most that it held since `mark()`. */
export function resident(pid) {
  const read = (name) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  return {
    now: () => read('VmRSS'),
    peak: () => read('VmHWM'),
    mark: () => writeFileSync(`/proc/${pid}/clear_refs`, '5'),
  };
}

/** Bytes, to be read by a person. */
export const mib = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
