// A running Bellhop on bare workerd, for `make start`, the runtime tests, the browser tests and the benches.
// It knows nothing of building: the bundle and public/ must be there.
import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { workerdConfig } from '../../deploy/workerd.mjs';
import { readConfig, requiredSecrets } from './config.mjs';
import { claim, hold, release } from './lease.mjs';
import { at, bin } from './paths.mjs';
import { Failure, own } from './run.mjs';
import { newSecret } from './secrets.mjs';
import { chosenBundle } from './settings.mjs';
import { bundle } from './worker.mjs';

/** workerd is ready in less than a second; a busy machine may take longer. */
const READY_MS = 20_000;

/**
 * Starts workerd and waits until it listens.
 * @param options.port     0 or nothing: a free one
 * @param options.store    folder of everything durable; nothing: a temporary one, removed by `stop()`
 * @param options.vars     beside or instead of the `[vars]` of wrangler.toml
 * @param options.secrets  the secrets; nothing: fresh ones; `{}`: none, to see the Worker refuse
 * @param options.profile  which bundle, `start` or `release`
 * @param options.edit     changes the parsed wrangler.toml before it is carried over (a queue's settings, for a test)
 * @param options.entry    source of a module that stands before the bundle ("index.js") and may wrap what it exports
 * @param options.patch    changes the text of workerd's configuration, to put something between two of its parts
 * @param options.descriptors  how many the process may have; nothing: as many as the machine gives. The Worker is told the same
 * @param options.env      further variables of the process's environment (a library to load first, for a test)
 * @param options.log      file for what workerd prints; `inherit` for the terminal
 * @returns `{url, port, pid, store, secrets, died, stop(), kill(), term(), restart(), output()}`
 */
export async function start({ port = 0, store, vars = {}, secrets, profile = chosenBundle(), edit, entry, patch = (text) => text, env = {}, log, descriptors: most } = {}) {
  const temporary = store === undefined;
  const folder = store ?? mkdtempSync(join(tmpdir(), 'bellhop-'));
  const given = secrets ?? Object.fromEntries(requiredSecrets(readConfig()).map((name) => [name, newSecret()]));
  const chosen = port || (await freePort());
  const url = `http://localhost:${chosen}`;
  const files = bundle(profile);
  if (!existsSync(join(files, 'index.js'))) throw new Failure(`There is no ${profile} bundle: node scripts/build.mjs --profile ${profile}`);

  if (!temporary) await claim(folder);
  const server = { url, port: chosen, store: folder, secrets: given };
  let running;
  let expected;
  let tellDeath;
  /** Resolves when workerd has ended though nobody here ended it. */
  server.died = new Promise((resolve) => (tellDeath = resolve));

  const launch = async () => {
    const config = readConfig();
    edit?.(config);
    const headers = at('public/_headers');
    const { text, folders } = workerdConfig(config, {
      address: `127.0.0.1:${chosen}`,
      modules: { js: relative(folder, join(files, 'index.js')), wasm: relative(folder, join(files, 'index_bg.wasm')), ...(entry ? { entry: 'entry.js' } : {}) },
      store: folder,
      assets: at('public'),
      headers: existsSync(headers) ? readFileSync(headers, 'utf8') : '',
      vars: { BELLHOP_URL: url, BELLHOP_CLIENT_IP_HEADER: '', BELLHOP_DESCRIPTORS: String(most ?? descriptors()), ...vars },
      secrets: Object.keys(given),
    });
    for (const it of folders) mkdirSync(it, { recursive: true });
    const file = join(folder, 'workerd.capnp');
    if (entry) writeFileSync(join(folder, 'entry.js'), entry);
    writeFileSync(file, patch(text));
    running = await listen(file, { ...env, ...given }, log, chosen, most);
    const mine = running;
    expected = false;
    server.pid = mine.child.pid;
    try {
      hold(folder, server.pid);
    } catch (error) {
      // Nobody would find it again.
      mine.child.kill('SIGKILL');
      throw error;
    }
    mine.exited.then((outcome) => expected || mine !== running || tellDeath(outcome));
  };
  const finish = async (signal) => {
    expected = true;
    running.child.kill(signal);
    const patience = setTimeout(() => running.child.kill('SIGKILL'), 5_000);
    const outcome = await running.exited;
    clearTimeout(patience);
    return outcome;
  };
  server.output = () => running.output();
  server.kill = () => finish('SIGKILL');
  /** Asks it to end, and tells how it did: `SIGKILL` if it had to be made to, after five seconds. */
  server.term = () => finish('SIGTERM');
  server.stop = async ({ keep = !temporary } = {}) => {
    await finish('SIGTERM');
    release(folder);
    if (!keep) rmSync(folder, { recursive: true, force: true });
  };
  /** The same server on the same store and port again: after `kill`, or with a new bundle or wrangler.toml. */
  server.restart = async () => {
    await finish('SIGTERM');
    await launch();
  };
  await launch();
  return server;
}

/** How many descriptors a process that raises its limit may have here. The Worker lets no more sockets in than they allow. */
export function descriptors() {
  const most = Number(execFileSync('/bin/sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }));
  return Number.isFinite(most) ? most : 1_048_576;
}

/** A port that nobody listens on now; the given one, or the system's choice. */
export function freePort(port = 0) {
  return new Promise((resolve, reject) => {
    const probe = createServer()
      .once('error', ({ code }) => reject(new Failure(code === 'EADDRINUSE' ? `Port ${port} is taken: choose another with PORT=.` : `Port ${port} can't be used (${code}).`)))
      .listen(port, '127.0.0.1', () => {
        const { port: chosen } = probe.address();
        probe.close(() => resolve(chosen));
      });
  });
}

/** Spawns workerd; resolves when it says on its control descriptor that it listens. */
async function listen(file, secrets, log, port, most) {
  // The limit of descriptors is what ends a workerd under load: it takes two for a socket and three for an object.
  const limit = most ? `ulimit -n ${most} || exit` : 'ulimit -n "$(ulimit -Hn)" 2>/dev/null';
  const child = own(spawn('/bin/sh', ['-c', `${limit}; exec "$0" "$@"`, bin('workerd'), 'serve', '--experimental', '--control-fd=3', file, 'config'], {
    stdio: ['ignore', log === 'inherit' ? 'inherit' : 'pipe', log === 'inherit' ? 'inherit' : 'pipe', 'pipe'],
    // Of the environment only what a process needs: a binding `fromEnvironment` must not pick up a stray variable.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...secrets },
  }));
  const sink = log && log !== 'inherit' ? createWriteStream(log, { flags: 'a' }) : undefined;
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      tail = (tail + text).slice(-65_536);
      sink?.write(text);
    });
  }
  const exited = new Promise((resolve) => child.once('close', (code, signal) => (sink?.end(), resolve(signal ?? code))));
  const ready = new Promise((resolve) => {
    let said = '';
    child.stdio[3].setEncoding('utf8').on('data', (text) => {
      said += text;
      if (/"event":"listen"/.test(said)) resolve('ready');
    });
  });
  const late = new Promise((resolve) => setTimeout(() => resolve('late'), READY_MS).unref());
  const first = await Promise.race([ready, exited, late]);
  if (first !== 'ready') {
    child.kill('SIGKILL');
    if (/Address already in use/i.test(tail)) throw new Failure(`Port ${port} is taken: choose another with PORT=.`);
    throw new Failure(`workerd did not start (${first}).\n${tail.trimEnd()}`);
  }
  return { child, exited, output: () => tail };
}
