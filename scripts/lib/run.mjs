// Child processes and the plain lines that tell what is being done.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { at } from './paths.mjs';

/** A failure whose message is meant for the person at the terminal: no stack trace is printed. */
export class Failure extends Error {}

const children = new Set();

/**
 * A child that ends with this process, also where that is asked to end: nothing goes on alone. A command that ends in a way of its own has its
 * listener before its first child.
 */
export function own(child) {
  if (!children.size && !process.listenerCount('SIGTERM')) {
    process.once('SIGTERM', () => {
      endChildren();
      process.exit(143);
    });
  }
  children.add(child);
  const forget = () => children.delete(child);
  return child.once('error', forget).once('close', forget);
}

/**
 * Runs a program to its end and gives back what it printed. Its output is shown only if it fails; the error carries it.
 * `quiet: false` passes the output through as it comes.
 */
export function run(command, args, { cwd = at(), env = {}, quiet = true, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = own(spawn(command, args, {
      cwd,
      env: { ...process.env, ...(quiet ? { NO_COLOR: '1' } : {}), ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    }));
    let stdout = '';
    let all = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => ((stdout += text), (all += text)));
    child.stderr?.setEncoding('utf8').on('data', (text) => (all += text));
    if (input !== undefined) child.stdin.end(input);
    child.on('error', (error) => reject(new Failure(`${command} could not be started: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const failure = new Failure(`${[command, ...args].join(' ')}\nended with ${signal ?? `status ${code}`}\n${all.replace(/\x1b\[[\d;]*m/g, '').trimEnd()}`);
      failure.output = all;
      reject(failure);
    });
  });
}

/** Ends what this process has started and not yet seen the end of. */
export function endChildren() {
  for (const child of children) child.kill('SIGTERM');
}

/** Seconds or minutes, for people. */
export function spoken(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** One line when a step begins (with how long it usually takes) and one when it ends. */
export async function step(name, usual, work) {
  console.log(`… ${name}${usual ? ` (usually ${usual})` : ''}`);
  const started = Date.now();
  try {
    const result = await work();
    console.log(`✓ ${name}: ${spoken(Date.now() - started)}`);
    return result;
  } catch (error) {
    console.log(`✗ ${name}: failed after ${spoken(Date.now() - started)}`);
    throw error;
  }
}

/** What all of them gave. Every one runs to its end first: none may go on behind an error that is already printed. */
export async function all(promises) {
  const outcomes = await Promise.allSettled(promises);
  const failed = outcomes.find((it) => it.status === 'rejected');
  if (failed) throw failed.reason;
  return outcomes.map((it) => it.value);
}

/** The frame of every command: a `Failure` is told in its own words, anything else with its stack; both end with 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    endChildren();
    process.exitCode = 1;
  }
}

/** The value after `--name`, or `--name=value`; `true` for a bare flag at the end; undefined without it. */
export function option(name, argv = process.argv.slice(2)) {
  const index = argv.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  if (index < 0) return undefined;
  const [, value] = argv[index].split(/=(.*)/s);
  return value ?? argv[index + 1] ?? true;
}

/** Refuses, with the way out, when a file that an earlier step makes is not there. */
export function expectFile(path, hint) {
  if (!existsSync(path)) throw new Failure(`${path} is missing. ${hint}`);
}
