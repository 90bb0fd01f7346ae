// The fake workspace's Desk: the live list, presence, claims with one winner.
import { AVAILABILITY, STATUS, wire } from './wire.mjs';
import { who } from './room.mjs';

const PAGE = 200;

export class FakeDesk {
  sockets = new Map();
  availability = new Map();
  epoch = 3;
  rev = 1;
  revs = new Map();
  gone = new Map();
  /** Rows without previews, as after the Desk has woken; for tests. */
  forgetful = false;

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
    const here = [...this.sockets.values()].some((agent) => agent.id === id);
    return this.availability.get(id) ?? (here ? AVAILABILITY.ONLINE : AVAILABILITY.OFFLINE);
  }

  /** A Room has changed: everyone hears its row, or that it is gone. */
  changed(room) {
    this.rev++;
    this.revs.set(room.id, this.rev);
    const isGone = room.state.status === STATUS.RESOLVED;
    if (isGone) this.gone.set(room.id, this.rev);
    else this.gone.delete(room.id);
    this.update(isGone ? { gone: [room.id] } : { rows: [this.row(room)] });
  }

  update(frame) {
    for (const socket of this.sockets.keys()) this.tell(socket, { deskUpdate: { rev: this.rev, ...frame } });
  }

  setAvailability(id, availability) {
    this.availability.set(id, availability);
    this.update({ agents: this.agents });
  }

  leave(socket) {
    if (this.sockets.delete(socket)) this.update({ agents: this.agents });
  }

  take(socket, agent, frame) {
    if (frame.deskHello) return this.welcome(socket, agent, frame.deskHello);
    if (frame.deskPage) return this.page(socket, frame.deskPage.after);
    if (frame.setAvailability) return this.setAvailability(agent.id, frame.setAvailability.availability);
    if (frame.renew) return undefined;
    if (frame.claim) return this.claim(socket, agent, frame.claim);
    if (frame.release) return this.assign(socket, agent, frame.release, undefined);
    if (frame.transfer) return this.transfer(socket, agent, frame.transfer);
    return this.tell(socket, { error: { code: 'unknown_frame', message: 'not here' } });
  }

  welcome(socket, agent, hello) {
    this.sockets.set(socket, agent);
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
        now: Date.now(),
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
    const to = this.world.agents.find((one) => one.id === frame.agent && one.state === 'active');
    if (!to) return this.refuse(socket, frame.clientId, 'not_found');
    return this.assign(socket, agent, frame, who(to), frame.reason);
  }

  assign(socket, agent, { clientId, conversation, assignmentEpoch }, assignee, reason) {
    const room = this.world.rooms.get(conversation);
    if (!room) return this.refuse(socket, clientId, 'not_found');
    if (assignmentEpoch !== 0 && assignmentEpoch !== room.state.assignmentEpoch) return this.refuse(socket, clientId, 'stale_assignment');
    room.assign(assignee, who(agent), reason);
    return this.answer(socket, clientId, room);
  }

  answer(socket, clientId, room) {
    const { assignee, assignmentEpoch } = room.state;
    this.tell(socket, { assigned: { clientId, conversation: room.id, assignee, assignmentEpoch } });
  }

  refuse(socket, clientId, code, holder) {
    this.tell(socket, { error: { code, message: code, clientId, holder } });
  }
}
