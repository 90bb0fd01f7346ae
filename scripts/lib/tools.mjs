// What a build needs beside node, npm, rustup and a C linker, installed once and only where it is missing: the pinned
// Rust toolchain, the packages of frontend/, and wasm-bindgen's command. All of it comes from rustup and the registries.
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { at, bin, local } from './paths.mjs';
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
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: at('frontend') });
    await programs();
  });
  writeStamp(stamp, { inputs });
}

/** npm may be set up to run no install script, and esbuild, workerd and node fetch or link their program by one. */
async function programs() {
  const broken = [];
  for (const name of ['esbuild', 'workerd', 'node']) {
    await run(bin(name), ['--version']).catch(() => broken.push(name));
  }
  if (!broken.length) return;
  await run('npm', ['rebuild', '--ignore-scripts=false', '--foreground-scripts', ...broken], { cwd: at('frontend') });
  for (const name of broken) await run(bin(name), ['--version']);
}

/** The version that Cargo.lock has: command and library must be the same. */
export function bindgenVersion() {
  const version = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(readFileSync(at('Cargo.lock'), 'utf8'))?.[1];
  if (!version) throw new Failure('Cargo.lock has no wasm-bindgen.');
  return version;
}

/** Where the command is: WASM_BINDGEN_BIN, or the repository's own. */
export const bindgenPath = () => process.env.WASM_BINDGEN_BIN || at('.tools/bin/wasm-bindgen');

/** Unoptimised, it takes two thirds of the time to build and half a second longer to run. */
async function bindgen() {
  const version = bindgenVersion();
  const found = existsSync(bindgenPath()) ? await run(bindgenPath(), ['--version']) : '';
  if (found.trim() === `wasm-bindgen ${version}`) return;
  if (process.env.WASM_BINDGEN_BIN) throw new Failure(`WASM_BINDGEN_BIN is not wasm-bindgen ${version}.`);
  mkdirSync(at('.tools'), { recursive: true });
  const target = local('tools-target');
  await step(`wasm-bindgen ${version}`, '1.5 min', () =>
    run('cargo', ['install', '--locked', '--debug', '--root', at('.tools'), '--version', `=${version}`, '--bin', 'wasm-bindgen', 'wasm-bindgen-cli'], {
      env: { CARGO_TARGET_DIR: target, CARGO_PROFILE_DEV_DEBUG: '0' },
    }),
  );
  rmSync(target, { recursive: true, force: true });
}
