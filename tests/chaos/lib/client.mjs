// Clients that write and read under faults and keep books: each holds both logs as the widget or console would, comes back
// by `hello{log_epoch, after, tip}`, sends again what is open, and tells the history everything that it saw.
import { message } from '../../e2e/lib/world.mjs';

/** How a line or a server that is going away shows itself. Anything else that is thrown is a finding. */
export const GONE = /socket closed|ECONNREFUSED|ECONNRESET|EPIPE|hang up|fetch failed|closed before|terminated|upgrade refused: (429|5\d\d)|: (429|5\d\d) |other side closed/i;
/** A server that says nothing on an open line: come again, as clients do; how often is told, and that it was not for good. */
export const SILENT = /^no \w+ within/;
const TICK_MS = 10;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One log as a client holds it: entries 1, 2, 3 …, and, while there is a hole behind a `welcome`, what came after it. */
class Held {
  entries = [];
  #later;

  constructor(finding) {
    this.finding = finding;
  }

  get last() {
    return this.entries.at(-1)?.seq ?? 0;
  }

  get tip() {
    return this.entries.at(-1)?.id ?? '';
  }

  clear() {
    this.entries = [];
  }

  /** A `welcome` or an older page. Returns the seq before which to ask, if there is still a hole. */
  older(entries, { fresh }) {
    this.#later = fresh ? [...entries] : [...entries, ...(this.#later ?? [])];
    if (this.#later.length && this.#later[0].seq > this.last + 1) return this.#later[0].seq;
    const all = this.#later;
    this.#later = undefined;
    all.forEach((it) => this.#add(it));
    return undefined;
  }

  live(entry) {
    if (this.#later) this.#later.push(entry);
    else this.#add(entry);
  }

  #add(entry) {
    const had = this.entries[entry.seq - 1];
    if (entry.seq === this.last + 1) this.entries.push(entry);
    else if (entry.seq > this.last + 1) this.finding('C4', `entry ${entry.seq} came after ${this.last}: a gap`);
    else if (had.id !== entry.id) this.finding('C4', `entry ${entry.seq} was ${had.id}, is ${entry.id}`);
  }
}

/** A visitor or an agent in one conversation. `connect(hello)` opens a socket. */
export class Client {
  #next = 0;
  #stopped = false;
  #left = false;
  #wait = 0;
  outbox = new Map();
  resets = 0;
  connections = 0;

  constructor({ history, name, conversation, agent, connect, dice, everyMs = 250, burst = 2, cuts = 0 }) {
    Object.assign(this, { history, name, conversation, agent, connect, dice, everyMs, burst, cuts });
    const finding = (checker, text) => history.finding(checker, `${name}: ${text}`);
    this.finding = finding;
    this.public = new Held(finding);
    this.private = new Held(finding);
    history.clients.push(this);
  }

  stop() {
    this.#stopped = true;
  }

  leave() {
    this.#left = true;
  }

  write(log = 'public') {
    const id = `${this.name}-${this.#next++}`;
    const text = log === 'private' ? this.history.secret(id) : `${id} says ${'x'.repeat(this.dice.below(60))}`;
    this.outbox.set(id, { log, text });
    this.history.sent.set(id, { log, text, conversation: this.conversation, client: this });
    return id;
  }

  async run() {
    while (!this.#left) {
      try {
        await this.#connection();
      } catch (error) {
        if (SILENT.test(error.message)) this.history.count(`silent: ${/^no \w+/.exec(error.message)[0]}`);
        else if (!GONE.test(error.message)) {
          this.finding('client', error.stack);
          throw error;
        }
        this.history.count('gone');
        await pause(50 + this.dice.below(150));
      }
    }
  }

  #post(socket, id) {
    const { log, text } = this.outbox.get(id);
    socket.send(log === 'private' ? { note: { clientId: id, text } } : message(text, id));
  }

  async #connection() {
    const held = this.public;
    const hello = { logEpoch: this.epoch ?? 0, after: held.last, tip: held.tip, delivered: held.last };
    if (this.agent) Object.assign(hello, { afterPrivate: this.private.last, tipPrivate: this.private.tip });
    const socket = await this.connect(hello);
    this.connections++;
    socket.ws.on('message', (data) => this.#bytes(data));
    // What came before we listened is judged by its decoded text.
    socket.frames.forEach((frame) => this.#bytes(JSON.stringify(frame)));
    let read = 0;
    let wrote = 0;
    let told = 0;
    for (const id of this.outbox.keys()) this.#post(socket, id);
    try {
      for (;;) {
        for (; read < socket.frames.length; read++) this.#frame(socket, socket.frames[read]);
        if (socket.end) throw new Error(`socket closed (${socket.end.code})`);
        if (this.#left) return;
        const now = Date.now();
        if (held.last > told && this.dice.hit(0.1)) {
          told = held.last;
          socket.send({ delivered: { seq: told } });
          if (this.dice.hit(0.5)) socket.send({ read: { seq: told } });
        }
        if (now < this.#wait) {
          // Told to wait.
        } else if (this.#wait) {
          this.#wait = 0;
          for (const id of this.outbox.keys()) this.#post(socket, id);
        } else if (!this.#stopped && now - wrote >= this.everyMs) {
          wrote = now;
          for (let n = 0; n < this.burst; n++) this.#post(socket, this.write(this.agent && this.dice.hit(0.3) ? 'private' : 'public'));
          if (this.dice.hit(this.cuts)) return void this.history.count('cut');
        }
        await pause(TICK_MS);
      }
    } finally {
      socket.cut();
    }
  }

  #bytes(data) {
    if (!this.agent && this.history.isSecret(data.toString())) this.finding('C4', 'a note in a visitor’s bytes (INV-10)');
  }

  #frame(socket, frame) {
    const [[kind, it]] = Object.entries(frame);
    switch (kind) {
      case 'welcome': {
        if (it.reset || (this.epoch && it.logEpoch !== this.epoch)) {
          this.resets++;
          this.history.count('reset');
          this.public.clear();
          this.private.clear();
        } else if (it.head < this.public.last) this.finding('C5', `head fell from ${this.public.last} to ${it.head} without a reset`);
        this.epoch = it.logEpoch;
        this.history.state(this, it.state);
        return this.#page(socket, 'PUBLIC', this.public.older(it.messages, { fresh: true }));
      }
      case 'page':
        return this.#page(socket, 'PUBLIC', this.public.older(it.messages, { fresh: false }));
      case 'privateWelcome':
        return this.#page(socket, 'PRIVATE', this.private.older(it.messages, { fresh: true }));
      case 'privatePage':
        return this.#page(socket, 'PRIVATE', this.private.older(it.messages, { fresh: false }));
      case 'message':
        return this.public.live(it);
      case 'privateMessage':
        return this.private.live(it);
      case 'ack':
        return this.#acked('public', it);
      case 'noteAck':
        return this.#acked('private', it);
      case 'state':
        return this.history.state(this, it);
      case 'error':
        if (!it.retryable) throw new Error(`refused for good: ${it.code} ${it.message}`);
        this.history.count(`error ${it.code}`);
        this.#wait = Date.now() + Math.max(100, it.retryAfterMs);
    }
  }

  #page(socket, log, before) {
    if (before) socket.send({ page: { log: log === 'PRIVATE' ? 1 : 0, before } });
  }

