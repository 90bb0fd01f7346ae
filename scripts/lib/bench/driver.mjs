// The driver of bench/driver: builds it and runs it once, with its report as an object.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { at } from '../paths.mjs';
import { Failure, run, step } from '../run.mjs';
import { targetFolder } from '../worker.mjs';

const program = () => join(targetFolder(), 'driver/driver');

/** Builds the driver; cargo knows whether it has to. */
export const buildDriver = () =>
  step('Load driver', '20 s', () => run('cargo', ['build', '--locked', '--profile', 'driver', '--manifest-path', at('bench/driver/Cargo.toml'), '--target-dir', targetFolder()]));

/** One run against a server, with sockets that only listen beside; `measuring` is called when its warm-up is over. The limit of descriptors is raised for the thousands of sockets of some. */
export function drive({ pid, port }, speech, seats, work, { concurrency = 16, measuring, listeners = [] } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', 'ulimit -n "$(ulimit -Hn)" 2>/dev/null; exec "$0"', program()], { stdio: ['pipe', 'pipe', 'pipe'] });
    let [said, complaint] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
    child.stderr.setEncoding('utf8').on('data', (text) => {
      complaint += text;
      if (/^measuring$/m.test(text)) measuring?.();
    });
    child.once('error', (error) => reject(new Failure(`the driver could not be started: ${error.message}`)));
    child.once('close', (code) => (code === 0 ? resolve(JSON.parse(said)) : reject(new Failure(`the driver failed: ${complaint.trim()}`))));
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify({ pid, port, ...speech, seats, listeners, concurrency, work }));
  });
}
