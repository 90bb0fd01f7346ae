// Firefox, driven by WebDriver BiDi: the browser speaks it itself, over one WebSocket, so all it takes is this file.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm } from '../../../scripts/lib/npm.mjs';
import { CONTROL, ENTER } from './keys.mjs';
import { below, still } from './still.mjs';

const PREFS = {
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.enabled': false,
};
const READY_MS = 60_000;
const ANSWER_MS = 60_000;
/** So long the page may take to show what was done to it, so often it is done. */
const NOTICED_MS = 3_000;
const ATTEMPTS = 5;

/** The conversation with the browser: commands by number, answers by the same. */
class Bidi {
  #waiting = new Map();
  #count = 0;
  #turn = Promise.resolve();

  static async connect(url) {
    const { WebSocket } = npm('ws');
    const bidi = new Bidi();
    bidi.ws = new WebSocket(url, { perMessageDeflate: false });
    await new Promise((resolve, reject) => bidi.ws.once('open', resolve).once('error', reject));
    bidi.ws.on('message', (data) => bidi.#answered(JSON.parse(data.toString())));
    bidi.ws.on('close', () => bidi.#answered({ lost: true }));
    return bidi;
  }

  call(method, params = {}) {
    return new Promise((resolve, reject) => {
      const id = ++this.#count;
      const timer = setTimeout(() => this.#settle(id, (it) => it.reject(new Error(`Firefox: no answer to ${method}`))), ANSWER_MS);
      this.#waiting.set(id, { resolve, reject, timer, method });
      this.ws.send(JSON.stringify({ id, method, params }));
    });
  }

  /** One after the other. */
  inTurn(work) {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #settle(id, how) {
    const it = this.#waiting.get(id);
    if (!it) return;
    this.#waiting.delete(id);
    clearTimeout(it.timer);
    how(it);
  }

  #answered(answer) {
    if (answer.lost) return [...this.#waiting.keys()].forEach((id) => this.#settle(id, (it) => it.reject(new Error('Firefox is gone'))));
    this.#settle(answer.id, (it) => (answer.type === 'success' ? it.resolve(answer.result) : it.reject(new Error(`Firefox, ${it.method}: ${answer.error}: ${answer.message}`))));
  }
}

const press = (value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }];
const pressed = (text) => [...text].flatMap(press);
const held = (key, ...others) => [{ type: 'keyDown', value: key }, ...others.flatMap(press), { type: 'keyUp', value: key }];
const keys = (...actions) => [{ type: 'key', id: 'keys', actions }];

class Page {
  constructor(bidi, context, pid) {
    Object.assign(this, { bidi, context, pid });
  }

  async #run(source, given, raw) {
    const { result, exceptionDetails } = await this.bidi.call('script.callFunction', {
      functionDeclaration: raw ? source : `(given) => Promise.resolve((${source})(...JSON.parse(given))).then((it) => JSON.stringify(it ?? null))`,
      awaitPromise: true,
      target: { context: this.context },
      arguments: [{ type: 'string', value: raw ? given : JSON.stringify(given) }],
    });
    if (exceptionDetails) throw new Error(`Firefox: ${exceptionDetails.text}`);
    return result;
  }

  async ask(fn, ...given) {
    return JSON.parse((await this.#run(String(fn), given)).value);
  }

  async #element(selector) {
    const { sharedId } = await this.#run(`(selector) => document.querySelector('bellhop-chat').shadowRoot.querySelector(selector)`, selector, true);
    if (!sharedId) throw new Error(`Firefox: no ${selector}`);
    return { type: 'element', element: { sharedId } };
  }

  /**
   * Acts until the page shows that it did. One window has the focus, and what another one is given meanwhile is lost
   * without an error; so one acts at a time, in front.
   */
  async #act(actions, isDone) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await this.bidi.inTurn(async () => {
        await this.bidi.call('browsingContext.activate', { context: this.context });
        await this.bidi.call('input.performActions', { context: this.context, actions: await actions() });
      });
      for (const end = Date.now() + NOTICED_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 25))) {
        if (await isDone()) return;
      }
    }
    throw new Error(`Firefox did not act in ${ATTEMPTS} attempts`);
  }

  async click(selector) {
    const clicks = () => this.ask(() => {
      if (window.clicks === undefined) {
        window.clicks = 0;
        addEventListener('click', () => window.clicks++, true);
      }
      return window.clicks;
    });
    const before = await clicks();
    const pointer = async () => {
      const origin = await this.#element(selector);
      return [{ type: 'pointer', id: 'mouse', actions: [{ type: 'pointerMove', x: 0, y: 0, origin }, { type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 }] }];
    };
    await this.#act(pointer, async () => (await clicks()) > before);
  }

  /** In the place of what stands in the field; the return key empties it. */
  async type(selector, text) {
    await this.click(selector);
    const value = () => this.ask((selector) => document.querySelector('bellhop-chat').shadowRoot.querySelector(selector).value, selector);
    const words = text.replace('\n', '');
    await this.#act(() => keys(...held(CONTROL, 'a'), ...pressed(words)), async () => (await value()) === words);
    if (words !== text) await this.#act(() => keys(...pressed(ENTER)), async () => (await value()) === '');
  }

  /** Another tab comes before this one. */
  async away() {
    this.cover ??= (await this.bidi.call('browsingContext.create', { type: 'tab', referenceContext: this.context })).context;
    await this.bidi.call('browsingContext.activate', { context: this.cover });
  }

  async back() {
    await this.bidi.call('browsingContext.activate', { context: this.context });
  }

  clear() {
    return this.ask(() => window.net.clear());
  }

  /** The answer thaws. */
  async freeze() {
    return still(below(this.pid, /-contentproc.* tab$/));
  }

  flap(times) {
    return this.ask((times) => window.net.flap(times), times);
  }

  async close() {
    await this.bidi.call('browsingContext.close', { context: this.context });
  }
}

export async function launch(path) {
  const profile = mkdtempSync(join(tmpdir(), 'bellhop-firefox-'));
  writeFileSync(join(profile, 'user.js'), Object.entries(PREFS).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(''));
  const child = spawn(path, ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: profile },
  });
  const exited = new Promise((resolve) => child.once('close', resolve));
  const address = await new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => (child.kill('SIGKILL'), reject(new Error(`Firefox did not start:\n${said}`))), READY_MS);
    const heard = (text) => {
      said = (said + text).slice(-16_384);
      const found = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1];
      if (found) (clearTimeout(timer), resolve(found));
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', heard);
    child.once('error', reject);
    exited.then((code) => reject(new Error(`Firefox ended with ${code}:\n${said}`)));
  });
  const bidi = await Bidi.connect(`${address}/session`);
  const { capabilities } = await bidi.call('session.new', { capabilities: {} });
  return {
    name: 'Firefox',
    version: capabilities.browserVersion,
    async open(url) {
      const { context } = await bidi.call('browsingContext.create', { type: 'window' });
      await bidi.call('browsingContext.navigate', { context, url, wait: 'complete' });
      return new Page(bidi, context, child.pid);
    },
    async close() {
      await bidi.call('browser.close').catch(() => {});
      const patience = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(patience);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
