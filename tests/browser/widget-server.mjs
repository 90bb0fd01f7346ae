// The other side of the widget, in one process: the static files, `POST /v1/session`, and Rooms that keep the promises
// of docs/protocol.md in memory. Unlike the real server it does what a test tells it: refuses, holds acks, cuts.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { npm } from '../../scripts/lib/npm.mjs';
import { at } from '../../scripts/lib/paths.mjs';
import { wire } from '../e2e/lib/wire.mjs';

const VISITOR = { kind: 1 };
const BOT = { kind: 3 };
const PAGE = 100;
const OPEN = 2;
const RESOLVED = 4;
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' };

/** An agent as the tests know them. */
export const agent = (name, id = 'agt_' + name) => ({ kind: 2, id, name });

/** One conversation. */
class RoomDouble {
  log = [];
  sockets = new Set();
  receipts = new Map();
  frames = [];
  agents = [];
  state = { status: 2 };
  /** The visitor's place in the line; told by `waits`. */
  queue;
  /** What the bot is writing. */
  growing = '';
  epoch = 1;
  constructor(server, id) {
    Object.assign(this, { server, id });
  }

  append(sender, body, clientId = '') {
    const message = { seq: this.log.length + 1, id: `msg_${this.id}_${this.epoch}_${this.log.length + 1}`, sender, at: this.server.now(), clientId, ...body };
    this.log.push(message);
    return message;
  }

  /** An agent writes. */
  says(who, text) {
    const message = this.append(who, { text });
    this.tell({ message });
    return message.seq;
  }

  /** The bot writes, with buttons: `{id: label}`. */
  offers(text, buttons = {}) {
    const choices = Object.entries(buttons).map(([id, label]) => ({ id, label }));
    this.growing = '';
    this.tell({ message: this.append(BOT, { text, choices }) });
  }

  /** The bot writes on; nothing: what it has written is taken back. */
  grows(text = '') {
    const offset = text ? [...this.growing].length : 0;
    this.growing = text && this.growing + text;
    this.tell({ grow: { to: this.log.length, offset, text } });
  }

  /** The bot answers, and the visitor may say whether that helped: 1 nobody has said, 2 it helped, 3 it did not. */
  answers(text, buttons = {}, rating = 1, image = undefined) {
    const choices = Object.entries(buttons).map(([id, label]) => ({ id, label }));
    this.tell({ message: this.append(BOT, { text, choices, rating, image }) });
  }

  happens(activity) {
    this.tell({ message: this.append({ kind: 4 }, { activity }) });
  }

  /** The visitor's place in the line changes; 0 ends the waiting. */
  waits(position, waitMs = 0, more = {}) {
    this.queue = { position, waitMs, ...more };
    this.tell({ queue: this.queue });
  }

  turns(state) {
    this.state = state;
    this.tell({ state });
  }

  has(receipt) {
    this.receipts.set(receipt.participant.kind + (receipt.participant.id ?? ''), receipt);
    this.tell({ receipt });
  }

  tell(frame, but) {
    for (const socket of this.sockets) if (socket !== but) this.server.give(socket, frame);
  }

