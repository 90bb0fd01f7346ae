// One conversation of the fake server: two logs, state, receipts, and the sockets that look at it. It follows
// docs/protocol and nothing more; it keeps everything in memory and never fails by itself.
import { randomBytes } from 'node:crypto';
import { ACTIVITY, KIND, STATUS, wire } from './wire.mjs';

const PAGE = 100;

export class FakeRoom {
  sockets = new Map();
  epoch = 7;
  messages = [];
  privates = [];
  receipts = new Map();
  state = { status: STATUS.OPEN, snoozedUntil: 0, assignee: undefined, assignmentEpoch: 0 };
  visitorOnline = true;
  /** The team that it was given to; '': its site's. */
  ownTeam = '';
  /** It rings at its assignee until then. */
  ringUntil = 0;
  /** The next setStatus, send or note is refused with this error; for tests. */
  refuseNext = null;
  /** Acks are kept back while true; for tests. */
  holdAcks = false;

  constructor(world, { id, site, profile, createdAt }) {
    Object.assign(this, { world, id, site, profile, createdAt });
  }

  // ---------------------------------------------------------------------------------------------- what tests do

  visitorSays(text, at = Date.now()) {
    if (this.profile.muted) return this.append({ kind: KIND.VISITOR }, { text }, at);
    if (this.state.status === STATUS.RESOLVED || this.state.status === STATUS.SNOOZED) this.turn(STATUS.OPEN, undefined, at);
    return this.append({ kind: KIND.VISITOR }, { text }, at);
  }

  agentSays(agent, text, at = Date.now()) {
    return this.append(who(agent), { text }, at);
  }

  /** The bot writes, with buttons: `{id: label}`. The visitor's messages so far count as read. */
  botSays(text, buttons = {}, at = Date.now(), rating = 0) {
    const choices = Object.entries(buttons).map(([id, label]) => ({ id, label }));
    this.answeredByBot = this.messages.length;
    return this.append({ kind: KIND.BOT }, { text, choices, rating }, at);
  }

  /** Says of an answer whether it helped: 2 yes, 3 no. */
  visitorRates(seq, rating) {
    this.messages[seq - 1].rating = rating;
    this.broadcast({ rated: { seq, rating } });
  }

  /** The conversation is the bot's. */
  begunByBot() {
    this.state = { ...this.state, status: STATUS.PENDING };
    this.world.changed(this);
  }

  /** The bot gives it to people. */
  handedOver(reason, at = Date.now()) {
    this.appendPrivate({ kind: KIND.SYSTEM }, { activity: { kind: ACTIVITY.HANDED_OVER, reason } }, at);
    this.leavesBot();
    this.broadcast({ state: this.state });
    this.world.changed(this);
  }

  leavesBot() {
    if (this.state.status === STATUS.PENDING) this.state = { ...this.state, status: STATUS.OPEN };
  }

  noteBy(agent, note, at = Date.now()) {
    return this.appendPrivate(who(agent), { note }, at);
  }

  visitorTypes(on, preview = '') {
    this.broadcast({ typing: { on, preview, participant: { kind: KIND.VISITOR } } });
  }

  visitorReads(seq = this.messages.length, delivered = seq) {
    const receipt = { participant: { kind: KIND.VISITOR }, delivered, read: seq };
    this.receipts.set('v', receipt);
    this.broadcast({ receipt });
  }

  setVisitorOnline(visitor) {
    this.visitorOnline = visitor;
    this.broadcast({ presence: this.presence });
    this.world.changed(this);
  }

  // ------------------------------------------------------------------------------------------------------- logs

  append(sender, body, at = Date.now(), clientId = '', except = null) {
    const message = { seq: this.messages.length + 1, id: `msg_${randomBytes(8).toString('hex')}`, sender, at, clientId: '', ...body };
    this.messages.push({ ...message, clientId });
    for (const [socket, agent] of this.sockets) {
      if (socket === except) continue;
      this.tell(socket, { message: agent.id === sender.id ? { ...message, clientId } : message });
    }
    this.world.changed(this);
    return message;
  }

