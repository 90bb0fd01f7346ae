// What a build needs beside node, npm, rustup and a C linker, installed once and only where it is missing: the pinned
// Rust toolchain, the packages of frontend/, and wasm-bindgen's command. All of it comes from rustup and the registries.
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { at, bin } from './paths.mjs';
import { all, Failure, run, step } from './run.mjs';
import { fingerprint, readStamp, writeStamp } from './stamp.mjs';

/** The oldest Node that Vite and these scripts run on. (wrangler wants a newer one, and gets its own.) */
const NODE = [20, 19];

/**
 * Begins everything; each promise is one thing that a build step may wait for, so that none waits for what it does not
 * need: the compiler runs for a minute before it needs wasm-bindgen.
 */
export function tools() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NODE[0] || (major === NODE[0] && minor < NODE[1])) {
    throw new Failure(`Node ${process.versions.node} is too old: install Node ${NODE.join('.')} or newer.`);
  }
  const rust = toolchain();
  const begun = { rust, packages: packages(), bindgen: rust.then(bindgen) };
  // A failure is told where the promise is waited for; until then it is no unhandled one.
  for (const it of Object.values(begun)) it.catch(() => {});
  return begun;
}

/** All of it, to the end. */
export const setup = () => all(Object.values(tools()));

/** `rust-toolchain.toml` names it; rustup does not always install by itself (RUSTUP_AUTO_INSTALL=0), so we ask. */
async function toolchain() {
  const file = readFileSync(at('rust-toolchain.toml'), 'utf8');
  const channel = /^channel = "(.+)"/m.exec(file)?.[1];
  const names = (key) => [...(new RegExp(`^${key} = \\[(.*)\\]`, 'm').exec(file)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map((it) => it[1]);
  const components = names('components');
  const targets = names('targets');
  let installed;
  try {
    installed = await run('rustup', ['component', 'list', '--installed', '--toolchain', channel]);
  } catch (error) {
    if (/could not be started/.test(error.message)) throw new Failure('rustup is missing: see https://rustup.rs, then try again.');
    installed = '';
  }
  const has = (name) => installed.split('\n').some((line) => line === name || line.startsWith(`${name}-`));
  if (components.every(has) && targets.every((target) => has(`rust-std-${target}`))) return;
  await step(`Rust ${channel}`, '1 min', () =>
    run('rustup', ['toolchain', 'install', channel, '--profile', 'minimal', '--no-self-update', '-c', components.join(','), '-t', targets.join(',')]),
  );
}

/** `npm ci`, if the lock file is not the one that node_modules was made from. */
async function packages() {
  const folder = at('frontend/node_modules');
  // Linked from another checkout of this repository: that one looks after it.
  if (existsSync(folder) && lstatSync(folder).isSymbolicLink()) return;
  const stamp = join(folder, '.bellhop.json');
  const inputs = fingerprint(['frontend/package-lock.json', 'frontend/package.json'], process.platform + process.arch);
  if (readStamp(stamp)?.inputs === inputs) return;
  await step('npm packages', '30 s', async () => {
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: at('frontend') });
    await programs();
  });
  writeStamp(stamp, { inputs });
}

/**
 * The install scripts that may run on this machine, by name: a package that came by another's new version, or a version that
 * somebody stole, brings none. These fetch their program or put it where a wrapper of it stood, and tests kill the program itself.
 */
const PROGRAMS = ['esbuild', 'workerd', 'node'];

async function programs() {
  await run('npm', ['rebuild', '--ignore-scripts=false', '--foreground-scripts', ...PROGRAMS], { cwd: at('frontend') });
  for (const name of PROGRAMS) await run(bin(name), ['--version']);
}

/** The command that writes a module's bindings: scripts/bindgen. */
export const bindgenPath = at('.tools/bin/bellhop-bindgen');

/** Unoptimised, it takes two thirds of the time to build and half a second longer to run. */
async function bindgen() {
  const stamp = at('.tools/bin/.bellhop.json');
  const inputs = fingerprint(['scripts/bindgen', 'rust-toolchain.toml']);
  if (readStamp(stamp)?.inputs === inputs && existsSync(bindgenPath)) return;
  const target = at('.tools/target');
  await step('wasm-bindgen', '1 min', () => run('cargo', ['build', '--locked', '--manifest-path', at('scripts/bindgen/Cargo.toml'), '--target-dir', target]));
  mkdirSync(dirname(bindgenPath), { recursive: true });
  renameSync(join(target, 'debug/bellhop-bindgen'), bindgenPath);
  rmSync(target, { recursive: true, force: true });
  writeStamp(stamp, { inputs });
}
