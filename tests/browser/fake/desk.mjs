// The fake workspace's Desk: the live list, presence, claims with one winner, and what rings because a test says so.
import { AVAILABILITY, STATUS, wire } from './wire.mjs';
import { who } from './room.mjs';

const PAGE = 200;

export class FakeDesk {
  sockets = new Map();
  availability = new Map();
  /** Sockets at whose console nobody is. */
  idle = new Set();
  epoch = 3;
  rev = 1;
  revs = new Map();
  gone = new Map();
  /** Rows without previews, as after the Desk has woken; for tests. */
  forgetful = false;
  /** Rows are told later than what is pushed, as by the real Desk; for tests. */
  late = false;
  /** How far its clock is ahead of everybody’s, in milliseconds; for tests. */
  clockAhead = 0;
  probes = 0;
  /** What consoles have answered. */
  probeAnswers = [];
  /** The next accept or decline is refused with this code; for tests. */
  refuseNext = '';

  constructor(world) {
    this.world = world;
  }

  tell(socket, frame) {
    socket.send(wire.encode('AgentFrame', frame));
  }

  row(room) {
    const { state, last } = room;
    const base = {
      conversation: room.id,
      site: room.site,
      visitor: room.profile.id,
      visitorName: room.profile.name,
      status: state.status,
      snoozedUntil: state.snoozedUntil,
      assignee: state.assignee,
      assignmentEpoch: state.assignmentEpoch,
      createdAt: room.createdAt,
      rev: this.revs.get(room.id) ?? 1,
      ringUntil: room.ringUntil,
      queuedAt: room.queuedAt,
      movedUp: room.movedUp,
      level: room.profile.level,
      followUp: room.followUp,
      replyTo: room.replyTo,
      team: this.world.isOlder ? '' : room.team,
      hasPreview: false,
    };
    if (this.forgetful) return base;
    return {
      ...base,
      hasPreview: true,
      preview: (last?.text ?? '').slice(0, 120),
      previewSender: last?.sender.kind ?? 0,
      lastAt: last?.at ?? 0,
      unread: room.unread,
      visitorOnline: room.visitorOnline,
      waitingSince: room.waitingSince,
    };
  }

  get listed() {
    return [...this.world.rooms.values()].filter((room) => room.state.status !== STATUS.RESOLVED);
  }

  get agents() {
    return this.world.agents
      .filter((agent) => agent.state === 'active')
      .map((agent) => ({ id: agent.id, name: agent.name, availability: this.availabilityOf(agent.id) }));
  }

  availabilityOf(id) {
    const theirs = [...this.sockets].filter(([, agent]) => agent.id === id).map(([socket]) => socket);
    const chosen = this.availability.get(id) ?? (theirs.length > 0 ? AVAILABILITY.ONLINE : AVAILABILITY.OFFLINE);
    const isLeft = theirs.length > 0 && theirs.every((socket) => this.idle.has(socket));
    return isLeft && chosen === AVAILABILITY.ONLINE ? AVAILABILITY.AWAY : chosen;
  }

  /** A Room has changed: everyone hears its row, or that it is gone. */
  changed(room) {
    this.rev++;
    this.revs.set(room.id, this.rev);
    const isGone = room.state.status === STATUS.RESOLVED;
    if (isGone) this.gone.set(room.id, this.rev);
    else this.gone.delete(room.id);
    if (this.late) return;
    this.update(isGone ? { gone: [room.id] } : { rows: [this.row(room)] });
  }

  update(frame) {
    for (const socket of this.sockets.keys()) this.tell(socket, { deskUpdate: { rev: this.rev, ...frame } });
  }

  // ---------------------------------------------------------------------------------------------- what tests do

  /** Asks an agent's consoles whether they live. */
  probe(agent) {
    const id = ++this.probes;
    this.push(agent, { probe: { id } });
    return id;
  }

  /** Gives a conversation to an agent, at whom it rings. */
  ring(room, agent, seconds = 150) {
    room.assign(who(agent), undefined, '', Date.now() + seconds * 1000);
    this.push(agent, { assigned: this.assigned('', room) });
  }

  /** Somebody gives it to another agent, who is told at once; the rows follow. */
  give(room, agent, by, reason = '') {
    this.late = true;
    room.assign(who(agent), who(by), reason);
    this.late = false;
    if (agent.id !== by.id) this.push(agent, { assigned: this.assigned('', room) });
    this.update({ rows: [this.row(room)] });
  }

  /** It has rung in vain, and whoever let it ring is away where that was too often: told in one frame, as by the real Desk. */
  ringOut(room, { away = false } = {}) {
    if (away) this.availability.set(room.state.assignee.id, AVAILABILITY.AWAY);
    this.late = true;
    room.assign(undefined);
    this.late = false;
    this.update({ rows: [this.row(room)], ...(away && { agents: this.agents }) });
  }

  push(agent, frame) {
    for (const [socket, { id }] of this.sockets) if (id === agent.id) this.tell(socket, frame);
  }

  // ----------------------------------------------------------------------------------------------------- frames

  setAvailability(id, availability) {
    this.availability.set(id, availability);
    this.update({ agents: this.agents });
  }

  hearOf(socket, { id }, { availability, idle }) {
    this.idle[idle ? 'add' : 'delete'](socket);
    if (availability !== 0) return this.setAvailability(id, availability);
    return this.update({ agents: this.agents });
  }

  /** How many consoles of an agent's are open. */
  openOf(id) {
    return [...this.sockets.values()].filter((agent) => agent.id === id).length;
  }