  #acked(log, ack) {
    const sent = this.history.sent.get(ack.clientId);
    if (sent?.client !== this || sent.log !== log) return this.finding('C2', `an ack for ${ack.clientId}, which was not sent here`);
    this.history.ack(ack.clientId, ack, this);
    this.outbox.delete(ack.clientId);
    this[log].live({ seq: ack.seq, id: ack.id, at: ack.at, clientId: ack.clientId, [log === 'private' ? 'note' : 'text']: sent.text });
    return undefined;
  }
}

/** An agent at the Desk who claims, gives back and hands over, and tells the history who got what. */
export class Claimer {
  #left = false;
  answers = 0;

  constructor({ history, name, agent, others, conversations, dice }) {
    Object.assign(this, { history, name, agent, others, conversations, dice });
  }

  leave() {
    this.#left = true;
  }

  async run() {
    for (let n = 0; !this.#left; n++) {
      try {
        const desk = await this.agent.desk({ encoding: this.dice.one(['json', 'proto']) });
        try {
          for (; !this.#left; n++) {
            await pause(150 + this.dice.below(300));
            const clientId = `${this.name}-${n}`;
            const conversation = this.dice.one(this.conversations);
            const frame = this.dice.one([
              { claim: { clientId, conversation } },
              { claim: { clientId, conversation } },
              { release: { clientId, conversation } },
              { transfer: { clientId, conversation, agent: this.dice.one(this.others), reason: 'lunch' } },
            ]);
            const since = desk.frames.length;
            desk.send(frame);
            const answer = await Promise.race([
              desk.next('assigned', (it) => it.clientId === clientId, { since }),
              desk.next('error', (it) => it.clientId === clientId, { since }).then(() => undefined),
            ]);
            this.answers++;
            if (answer) this.history.winner(conversation, answer.assignmentEpoch, answer.assignee?.id ?? '', this.name, { told: true });
          }
        } finally {
          desk.cut();
        }
      } catch (error) {
        if (SILENT.test(error.message)) this.history.count(`silent: ${/^no \w+/.exec(error.message)[0]}`);
        else if (!GONE.test(error.message)) {
          this.history.finding('client', `${this.name}: ${error.stack}`);
          throw error;
        }
        await pause(50 + this.dice.below(150));
      }
    }
  }
}
