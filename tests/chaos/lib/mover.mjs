// An agent's console at the Desk that never rests: it claims, hands over, gives back, takes and declines what rings, comes back
// by its cursor, asks again what nobody has answered, and keeps books of all that it is told.
import { message } from '../../e2e/lib/world.mjs';
import { stands } from './assignments.mjs';
import { GONE, SILENT } from './client.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ONLINE = 1;
/** Requests of one console that may be under way at once. */
const AT_ONCE = 3;
/** How often a console loses its line instead of asking for something. */
const CUTS = 0.02;

/** Comes back however often the line or the server goes. */
class Tenacious {
  rests = false;
  left = false;

  /** Asks for nothing more, and stays. */
  rest() {
    this.rests = true;
  }

  leave() {
    this.left = true;
  }

  async run() {
    while (!this.left) {
      try {
        await this.connection();
      } catch (error) {
        if (SILENT.test(error.message)) this.books.count(`silent: ${/^no \w+/.exec(error.message)[0]}`);
        else if (!GONE.test(error.message)) {
          this.books.findings.push(`${this.name}: ${error.stack}`);
          throw error;
        }
        await pause(20 + this.dice.below(80));
      }
    }
  }
}

/** A console. `others`: agents to hand over to. */
export class Mover extends Tenacious {
  /** The list as the console holds it: rows by conversation. */
  rows = new Map();
  /** What has been asked and not been answered. */
  open = new Map();
  resumed = 0;
  #asked = 0;

  constructor({ books, name, agent, others, conversations, dice }) {
    super();
    this.manages = agent.me.role !== 'agent';
    Object.assign(this, { books, name, agent, others, conversations, dice });
  }

  async connection() {
    // Whatever is known now the list must hold, too.
    const floors = new Map(this.conversations.map((it) => [it, this.books.floor(it)]));
    const desk = await this.agent.desk({ encoding: this.dice.one(['json', 'proto']), hello: this.epoch ? { deskEpoch: this.epoch, rev: this.rev } : {} });
    try {
      this.#listed(desk.deskWelcome, floors);
      for (const [clientId, request] of this.open) {
        request.again = true;
        desk.send({ [request.kind]: { ...request.body, clientId } });
      }
      desk.send({ setAvailability: { availability: ONLINE } });
      for (let read = 0, next = 0; ; await pause(10)) {
        for (; read < desk.frames.length; read++) this.#frame(desk, desk.frames[read]);
        if (desk.end) throw new Error(`socket closed (${desk.end.code})`);
        if (this.left) return;
        if (this.rests || Date.now() < next || this.open.size >= AT_ONCE) continue;
        next = Date.now() + this.dice.below(50);
        if (this.dice.hit(CUTS)) return;
        this.#ask(desk);
      }
    } finally {
      desk.cut();
    }
  }

  /** Something that makes sense to who sees this list; and now and then something that does not. */
  #ask(desk) {
    const conversation = this.dice.one(this.conversations);
    const row = this.rows.get(conversation);
    const me = this.agent.me.id;
    const isMine = row?.assignee?.id === me;
    const kind = this.dice.one(
      this.dice.hit(0.1) ? ['claim', 'transfer', 'release', 'accept', 'decline']
      : isMine && row.ringUntil > 0 ? ['accept', 'accept', 'decline', 'transfer']
      : isMine ? ['transfer', 'release']
      : row?.assignee && this.manages ? ['transfer', 'release']
      // Routing is to have a chance, too; and most of what somebody has is refused.
      : ['claim', undefined, undefined, undefined],
    );
    if (!kind) return;
    const to = this.dice.one(this.others);
    const meant = kind !== 'claim' && row && this.dice.hit(0.5) ? { assignmentEpoch: row.assignmentEpoch } : {};
    const body = { conversation, ...meant, ...(kind === 'transfer' ? { agent: to, reason: 'lunch' } : {}) };
    const clientId = `${this.name}-${this.#asked++}`;
    this.open.set(clientId, { kind, conversation, me, to, body, floor: this.books.floor(conversation) });
    desk.send({ [kind]: { ...body, clientId } });
  }

  #frame(desk, frame) {
    const [[kind, it]] = Object.entries(frame);
    switch (kind) {
      case 'deskUpdate':
        return this.#listed(it);
      case 'probe':
        return desk.send({ probeAnswer: { probe: it.id, available: true } });
      case 'assigned':
      case 'error': {
        const request = this.open.get(it.clientId);
        if (kind === 'assigned') this.#assigned(it);
        if (kind === 'assigned' && !it.clientId) return this.books.seen(it.conversation, stands(it), this.name);
        if (!request) throw new Error(`an answer to what nobody asked: ${JSON.stringify(it)}`);
        this.open.delete(it.clientId);
        if (kind === 'assigned') return this.books.answered(request, it, this.name);
        return this.books.refused(request, it, this.name);
      }
    }
  }

  /** The list comes within a second; this is newer. */
  #assigned({ conversation, assignee, assignmentEpoch, ringUntil }) {
    const row = this.rows.get(conversation);
    if (row && row.assignmentEpoch < assignmentEpoch) this.rows.set(conversation, { ...row, assignee, assignmentEpoch, ringUntil });
  }

  #listed({ rows = [], gone = [], rev, reset, deskEpoch, next }, floors) {
    if (next) throw new Error('a list of more than one page');
    if (this.epoch && floors && !reset) this.resumed++;
    if (reset) this.rows.clear();
    for (const row of rows) {
      const held = this.rows.get(row.conversation);
      this.books.seen(row.conversation, stands(row), this.name, { floor: held?.assignmentEpoch });
      this.rows.set(row.conversation, row);
    }
    for (const conversation of gone) this.books.findings.push(`${this.name}: ${conversation} left the list`);
    for (const [conversation, floor] of floors ?? []) {
      const has = this.rows.get(conversation)?.assignmentEpoch ?? 0;
      if (has < floor) this.books.findings.push(`C6: ${conversation}: the list of ${this.name} came back with epoch ${has} after somebody knew ${floor}`);
    }
    this.epoch = deskEpoch ?? this.epoch;
    this.rev = rev;
  }
}

/** A visitor, or an agent, in one conversation: writes now and then, and keeps books of what the Room says of its assignment. */
export class Watcher extends Tenacious {
  constructor({ books, name, conversation, connect, dice }) {
    super();
    Object.assign(this, { books, name, conversation, connect, dice });
  }

  async connection() {
    const floor = this.books.floor(this.conversation, 'room');
    const socket = await this.connect();
    try {
      this.#state(socket.welcome.state, floor);
      for (let read = 0, next = 0; ; await pause(10)) {
        for (; read < socket.frames.length; read++) if (socket.frames[read].state) this.#state(socket.frames[read].state);
        if (socket.end) throw new Error(`socket closed (${socket.end.code})`);
        if (this.left) return;
        if (this.rests || Date.now() < next) continue;
        next = Date.now() + this.dice.below(1_000);
        socket.send(message(`${this.name} says something`));
      }
    } finally {
      socket.cut();
    }
  }

  #state(state, floor = this.last ?? 0) {
    const { epoch, holder } = stands(state ?? {});
    this.books.seen(this.conversation, { epoch, holder: holder || undefined }, this.name, { floor, where: 'room' });
    this.last = epoch;
  }
}
