// The clients of a storm: tabs of visitors, and consoles of agents with the live list. Each stays connected, and comes back the moment that it may.
import assert from 'node:assert/strict';
import { npm } from '../../../scripts/lib/npm.mjs';
import { at } from '../../../scripts/lib/paths.mjs';
import { kind, Socket, until } from '../../e2e/lib/socket.mjs';
import { ADDRESS, message } from '../../e2e/lib/world.mjs';
import { GONE } from './client.mjs';

// The console's own copy of the list, from its TypeScript: what is whole here is whole on an agent's screen.
const { outputFiles } = npm('esbuild').buildSync({ entryPoints: [at('frontend/console/src/live/desk-list.ts')], bundle: true, format: 'esm', write: false });
const { DeskList } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);

const LOOK_MS = 25;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Who knocks until they are in, and holds the server to what it says when it refuses. */
class Knocker {
  refusals = 0;
  waited = [];

  async live() {
    for (this.stopped = false; !this.stopped; ) {
      try {
        await this.connection();
      } catch (error) {
        if (!GONE.test(error.message)) throw error;
        await sleep(200);
      }
    }
  }

  async open(path, who, ticket) {
    const { url } = this.it;
    this.socket = await Socket.open(`${url}${path}`, { encoding: 'proto', ticket, origin: url, headers: { [ADDRESS]: who.address } });
    return this.socket;
  }

  async comeLater(socket) {
    await socket.closed;
    const { code, retryable, retryAfterMs } = socket.all('error').at(-1);
    // A Limiter that a busy machine does not let answer refuses as well: what guards a door fails closed.
    assert.ok(code === 'overloaded' || code === 'rate_limited', code);
    assert.deepEqual([retryable, socket.end.code], [true, 4029]);
    assert.ok(retryAfterMs > 0, 'it is told when to come back');
    this.waited.push(retryAfterMs);
    await sleep(retryAfterMs);
  }

  stop() {
    this.stopped = true;
    this.socket?.cut();
  }
}

/** One tab. What it has to say it says until it is in the log. */
export class Tab extends Knocker {
  log = [];
  /** Sent away in the middle, because too many conversations had woken. */
  partings = 0;

  constructor(it, visitor, patience) {
    super();
    Object.assign(this, { it, visitor, patience });
  }

  async connection() {
    const { conversation, ticket } = this.visitor;
    const socket = await this.open(`/v1/rooms/${conversation}/socket`, this.visitor, ticket);
    const last = this.log.at(-1);
    socket.send({ hello: last ? { logEpoch: this.epoch, after: last.seq, tip: last.id } : {} });
    await until('an answer', () => socket.frames.length > 0 || socket.end, this.patience);
    const refused = socket.frames.find((frame) => kind(frame) === 'error')?.error;
    if (refused) {
      this.refusals++;
      return this.comeLater(socket);
    }
    const welcome = await socket.next('welcome');
    assert.equal(welcome.reset, false, 'the log is the one of before');
    this.epoch = welcome.logEpoch || this.epoch;
    // Who came before the first message knows no epoch yet, and is given the whole log.
    this.log.push(...welcome.messages.filter((entry) => entry.seq > (last?.seq ?? 0)));
    [this.isIn, this.inside] = [true, socket];
    if (this.said && this.log.length === 0) this.say(this.said);
    for (const [name, entry] of [['ack', (it) => ({ ...it, text: this.said })], ['message', (it) => it]]) {
      socket.next(name, () => true, { ms: 2 * this.patience }).then((it) => this.log.push(entry(it)), () => {});
    }
    await socket.closed;
    this.isIn = false;
    if (socket.all('error').length > 0) {
      this.partings++;
      await this.comeLater(socket);
    }
  }

  say(text) {
    this.said = text;
    if (this.isIn) this.socket.send(message(text, `storm-${text.replace(' ', '-')}`));
  }

  /** How the conversation stands, as its Room has said last: on the socket that was let in last. */
  get state() {
    return this.inside.all('state').at(-1) ?? this.inside.all('welcome')[0].state;
  }
}

/** An agent's console with the live list. */
export class Console extends Knocker {
  list = new DeskList();
  /** How often it was given the whole list. */
  snapshots = 0;

  constructor(it, agent) {
    super();
    Object.assign(this, { it, agent });
  }

  async connection() {
    const socket = await this.open('/v1/desk/socket', this.agent, await this.agent.ticket());
    socket.send({ deskHello: this.list.hello() });
    for (let read = 0; !socket.end || read < socket.frames.length; await sleep(LOOK_MS)) {
      for (; read < socket.frames.length; read++) this.#hear(socket, socket.frames[read]);
    }
    this.isIn = false;
    if (socket.all('error').length === 0) return;
    this.refusals++;
    await this.comeLater(socket);
  }

  #hear(socket, frame) {
    const [[name, it]] = Object.entries(frame);
    if (name === 'deskUpdate') this.list.update(it);
    if (name === 'assigned') this.list.assigned(it);
    if (name === 'deskWelcome') {
      this.named = new Set();
      if (it.reset) this.snapshots++;
      this.#page(socket, it.rows, this.list.welcome(it));
    }
    if (name === 'deskPage') this.#page(socket, it.rows, this.list.page(it));
  }

  #page(socket, rows, next) {
    for (const { conversation } of rows) {
      assert.ok(!this.named.has(conversation), `${conversation} is in the list twice`);
      this.named.add(conversation);
    }
    if (next) socket.send({ deskPage: { after: next } });
    else this.isIn = true;
  }

  claim(conversation) {
    const clientId = conversation.slice(-16);
    return this.socket.ask({ claim: { clientId, conversation } }, 'assigned', (it) => it.clientId === clientId);
  }
}
