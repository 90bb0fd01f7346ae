// A line between browser and server that can be cut: a browser's own "offline" holds the frames of an open WebSocket
// instead of losing them.
import { connect, createServer } from 'node:net';

/** Passes TCP connections on to a port of this machine, or cuts and refuses them. */
export class Wire {
  #pairs = new Set();
  #down = false;
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

  /** Resets what is open and refuses what comes. */
  cut() {
    this.#down = true;
    for (const pair of this.#pairs) pair.forEach((socket) => socket.resetAndDestroy());
  }

  /** Lets connections through again. */
  mend() {
    this.#down = false;
  }

  close() {
    this.cut();
    this.#server.close();
  }

  #join(near) {
    near.on('error', () => {});
    if (this.#down || !this.#port) return near.resetAndDestroy();
    const far = connect(this.#port, '127.0.0.1');
    const pair = [near, far];
    this.#pairs.add(pair);
    far.on('error', () => near.resetAndDestroy());
    near.on('error', () => far.destroy());
    for (const socket of pair) socket.on('close', () => this.#pairs.delete(pair));
    near.pipe(far).pipe(near);
  }
}
