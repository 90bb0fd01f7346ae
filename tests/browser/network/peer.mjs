// Whoever is on the other side of one conversation: straight at the server, over the JSON protocol, so that what goes
// wrong on the browser's line is seen from firm ground.
import { message } from '../../e2e/lib/world.mjs';

export class Peer {
  /** By seq. */
  #log = new Map();
  #seen = 0;
  /** Of this side, in the order of writing. */
  wrote = [];

  /** `connect`: opens a socket with this hello. */
  static async join(connect) {
    const peer = new Peer();
    peer.connect = connect;
    await peer.rejoin();
    return peer;
  }

  /** The first time, and after the server has gone: shows what it holds and takes what it missed. */
  async rejoin() {
    this.#seen = 0;
    const last = Math.max(0, ...this.#log.keys());
    const hello = last ? { logEpoch: this.epoch, after: last, tip: this.#log.get(last).id } : {};
    this.socket = await this.connect(hello);
    const { welcome } = this.socket;
    if (welcome.reset) throw new Error('the other side was told to start over');
    // Who joined before the first message has no epoch to show, and is told everything again.
    const known = this.epoch ? 0 : last;
    this.epoch = welcome.logEpoch;
    for (const it of welcome.messages) if (it.seq > known) this.#take(it);
  }

  /** Writes; resolves when the server has it. */
  async say(text) {
    const frame = message(text);
    this.wrote.push(text);
    const { clientId } = frame.send;
    const { seq, id } = await this.socket.ask(frame, 'ack', (it) => it.clientId === clientId);
    this.#take({ seq, id, text });
  }

  #take({ seq, id, text }) {
    if (this.#log.has(Number(seq))) throw new Error(`the other side got entry ${seq} twice`);
    this.#log.set(Number(seq), { id, text });
  }

  /** The texts that this side has heard or written, in the log's order. */
  texts() {
    const messages = this.socket.all('message');
    for (; this.#seen < messages.length; this.#seen++) this.#take(messages[this.#seen]);
    return [...this.#log].sort(([a], [b]) => a - b).map(([, it]) => it.text).filter((text) => text !== undefined);
  }

  /** The log as the server gives it to somebody who holds nothing. */
  async log() {
    const socket = await this.connect({});
    await socket.close();
    return socket.welcome.messages.map(({ text }) => text).filter((text) => text !== undefined);
  }
}