  appendPrivate(sender, body, at = Date.now(), clientId = '', except = null) {
    const entry = { seq: this.privates.length + 1, id: `msg_${randomBytes(8).toString('hex')}`, sender, at, clientId, follows: this.messages.length, ...body };
    this.privates.push(entry);
    for (const socket of this.sockets.keys()) if (socket !== except) this.tell(socket, { privateMessage: entry });
    return entry;
  }

  turn(status, actor, at = Date.now(), snoozedUntil = 0, reason = '') {
    this.state = { ...this.state, status, snoozedUntil };
    this.appendPrivate(actor ?? { kind: KIND.SYSTEM }, { activity: { kind: ACTIVITY.STATUS_CHANGED, actor, status, reason } }, at);
    this.broadcast({ state: this.state });
    this.world.changed(this);
  }

  /** What the Desk has decided. */
  assign(assignee, actor = { kind: KIND.SYSTEM }, reason = '', ringUntil = 0) {
    const before = this.state.assignee;
    this.ringUntil = ringUntil;
    if (assignee) this.leavesBot();
    this.state = { ...this.state, assignee, assignmentEpoch: this.state.assignmentEpoch + 1 };
    const byOther = actor.id !== assignee?.id;
    if (assignee) {
      if (byOther || before || reason) this.appendPrivate(actor, { activity: { kind: ACTIVITY.ASSIGNED, actor: byOther ? actor : undefined, subject: assignee, reason } });
      this.append({ kind: KIND.SYSTEM }, { activity: { kind: ACTIVITY.JOINED, subject: assignee } });
    } else if (before) {
      this.appendPrivate(actor, { activity: { kind: ACTIVITY.RELEASED, actor, subject: before } });
      this.append({ kind: KIND.SYSTEM }, { activity: { kind: ACTIVITY.LEFT, subject: before } });
    }
    this.broadcast({ state: this.state });
    this.world.changed(this);
  }

  /** It waits in a team's queue from now on. */
  giveToTeam(team, actor, reason) {
    const before = this.state.assignee;
    this.ownTeam = team.id;
    this.ringUntil = 0;
    this.state = { ...this.state, assignee: undefined, assignmentEpoch: this.state.assignmentEpoch + 1 };
    this.appendPrivate(actor, { activity: { kind: ACTIVITY.TEAM_CHANGED, actor, team: team.name, reason } });
    if (before) this.append({ kind: KIND.SYSTEM }, { activity: { kind: ACTIVITY.LEFT, subject: before } });
    this.broadcast({ state: this.state });
    this.world.changed(this);
  }

  /** The agent at whom it rings takes it. */
  accept() {
    this.ringUntil = 0;
    this.state = { ...this.state, assignmentEpoch: this.state.assignmentEpoch + 1 };
    this.broadcast({ state: this.state });
    this.world.changed(this);
  }

  setBlocked(blocked, actor) {
    this.profile = { ...this.profile, blocked };
    this.appendPrivate(actor, { activity: { kind: blocked ? ACTIVITY.BLOCKED : ACTIVITY.UNBLOCKED, actor } });
    this.broadcast({ visitor: this.profile });
  }

  setMuted(muted, actor) {
    if (this.profile.muted === muted) return;
    this.profile = { ...this.profile, muted };
    this.appendPrivate(actor, { activity: { kind: muted ? ACTIVITY.MUTED : ACTIVITY.UNMUTED, actor } });
    if (muted && this.state.status !== STATUS.RESOLVED) this.turn(STATUS.RESOLVED, actor);
    this.broadcast({ visitor: this.profile });
  }

  // ---------------------------------------------------------------------------------------------------- sockets

  tell(socket, frame) {
    socket.send(wire.encode('AgentFrame', frame));
  }

