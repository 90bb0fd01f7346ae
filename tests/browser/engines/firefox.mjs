// Firefox, driven by WebDriver BiDi: the browser speaks it itself, over one WebSocket, so all it takes is this file.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm } from '../../../scripts/lib/npm.mjs';
import { ENTER } from './keys.mjs';

const PREFS = {
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.enabled': false,
};
const READY_MS = 60_000;
const ANSWER_MS = 60_000;

/** The conversation with the browser: commands by number, answers by the same. */
class Bidi {
  #waiting = new Map();
  #count = 0;

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

class Page {
  constructor(bidi, context) {
    Object.assign(this, { bidi, context });
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

  async click(selector) {
    const origin = await this.#element(selector);
    await this.bidi.call('input.performActions', {
      context: this.context,
      actions: [{ type: 'pointer', id: 'mouse', actions: [{ type: 'pointerMove', x: 0, y: 0, origin }, { type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 }] }],
    });
  }

  async type(selector, text) {
    await this.click(selector);
    const keys = [...text.replace('\n', ENTER)].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]);
    await this.bidi.call('input.performActions', { context: this.context, actions: [{ type: 'key', id: 'keys', actions: keys }] });
  }

  /** Another tab comes before this one. */
  async away() {
    this.cover ??= (await this.bidi.call('browsingContext.create', { type: 'tab', referenceContext: this.context })).context;
    await this.bidi.call('browsingContext.activate', { context: this.cover });
  }

  async back() {
    await this.bidi.call('browsingContext.activate', { context: this.context });
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
      return new Page(bidi, context);
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
