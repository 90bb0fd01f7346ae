// A client's socket in the hands of a test: sends frames, remembers all that came, waits for one with a deadline.
import assert from 'node:assert/strict';
import { npm } from '../../../scripts/lib/npm.mjs';
import { encodings } from './wire.mjs';

const { WebSocket } = npm('ws');

/** Nothing local takes so long, not even on a busy machine; what has not come by then does not come. */
export const DEADLINE_MS = 30_000;

/** Waits until `look` gives something; asks again and again, and fails with `what` at the deadline. */
export async function until(what, look, ms = DEADLINE_MS) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) assert.fail(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** One frame's kind: the single key of a frame. */
export const kind = (frame) => Object.keys(frame)[0];

export class Socket {
  frames = [];
  /** Payload of all frames so far, both ways. */
  bytes = 0;
  /** Bytes that came after the server's close, for one that lingers. */
  leaked = 0;
  #waiting = new Set();

  /**
   * Opens a socket; resolves when it is open.
   * @param options.encoding  `json` or `proto`
   * @param options.ticket    goes along as a subprotocol
   * @param options.origin    as a browser would say; none for a client that is no browser
   * @param options.lingers   stays on the line after the server's close and counts what still comes in `leaked`
   */
  static async open(url, options = {}) {
    const socket = new Socket(url, options);
    await socket.opened;
    return socket;
  }

  constructor(url, { encoding = 'json', ticket, origin, headers = {}, protocols, lingers = false } = {}) {
    this.encoding = encodings[encoding];
    const offered = protocols ?? [this.encoding.protocol, ...(ticket ? [`ticket.${ticket}`] : [])];
    this.ws = new WebSocket(url.replace(/^http/, 'ws'), offered, { origin, headers, perMessageDeflate: false });
    this.opened = new Promise((resolve, reject) => {
      this.ws.once('open', resolve);
      this.ws.once('unexpected-response', (_, answer) => reject(Object.assign(new Error(`upgrade refused: ${answer.statusCode}`), { status: answer.statusCode })));
      this.ws.once('error', reject);
    });
    this.opened.catch(() => {});
    /** Resolves with `{code, reason}`, however the socket ends. */
    this.closed = new Promise((resolve) => {
      const ended = (code, reason) => resolve({ code, reason: reason.toString() });
      this.ws.once('close', ended);
      // The server's word, as soon as it is there: workerd may keep the line itself open until we end it, and this
      // library waits half a minute for that (a browser two seconds).
      this.ws.once('open', () => this.ws._receiver.once('conclude', (code, reason) => {
        ended(code, reason);
        if (lingers) this.ws._socket?.on('data', (bytes) => (this.leaked += bytes.length));
        else this.ws.terminate();
      }));
    });
    this.ws.on('error', () => {});
    this.ws.on('message', (data, isBinary) => {
      this.bytes += data.length;
      const frame = !isBinary && data.toString() === 'pong' ? { pong: {} } : this.encoding.decode(data, isBinary);
      this.frames.push(frame);
      for (const look of this.#waiting) look();
    });
    this.closed.then((closed) => {
      this.end = closed;
      for (const look of this.#waiting) look();
    });
  }

  send(frame) {
    const payload = this.encoding.encode(frame);
    this.bytes += Buffer.byteLength(payload);
    this.ws.send(payload);
  }

  raw(data) {
    this.ws.send(data);
  }

  /** The first frame of a kind that also passes `test`, among those from `since` on; waits for it. */
  next(name, test = () => true, { since = 0, ms = DEADLINE_MS } = {}) {
    return new Promise((resolve, reject) => {
      const done = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle(value);
      };
      const look = () => {
        const found = this.frames.slice(since).find((frame) => name in frame && test(frame[name]));
        if (found) return done(resolve, found[name]);
        if (this.end) done(reject, new Error(`socket closed (${this.end.code} ${this.end.reason}) before ${name}; got ${this.summary()}`));
      };
      const timer = setTimeout(() => done(reject, new Error(`no ${name} within ${ms} ms; got ${this.summary()}`)), ms);
      this.#waiting.add(look);
      look();
    });
  }

  /** All frames of a kind so far. */
  all(name) {
    return this.frames.filter((frame) => name in frame).map((frame) => frame[name]);
  }

  /** A question and its answer: sends, then waits for a frame that comes after. */
  async ask(frame, name, test) {
    const since = this.frames.length;
    this.send(frame);
    return this.next(name, test, { since });
  }

  close() {
    this.ws.close(1000);
    return this.closed;
  }

  /** The line is gone, without a word. */
  cut() {
    this.ws.terminate();
    return this.closed;
  }

  summary() {
    return this.frames.length > 30 ? `${this.frames.length} frames: ${this.frames.map(kind).join(' ')}` : JSON.stringify(this.frames);
  }
}