  leave(socket) {
    this.idle.delete(socket);
    const agent = this.sockets.get(socket);
    if (agent && this.openOf(agent.id) === 1) this.availability.delete(agent.id);
    if (this.sockets.delete(socket)) this.update({ agents: this.agents });
  }

  take(socket, agent, frame) {
    if (frame.deskHello) return this.welcome(socket, agent, frame.deskHello);
    if (frame.deskPage) return this.page(socket, frame.deskPage.after);
    if (frame.setAvailability) return this.hearOf(socket, agent, frame.setAvailability);
    if (frame.renew) return undefined;
    if (frame.claim) return this.claim(socket, agent, frame.claim);
    if (frame.release) return this.assign(socket, agent, frame.release, undefined);
    if (frame.transfer) return this.transfer(socket, agent, frame.transfer);
    if (frame.probeAnswer) return void this.probeAnswers.push({ agent: agent.id, ...frame.probeAnswer });
    if (frame.accept) return this.answerRing(socket, agent, frame.accept, (room) => room.accept());
    if (frame.decline) return this.answerRing(socket, agent, frame.decline, (room) => room.assign(undefined, who(agent)));
    return this.tell(socket, { error: { code: 'unknown_frame', message: 'not here' } });
  }

  welcome(socket, agent, hello) {
    this.sockets.set(socket, agent);
    const { availability: said } = hello;
    if (said) this.hearOf(socket, agent, this.openOf(agent.id) > 1 ? { ...said, availability: 0 } : said);
    const same = hello.deskEpoch === this.epoch;
    const after = same ? hello.rev : 0;
    const rows = this.listed.filter((room) => (this.revs.get(room.id) ?? 1) > after);
    const page = rows.slice(0, PAGE);
    this.tell(socket, {
      deskWelcome: {
        deskEpoch: this.epoch,
        rev: this.rev,
        reset: !same,
        rows: page.map((room) => this.row(room)),
        gone: [...this.gone].filter(([, rev]) => rev > after).map(([id]) => id),
        next: rows.length > PAGE ? String(PAGE) : '',
        agents: this.agents,
        you: who(agent),
        now: Date.now() + this.clockAhead,
        ...(this.world.answers && { answers: this.world.answers }),
      },
    });
    this.update({ agents: this.agents });
  }

  page(socket, after) {
    const from = Number(after);
    const rows = this.listed.slice(from, from + PAGE);
    this.tell(socket, { deskPage: { rows: rows.map((room) => this.row(room)), next: this.listed.length > from + PAGE ? String(from + PAGE) : '' } });
  }

  claim(socket, agent, { clientId, conversation }) {
    const room = this.world.rooms.get(conversation);
    if (!room) return this.refuse(socket, clientId, 'not_found');
    const held = room.state.assignee;
    if (held && held.id !== agent.id) return this.refuse(socket, clientId, 'already_assigned', held);
    if (!held) room.assign(who(agent), who(agent));
    return this.answer(socket, clientId, room);
  }

  transfer(socket, agent, frame) {
    if (frame.team) return this.toTeam(socket, agent, frame);
    const to = this.world.agents.find((one) => one.id === frame.agent && one.state === 'active');
    if (!to) return this.refuse(socket, frame.clientId, 'not_found');
    return this.assign(socket, agent, frame, to);
  }

  toTeam(socket, agent, frame) {
    const room = this.world.rooms.get(frame.conversation);
    const team = this.world.teams.find(({ id }) => id === frame.team);
    if (!room || !team) return this.refuse(socket, frame.clientId, 'not_found');
    const { assignee, assignmentEpoch } = room.state;
    if (assignee && assignee.id !== agent.id && agent.role === 'agent') return this.refuse(socket, frame.clientId, 'forbidden', assignee);
    if (frame.assignmentEpoch !== 0 && frame.assignmentEpoch !== assignmentEpoch) return this.refuse(socket, frame.clientId, 'stale_assignment');
    room.giveToTeam(team, who(agent), frame.reason);
    return this.answer(socket, frame.clientId, room);
  }

  assign(socket, agent, { clientId, conversation, assignmentEpoch, reason }, to) {
    const room = this.world.rooms.get(conversation);
    if (!room) return this.refuse(socket, clientId, 'not_found');
    if (assignmentEpoch !== 0 && assignmentEpoch !== room.state.assignmentEpoch) return this.refuse(socket, clientId, 'stale_assignment');
    if (to) this.give(room, to, agent, reason);
    else room.assign(undefined, who(agent));
    return this.answer(socket, clientId, room);
  }

  /** What rings at the agent is taken, or is not. */
  answerRing(socket, agent, { clientId, conversation, assignmentEpoch }, carryOut) {
    const { refuseNext } = this;
    this.refuseNext = '';
    const room = this.world.rooms.get(conversation);
    const { assignee, assignmentEpoch: current } = room.state;
    const rings = room.ringUntil > 0 && assignee?.id === agent.id && assignmentEpoch === current;
    if (refuseNext || !rings) return this.refuse(socket, clientId, refuseNext || 'stale_assignment');
    carryOut(room);
    return this.answer(socket, clientId, room);
  }

  answer(socket, clientId, room) {
    this.tell(socket, { assigned: this.assigned(clientId, room) });
  }

  assigned(clientId, { id, state, ringUntil }) {
    return { clientId, conversation: id, assignee: state.assignee, assignmentEpoch: state.assignmentEpoch, ringUntil };
  }

  refuse(socket, clientId, code, holder) {
    this.tell(socket, { error: { code, message: code, clientId, holder } });
  }
}