  broadcast(frame, except = null) {
    for (const socket of this.sockets.keys()) if (socket !== except) this.tell(socket, frame);
  }

  leave(socket) {
    if (this.sockets.delete(socket)) this.broadcast({ presence: this.presence });
  }

  /** Who is here, each once; one at whom it rings has yet to come. */
  get presence() {
    const agents = new Map([...this.sockets.values()].map((agent) => [agent.id, who(agent)]));
    if (this.ringUntil > 0) agents.delete(this.state.assignee?.id);
    return { agents: [...agents.values()], visitor: this.visitorOnline };
  }

  /** Whose it is; '': everybody's. */
  get team() {
    return this.ownTeam || this.world.sites.find(({ id }) => id === this.site)?.team || '';
  }

  take(socket, agent, frame) {
    if (frame.hello) return this.welcome(socket, agent, frame.hello);
    if (!this.sockets.has(socket)) return this.tell(socket, { error: { code: 'hello_first' } });
    if (frame.renew) return undefined;
    if (frame.page) return this.page(socket, agent, frame.page);
    if (frame.typing) return this.broadcast({ typing: { on: frame.typing.on, participant: who(agent) } }, socket);
    if (frame.delivered || frame.read) return this.reached(socket, agent, frame);
    return this.write(socket, agent, frame);
  }

  welcome(socket, agent, hello) {
    this.sockets.set(socket, agent);
    const tip = hello.after === 0 || this.messages[hello.after - 1]?.id === hello.tip;
    const same = hello.logEpoch === 0 || (hello.logEpoch === this.epoch && tip);
    const missed = this.messages.slice(same ? hello.after : 0);
    const messages = missed.slice(-PAGE);
    const privates = this.privates.slice(same && hello.logEpoch !== 0 ? hello.afterPrivate : 0);
    this.tell(socket, {
      welcome: {
        logEpoch: this.epoch,
        head: this.messages.length,
        you: who(agent),
        conversation: this.id,
        state: this.state,
        receipts: [...this.receipts.values()],
        messages: messages.map((one) => own(one, agent)),
        more: messages.length < missed.length,
        presence: this.presence,
        now: Date.now(),
        reset: !same,
        rated: this.messages.filter(({ rating }) => rating > 1).map(({ seq, rating }) => ({ seq, rating })),
      },
    });
    this.tell(socket, {
      privateWelcome: { head: this.privates.length, messages: privates.slice(-PAGE), more: privates.length > PAGE, visitor: this.profile },
    });
    this.broadcast({ presence: this.presence }, socket);
  }

  page(socket, agent, { log, before }) {
    const all = log === 1 ? this.privates : this.messages;
    const older = all.slice(0, before === 0 ? undefined : before - 1);
    const page = { before, messages: older.slice(-PAGE).map((one) => (log === 1 ? one : own(one, agent))), more: older.length > PAGE };
    this.tell(socket, log === 1 ? { privatePage: page } : { page });
  }

  reached(socket, agent, frame) {
    const held = this.receipts.get(agent.id) ?? { participant: who(agent), delivered: 0, read: 0 };
    const read = Math.max(held.read, frame.read?.seq ?? 0);
    const receipt = { participant: who(agent), delivered: Math.max(held.delivered, read, frame.delivered?.seq ?? 0), read };
    this.receipts.set(agent.id, receipt);
    this.broadcast({ receipt }, socket);
    if (frame.read) this.world.changed(this);
  }

