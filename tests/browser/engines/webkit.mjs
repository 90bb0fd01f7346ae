// WebKitGTK's MiniBrowser on a screen of its own (Xvfb), driven by W3C WebDriver over plain HTTP: the nearest thing to
// Safari that runs on Linux.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../scripts/lib/server.mjs';
import { ENTER } from './keys.mjs';
import { below, still } from './still.mjs';

const READY_MS = 60_000;
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Starts a program; its end kills nobody else. */
function start(command, args, env, stdio = ['ignore', 'ignore', 'ignore']) {
  const child = spawn(command, args, { stdio, env: { ...process.env, ...env } });
  child.exited = new Promise((resolve) => child.once('close', resolve));
  child.failed = new Promise((_, reject) => child.once('error', reject));
  child.failed.catch(() => {});
  child.end = async () => {
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await child.exited;
    clearTimeout(patience);
  };
  return child;
}

/** A screen of its own; Xvfb itself says which number it took. */
async function screen() {
  const child = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {}, ['ignore', 'ignore', 'ignore', 'pipe']);
  const number = await Promise.race([
    new Promise((resolve) => child.stdio[3].setEncoding('utf8').on('data', (text) => resolve(text.trim()))),
    child.failed,
    child.exited.then((code) => Promise.reject(new Error(`Xvfb ended with ${code}`))),
  ]);
  return Object.assign(child, { display: `:${number}` });
}

/** One session has one current window: what is asked of a window is done before the next one's turn. */
class Driver {
  #turn = Promise.resolve();

  constructor(base) {
    this.base = base;
  }

  async call(method, path, body) {
    const answer = await fetch(this.base + path, { method, ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`WebKit, ${path}: ${value.error}: ${value.message}`);
    return value;
  }

  at(window, work) {
    const mine = this.#turn.then(async () => {
      await this.call('POST', '/window', { handle: window });
      return work();
    });
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

class Page {
  constructor(driver, window, pid) {
    Object.assign(this, { driver, window, pid });
  }

  ask(fn, ...given) {
    const script = `const done = arguments[1]; Promise.resolve((${fn})(...JSON.parse(arguments[0]))).then((it) => done([JSON.stringify(it ?? null)]), (error) => done(String(error)))`;
    return this.driver.at(this.window, async () => {
      const answer = await this.driver.call('POST', '/execute/async', { script, args: [JSON.stringify(given)] });
      if (typeof answer === 'string') throw new Error(`WebKit: ${answer}`);
      return JSON.parse(answer[0]);
    });
  }

  async #element(selector) {
    const script = `return document.querySelector('bellhop-chat').shadowRoot.querySelector(arguments[0])`;
    const found = await this.driver.call('POST', '/execute/sync', { script, args: [selector] });
    if (!found) throw new Error(`WebKit: no ${selector}`);
    return found;
  }

  click(selector) {
    return this.driver.at(this.window, async () => this.#click(await this.#element(selector)));
  }

  #click(element) {
    const actions = [{ type: 'pointer', id: 'mouse', actions: [{ type: 'pointerMove', x: 0, y: 0, origin: element }, { type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 }] }];
    return this.driver.call('POST', '/actions', { actions });
  }

  type(selector, text) {
    return this.driver.at(this.window, async () => {
      await this.#click(await this.#element(selector));
      const keys = [...text.replace('\n', ENTER)].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]);
      await this.driver.call('POST', '/actions', { actions: [{ type: 'key', id: 'keys', actions: keys }] });
    });
  }

  /** Without a window manager every window is shown: the page is told. */
  away() {
    return this.ask(() => window.net.pretend(true));
  }

  back() {
    return this.ask(() => window.net.pretend(false));
  }

  clear() {
    return this.ask(() => window.net.clear());
  }

  /** The answer thaws. */
  async freeze() {
    return still(below(this.pid, /WebKitWebProcess/));
  }

  flap(times) {
    return this.ask((times) => window.net.flap(times), times);
  }

  close() {
    return this.driver.at(this.window, () => this.driver.call('DELETE', '/window'));
  }
}

export async function launch({ driver: path, binary }) {
  const home = mkdtempSync(join(tmpdir(), 'bellhop-webkit-'));
  const display = await screen();
  const port = await freePort();
  const env = { DISPLAY: display.display, HOME: home, XDG_RUNTIME_DIR: home, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', WEBKIT_DISABLE_COMPOSITING_MODE: '1', LIBGL_ALWAYS_SOFTWARE: '1', NO_AT_BRIDGE: '1' };
  const child = start(path, [`--port=${port}`, '--host=127.0.0.1'], env);
  const root = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + READY_MS; ; ) {
    if (await fetch(`${root}/status`).then((it) => it.ok, () => false)) break;
    if (Date.now() > end) throw new Error('WebKitWebDriver did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const options = { binary, args: ['--automation'] };
  const { sessionId, capabilities } = await new Driver(root).call('POST', '/session', { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } } });
  const driver = new Driver(`${root}/session/${sessionId}`);
  // The driver keeps this time by a timer in the page: it must not fall due when a test makes the page's clock leap.
  await driver.call('POST', '/timeouts', { script: 3_600_000 });
  const first = await driver.call('GET', '/window');
  return {
    name: 'WebKit',
    version: capabilities.browserVersion,
    async open(url) {
      let handle;
      await driver.at(first, async () => {
        handle = (await driver.call('POST', '/window/new', { type: 'window' })).handle;
        await driver.call('POST', '/window', { handle });
        await driver.call('POST', '/url', { url });
      });
      return new Page(driver, handle, child.pid);
    },
    async close() {
      await driver.call('DELETE', '').catch(() => {});
      await child.end();
      await display.end();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