  receive(socket, frame) {
    this.frames.push(frame);
    if (frame.hello) {
      const { logEpoch, after, tip, delivered, read } = frame.hello;
      const same = after === 0 || (logEpoch === this.epoch || logEpoch === 0) && this.log[after - 1]?.id === tip;
      // A client that knows no epoch takes the log as it is.
      const missed = this.log.slice(same && logEpoch ? after : 0);
      const messages = missed.slice(-PAGE);
      this.sockets.add(socket);
      this.reached(socket, Math.min(delivered, this.log.length), Math.min(read, this.log.length));
      this.server.give(socket, {
        welcome: {
          logEpoch: this.log.length ? this.epoch : 0, head: this.log.length, you: VISITOR, conversation: this.id, state: this.state, receipts: [...this.receipts.values()],
          messages, more: messages.length < missed.length, presence: { agents: this.agents, visitor: true }, now: this.server.now(), reset: !same, queue: this.queue, growing: this.growing,
        },
      });
    } else if (frame.send) {
      const { clientId, text } = frame.send;
      const answer = this.server.onSend?.(frame.send, this);
      if (answer) return answer.error && this.server.give(socket, { error: { clientId, message: '', ...answer.error } });
      const known = this.log.find((one) => one.clientId === clientId);
      const message = known ?? this.append(VISITOR, { text }, clientId);
      if (!known) this.tell({ message }, socket);
      if (!known && this.state.status === RESOLVED) this.turns({ status: OPEN });
      this.server.give(socket, { ack: { clientId, seq: message.seq, at: message.at, id: message.id } });
    } else if (frame.rate) {
      if (this.server.onRate?.(frame.rate, this)) return;
      const message = this.log[frame.rate.seq - 1];
      if (!message?.rating) return this.server.give(socket, { error: { code: 'not_found', clientId: frame.rate.clientId, message: '' } });
      message.rating = frame.rate.helpful ? 2 : 3;
      this.server.give(socket, { done: { clientId: frame.rate.clientId } });
    } else if (frame.leave) {
      const { clientId } = frame.leave;
      const answer = this.server.onLeave?.(frame.leave, this);
      if (answer) return answer.error && this.server.give(socket, { error: { clientId, message: '', ...answer.error } });
      this.turns({ status: RESOLVED });
      this.server.give(socket, { done: { clientId } });
    } else if (frame.leaveEmail) {
      const { clientId, text } = frame.leaveEmail;
      const answer = this.server.onLeaveEmail?.(frame.leaveEmail, this);
      if (answer) return answer.error && this.server.give(socket, { error: { clientId, message: '', ...answer.error } });
      if (text && !this.log.some((one) => one.clientId === clientId)) this.tell({ message: this.append(VISITOR, { text }, clientId) });
      this.waits(0);
      this.server.give(socket, { done: { clientId } });
    } else if (frame.page) {
      const older = this.log.slice(0, frame.page.before - 1);
      const messages = older.slice(-PAGE);
      const give = () => this.server.give(socket, { page: { before: frame.page.before, messages, more: messages.length < older.length } });
      if (!this.server.onPage?.(give)) give();
    } else if (frame.delivered) this.reached(socket, frame.delivered.seq, 0);
    else if (frame.read) this.reached(socket, frame.read.seq, frame.read.seq);
  }

  reached(socket, delivered, read) {
    const held = this.receipts.get('1') ?? { participant: VISITOR, delivered: 0, read: 0 };
    const receipt = { participant: VISITOR, delivered: Math.max(held.delivered, delivered), read: Math.max(held.read, read) };
    this.receipts.set('1', receipt);
    this.tell({ receipt }, socket);
  }
}

class WidgetServer {
  rooms = new Map();
  requests = [];
  site = { name: 'Lantern & Loom', greeting: 'Hello! How can we help you today?', color: '', locale: 'en' };
  /** No answer from the API: connections to it are cut and refused. */
  down = false;
  /** What there is under `/pictures/`, by hash. */
  pictures = new Map();
  /** Where the static files are. */
  files = at('public');
  /** By how much its clock is ahead of ours, in milliseconds. */
  ahead = 0;
  /** Answers `POST /v1/session` in our place: `(body) => [status, problem]`. */
  onSession;
  /** Answers a `send`: `{error}`, or anything true to say nothing. */
  onSend;
  /** Answers a `leave_email` in the same way. */
  onLeaveEmail;
  /** Answers a `leave` in the same way. */
  onLeave;
  /** Says nothing to a `rate`, if it is true. */
  onRate;
  /** Takes the giving of a page of history over, if it says so. */
  onPage;
  #count = 0;
  #sockets = new Set();

