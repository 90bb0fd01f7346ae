// A line between browser and server that can be bad in all ways that a line is: a browser's own "offline" holds the
// frames of an open WebSocket instead of losing them.
import { connect, createServer } from 'node:net';

/** Longer than what comes beside a message. */
const TAIL = 8_192;

const other = { up: 'down', down: 'up' };

/** Passes TCP connections on to a port of this machine; cuts, refuses, swallows or delays them. */
export class Wire {
  /** The conversation whose socket passed here last. */
  conversation;
  /** Bytes that passed, and that were swallowed since the last `stall`, on the way `up` to the server and `down` to the browser. */
  passed = { up: 0, down: 0 };
  lost = { up: 0, down: 0 };
  /** When connections came in, by `Date.now()`. */
  joined = [];
  /** Connections that found nobody at the other end. */
  unanswered = 0;
  #pairs = new Set();
  /** What passed last on the way down. */
  #tail = '';
  #down = false;
  #swallow = [];
  #slow;
  #port = 0;
  #server = createServer((near) => this.#join(near));

  /** Starts to listen; the address of this end. */
  async listen() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://localhost:${this.#server.address().port}`;
  }

  /** Where the other end is. */
  to(port) {
    this.#port = port;
  }

  /** Whether the browser's side was given this lately. (Nothing on a socket is packed.) */
  gave(text) {
    return this.#tail.includes(text);
  }

  /** Resets what is open and refuses what comes. */
  cut() {
    this.#down = true;
    for (const pair of this.#pairs) pair.reset();
  }

  /**
   * What goes in these directions vanishes, and so does the end of a connection: neither side is told. That stays so
   * for the connections there are, even when `mend` lets new ones through: a half-open line.
   */
  stall(...ways) {
    this.#swallow = ways.length ? ways : ['up', 'down'];
    this.lost = { up: 0, down: 0 };
    for (const pair of this.#pairs) pair.swallow = this.#swallow;
  }

  /** From now on everything takes `delay` ms, and comes in pieces of so many bytes, `gap` ms apart. */
  slow(delay, piece, gap) {
    this.#slow = { delay, piece, gap };
  }

  /** Lets new connections through, whole and at once. */
  mend() {
    this.#down = false;
    this.#swallow = [];
    this.#slow = undefined;
  }

  close() {
    this.cut();
    this.#server.close();
  }

  #join(near) {
    near.on('error', () => {});
    if (this.#down || !this.#port) return near.resetAndDestroy();
    this.joined.push(Date.now());
    const far = connect(this.#port, '127.0.0.1');
    near.setNoDelay(true);
    far.setNoDelay(true);
    const pair = { swallow: this.#swallow, reset: () => [near, far].forEach((socket) => socket.resetAndDestroy()) };
    this.#pairs.add(pair);
    this.#pass(pair, 'up', near, far);
    this.#pass(pair, 'down', far, near);
    far.on('error', ({ code }) => (this.unanswered += Number(code === 'ECONNREFUSED')));
    far.on('error', () => pair.swallow.includes('down') || near.resetAndDestroy());
    near.once('data', (data) => (this.conversation = /^GET \/v1\/rooms\/([^/]+)\/socket/.exec(data.toString('latin1'))?.[1] ?? this.conversation));
  }

  #pass(pair, way, from, to) {
    let free = 0;
    const waiting = [];
    /** In order, each at its time. Timers alone would not keep the order: Node ends all of one length before those of another. */
    const later = (delay, gap, work) => {
      const now = Date.now();
      free = Math.max(now + delay, free + gap);
      if (free <= now && !waiting.length) return work();
      waiting.push(work);
      setTimeout(() => waiting.shift()(), free - now);
    };
    const give = (data) => {
      const vanishes = pair.swallow.includes(way);
      this[vanishes ? 'lost' : 'passed'][way] += data.length;
      if (!vanishes && way === 'down') this.#tail = (this.#tail + data.toString('latin1')).slice(-TAIL);
      if (!vanishes && !to.destroyed) to.write(data);
    };
    from.on('data', (data) => {
      const { delay, piece, gap } = this.#slow ?? { delay: 0, piece: data.length, gap: 0 };
      for (let at = 0; at < data.length; at += piece) later(delay, gap, () => give(data.subarray(at, at + piece)));
    });
    from.on('close', () =>
      later(this.#slow?.delay ?? 0, 0, () => {
        if (pair.swallow.includes(way)) return;
        to.end();
        if (!pair.swallow.includes(other[way])) this.#pairs.delete(pair);
      }),
    );
  }
}
