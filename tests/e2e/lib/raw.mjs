// A WebSocket without manners: frames of any shape, sent as they are, and a line that need not be read. For tests of what
// no library would send.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { constants, inflateRawSync } from 'node:zlib';
import { DEADLINE_MS } from './socket.mjs';

/** One frame's bytes. `length` lies about the payload; `mask: false` is what no client may do. */
export function frame(payload, { opcode = 1, fin = true, rsv = 0, mask = true, length } = {}) {
  const data = Buffer.from(payload);
  const size = BigInt(length ?? data.length);
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const bit = mask ? 0x80 : 0;
  if (size < 126n) head.push(bit | Number(size));
  else if (size < 65_536n) head.push(bit | 126, Number(size >> 8n), Number(size & 255n));
  else head.push(bit | 127, ...Array.from({ length: 8 }, (_, n) => Number((size >> BigInt(8 * (7 - n))) & 255n)));
  if (!mask) return Buffer.concat([Buffer.from(head), data]);
  // The mask of zeros is as good as any other, and costs nothing.
  return Buffer.concat([Buffer.from(head), Buffer.alloc(4), data]);
}

/** A message that came deflated, where no context is taken over from one to the next (RFC 7692, 7.2.2). */
const inflated = (data) => inflateRawSync(Buffer.concat([data, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: constants.Z_SYNC_FLUSH });

/** An upgrade, and what follows on its line. */
export class RawSocket {
  /** The answer to the upgrade: its first line and its headers. */
  head = '';
  /** Frames that came whole: `{opcode, data, deflated}`; what came deflated is inflated. */
  frames = [];
  /** Bytes that came after the upgrade. */
  bytes = 0;
  #buffer = Buffer.alloc(0);
  #waiting = [];

  /** Resolves when the server has agreed; rejects with its answer if it has not. */
  static async open({ port, path, headers = {}, protocols = [] }) {
    const raw = new RawSocket();
    raw.line = connect(port, '127.0.0.1');
    raw.line.setNoDelay(true);
    raw.line.on('error', () => {});
    /** Resolves when the line has ended. */
    raw.ended = new Promise((resolve) => raw.line.once('close', resolve));
    const lines = [`GET ${path} HTTP/1.1`, `Host: localhost:${port}`, 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`];
    if (protocols.length) lines.push(`Sec-WebSocket-Protocol: ${protocols.join(', ')}`);
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    raw.line.write(`${lines.join('\r\n')}\r\n\r\n`);
    await new Promise((resolve, reject) => {
      let head = Buffer.alloc(0);
      const read = (data) => {
        head = Buffer.concat([head, data]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        raw.line.off('data', read);
        if (!head.toString('latin1').startsWith('HTTP/1.1 101')) return reject(new Error(head.toString('latin1')));
        raw.head = head.subarray(0, end).toString('latin1');
        raw.line.on('data', (more) => raw.#read(more));
        raw.#read(head.subarray(end + 4));
        resolve();
      };
      raw.line.on('data', read);
      raw.ended.then(() => reject(new Error('the line ended before the upgrade')));
    });
    raw.ended.then(() => raw.#look());
    return raw;
  }

  /** What the server agreed to of the extensions that were offered; empty: none. */
  get extensions() {
    return /^sec-websocket-extensions:\s*(.*)$/im.exec(this.head)?.[1] ?? '';
  }

  write(bytes) {
    return this.line.write(bytes);
  }

  /** A frame of JSON text. */
  send(value) {
    return this.write(frame(JSON.stringify(value)));
  }

  /** The code of the server's close frame; 0 for one without; undefined before it. */
  get closeCode() {
    const close = this.frames.find(({ opcode }) => opcode === 8);
    return close && (close.data.length < 2 ? 0 : close.data.readUInt16BE(0));
  }

  /** What came as JSON text. */
  get said() {
    return this.frames.filter(({ opcode }) => opcode === 1).map(({ data }) => JSON.parse(data.toString()));
  }

  /** Waits until `look(this)` gives something; undefined at the deadline. */
  until(look, ms = DEADLINE_MS) {
    const found = look(this);
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => {
      const entry = { look, done: (value) => (clearTimeout(timer), resolve(value)) };
      const timer = setTimeout(() => (this.#waiting.splice(this.#waiting.indexOf(entry), 1), resolve(undefined)), ms);
      this.#waiting.push(entry);
    });
  }

  /** The server's close or the line's end; undefined if neither comes. */
  over(ms) {
    return this.until((it) => it.closeCode !== undefined || it.line.destroyed || it.line.readableEnded, ms);
  }

  destroy() {
    this.line.destroy();
    return this.ended;
  }

  #look() {
    for (const entry of [...this.#waiting]) {
      const found = entry.look(this);
      if (!found) continue;
      this.#waiting.splice(this.#waiting.indexOf(entry), 1);
      entry.done(found);
    }
  }

  #read(data) {
    this.bytes += data.length;
    this.#buffer = this.#buffer.length ? Buffer.concat([this.#buffer, data]) : data;
    for (;;) {
      const at = this.#buffer;
      if (at.length < 2) break;
      const short = at[1] & 127;
      const start = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (at.length < start) break;
      const size = short === 127 ? Number(at.readBigUInt64BE(2)) : short === 126 ? at.readUInt16BE(2) : short;
      if (at.length < start + size) break;
      const deflated = (at[0] & 0x40) !== 0;
      const data = at.subarray(start, start + size);
      this.frames.push({ opcode: at[0] & 15, deflated, data: deflated ? inflated(data) : data });
      this.#buffer = at.subarray(start + size);
    }
    this.#look();
  }
}

/** A raw socket in the Room of a visitor who has a ticket. */
export function rawRoom(visitor, { encoding = 'json', headers = {}, address = visitor.address } = {}) {
  const { world, conversation, ticket } = visitor;
  return RawSocket.open({ port: world.server.port, path: `/v1/rooms/${conversation}/socket`, protocols: [`bellhop.v1.${encoding}`, `ticket.${ticket}`], headers: { origin: world.url, 'x-test-address': address, ...headers } });
}