  write(socket, agent, frame) {
    const { clientId } = frame.send ?? frame.note ?? frame.setStatus ?? frame.mute ?? frame.tag ?? {};
    if (this.refuseNext) {
      this.tell(socket, { error: { retryable: false, ...this.refuseNext, clientId } });
      this.refuseNext = null;
      return;
    }
    if (frame.send) {
      const held = this.messages.find((one) => one.clientId === clientId && one.sender.id === agent.id);
      // A first reply takes what rings.
      if (this.state.assignee?.id === agent.id) this.ringUntil = 0;
      const { seq, at, id } = held ?? this.append(who(agent), { text: frame.send.text }, Date.now(), clientId, socket);
      if (!this.holdAcks) this.tell(socket, { ack: { clientId, seq, at, id } });
    } else if (frame.note) {
      const held = this.privates.find((one) => one.clientId === clientId && one.sender.id === agent.id);
      const { seq, at, id } = held ?? this.appendPrivate(who(agent), { note: frame.note.text }, Date.now(), clientId, socket);
      if (!this.holdAcks) this.tell(socket, { noteAck: { clientId, seq, at, id } });
    } else if (frame.setStatus) {
      this.turn(frame.setStatus.status, who(agent), Date.now(), frame.setStatus.snoozedUntil);
      this.tell(socket, { done: { clientId } });
    } else if (frame.tag) {
      const { tag, on } = frame.tag;
      const others = (this.profile.tags ?? []).filter((one) => one !== tag);
      this.profile = { ...this.profile, tags: on ? [...others, tag] : others };
      this.broadcast({ visitor: this.profile });
      this.tell(socket, { done: { clientId } });
    } else if (frame.mute) {
      this.setMuted(frame.mute.on, who(agent));
      this.tell(socket, { done: { clientId } });
    } else {
      this.tell(socket, { error: { code: 'unknown_frame', message: 'not here' } });
    }
  }

  // ------------------------------------------------------------------------------------------- for Desk and API

  get unread() {
    const agents = [...this.receipts.values()].filter((one) => one.participant.kind === KIND.AGENT);
    const read = Math.max(0, ...agents.map((one) => one.read));
    const answered = this.messages.findLast((one) => one.sender.kind === KIND.AGENT && one.text !== undefined)?.seq ?? 0;
    return this.profile.muted ? 0 : this.messages.filter((one) => one.sender.kind === KIND.VISITOR && one.seq > Math.max(read, answered, this.answeredByBot ?? 0)).length;
  }

  /** Nobody's, and its visitor has left an address (1) or has gone (2). */
  get followUp() {
    const isFree = this.state.status === STATUS.OPEN && !this.state.assignee;
    return !isFree ? 0 : this.replyTo ? 1 : this.isGone ? 2 : 0;
  }

  /** The visitor wants to be answered by e-mail. */
  leavesEmail(email) {
    this.replyTo = this.profile.email = email;
    this.appendPrivate({ kind: 4 }, { activity: { kind: 12, actor: { kind: KIND.VISITOR } } });
    this.world.changed(this);
  }

  /** The visitor has been gone for too long. */
  goes(isGone = true) {
    this.isGone = isGone;
    this.world.changed(this);
  }

  /** Its place in the queue. */
  get queuedAt() {
    const waits = this.state.status === STATUS.OPEN && (!this.state.assignee || this.ringUntil > 0);
    return waits ? this.createdAt : 0;
  }

  /** Without ageing a level is worth a century. */
  get movedUp() {
    const minutes = this.world.routing.ageing_minutes || 100 * 365.25 * 24 * 60;
    return this.queuedAt && this.profile.level * minutes * 60_000;
  }

  get last() {
    return this.messages.findLast((one) => one.text !== undefined);
  }

  get waitingSince() {
    const answered = this.messages.findLast((one) => one.sender.kind === KIND.AGENT && one.text !== undefined)?.seq ?? 0;
    return this.messages.find((one) => one.sender.kind === KIND.VISITOR && one.seq > answered)?.at ?? 0;
  }
}

/** An agent as a participant. */
export function who(agent) {
  return { kind: KIND.AGENT, id: agent.id, name: agent.name };
}

function own(message, agent) {
  return message.sender.id === agent.id ? message : { ...message, clientId: '' };
}