  constructor() {
    const { WebSocketServer } = npm('ws');
    this.upgrades = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] });
    this.http = createServer((request, response) => this.#answer(request, response));
    this.http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  async listen() {
    await new Promise((resolve) => this.http.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.http.address().port}`;
  }

  now() {
    return Date.now() + this.ahead;
  }

  /** The only conversation there is. */
  get room() {
    const rooms = [...this.rooms.values()];
    if (rooms.length !== 1) throw new Error(`${rooms.length} rooms`);
    return rooms[0];
  }

  asked(path) {
    return this.requests.filter((one) => one.split('?')[0].endsWith(path));
  }

  /** Ends every socket without a word, and takes none until `up`. */
  cut() {
    this.down = true;
    for (const socket of this.#sockets) socket.terminate();
  }

  up() {
    this.down = false;
  }

  /** Closes every socket with a code. */
  close(code) {
    for (const socket of this.#sockets) socket.close(code);
  }

  give(socket, frame) {
    socket.send(wire.encode('ServerFrame', frame));
  }

  async stop() {
    for (const socket of this.#sockets) socket.terminate();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    this.requests.push(`${request.method} ${request.url}`);
    if (pathname === '/v1/session') {
      if (this.down) return request.socket.destroy();
      let text = '';
      for await (const part of request) text += part;
      const body = JSON.parse(text);
      const [status, answer] = (await this.onSession?.(body)) ?? [200, this.#session(body)];
      response.writeHead(status, { 'Content-Type': 'application/json' });
      return response.end(JSON.stringify(answer));
    }
    if (pathname.startsWith('/pictures/')) {
      const picture = this.pictures.get(pathname.slice('/pictures/'.length));
      response.writeHead(picture ? 200 : 404, { 'Content-Type': 'image/png' });
      return response.end(picture);
    }
    if (pathname === '/page') {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...(searchParams.get('csp') && { 'Content-Security-Policy': searchParams.get('csp') }) });
      return response.end(page(searchParams));
    }
    try {
      const body = readFileSync(join(this.files, pathname.endsWith('/') ? pathname + 'index.html' : pathname));
      response.writeHead(200, { 'Content-Type': TYPES[extname(pathname)] ?? 'text/html', 'Access-Control-Allow-Origin': '*' });
      response.end(body);
    } catch {
      response.writeHead(404);
      response.end();
    }
  }

  #session({ token, identity }) {
    const subject = identity ? JSON.parse(Buffer.from(identity.split('.')[1], 'base64url')).sub : '';
    const [, known, of] = /^token-(\w+)-of-(.*)$/.exec(token ?? '') ?? [];
    const returning = !!known && (!of || of === subject);
    const conversation = returning ? known : 'cnv_' + ++this.#count;
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const ticket = [part({}), part({ iat: 1_000, exp: 1_900, conversation }), 'x'].join('.');
    return { token: `token-${conversation}-of-${subject || (returning ? of : '')}`, ticket, conversation, visitor: 'vis_1', returning, site: this.site };
  }

  #upgrade(request, socket, head) {
    const id = /^\/v1\/rooms\/([^/]+)\/socket$/.exec(request.url)?.[1];
    const [encoding, ticket = ''] = (request.headers['sec-websocket-protocol'] ?? '').split(', ');
    const named = JSON.parse(Buffer.from(ticket.split('.')[2] ?? '', 'base64url').toString() || '{}').conversation;
    if (this.down || !id || encoding !== 'bellhop.v1.proto' || named !== id) return socket.destroy();
    this.requests.push('SOCKET ' + id);
    this.upgrades.handleUpgrade(request, socket, head, (client) => {
      this.#sockets.add(client);
      if (!this.rooms.has(id)) this.rooms.set(id, new RoomDouble(this, id));
      const room = this.rooms.get(id);
      client.on('close', () => (this.#sockets.delete(client), room.sockets.delete(client)));
      client.on('error', () => {});
      client.on('message', (data, binary) => {
        if (!binary) return client.send('pong');
        room.receive(client, wire.decode('ClientFrame', new Uint8Array(data)));
      });
    });
  }
}

/** A page with the script, made from the query: `lang`, `dir`, `attrs`, `body`, `before` (commands), `head`. */
function page(query) {
  const say = (name, or = '') => query.get(name) ?? or;
  return `<!doctype html><html lang="${say('lang', 'en')}" dir="${say('dir', 'ltr')}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A page</title>${say('head')}${say('before') && `<script>${say('before')}</script>`}
<script async src="/widget.js" data-site="site_test" ${say('attrs')}></script>
<main><h1>A page</h1><p>${say('body', 'Some text.')}</p></main></html>`;
}

/** Starts a server; the caller stops it. */
export async function startServer() {
  const server = new WidgetServer();
  await server.listen();
  return server;
}
