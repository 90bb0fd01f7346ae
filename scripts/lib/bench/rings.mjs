// How long it takes until it rings at somebody, over real sockets: with consoles that answer, with some that are half-open, and
// for a VIP in the middle of a crowd.
import { Agent, DEMO_SITE, ok, say, Visitor } from '../../../tests/e2e/lib/world.mjs';
import { sign } from '../../../tests/e2e/lib/identity.mjs';
import { until } from '../../../tests/e2e/lib/socket.mjs';
import { AVAILABILITY, STATUS } from '../../../tests/e2e/lib/wire.mjs';
import { quantile } from './report.mjs';
import { bellhop } from './servers.mjs';
import { HELD_MS } from './stages.mjs';

const AGENTS = 4;
/** Slots of two agents together while VIPs are tried, and how many wait for one: ten times as many. */
const SLOTS = 4;
const CROWD = 10 * SLOTS;
const LEVEL = 3;

/** An agent's console. It answers probes as ours does, and notes when it rang for which conversation. */
async function seat(world, person) {
  const agent = await Agent.signIn(world, person);
  const desk = await agent.desk({ encoding: 'proto' });
  const it = { agent, desk, rings: new Map(), heard: () => {} };
  desk.ws.on('message', () => {
    for (const frame of desk.frames.splice(0)) {
      if (frame.probe) desk.send({ probeAnswer: { probe: frame.probe.id, available: true } });
      if (!frame.assigned || frame.assigned.clientId) continue;
      it.rings.set(frame.assigned.conversation, { at: performance.now(), epoch: frame.assigned.assignmentEpoch });
      it.heard();
    }
  });
  return it;
}

/** Where it rings for a conversation, and since when. */
async function ringing(seats, conversation) {
  const look = () => seats.filter((it) => it.rings.has(conversation)).map((seat) => ({ seat, ...seat.rings.get(conversation) }))[0];
  const heard = new Promise((resolve) => seats.forEach((it) => (it.heard = () => look() && resolve())));
  if (!look()) await Promise.race([heard, until('a console that rings', look)]);
  return look();
}

async function take(seats, conversation) {
  const { seat, at, epoch } = await ringing(seats, conversation);
  seat.desk.send({ accept: { clientId: `y-${conversation}`.slice(0, 32), conversation, assignmentEpoch: epoch } });
  return { seat, at };
}

/** A visitor with a line to their own conversation. */
async function come(world, visitor = new Visitor(world)) {
  const socket = await visitor.connect();
  const speak = async () => {
    const began = performance.now();
    await say(socket, 'can anybody help?');
    return began;
  };
  return { socket, speak, of: visitor };
}

async function end({ of, socket }, agent) {
  const room = await agent.connect(of.conversation);
  const began = performance.now();
  await room.ask({ setStatus: { status: STATUS.RESOLVED, clientId: 'done' } }, 'done', (it) => it.clientId === 'done');
  await Promise.all([room.cut(), socket.cut()]);
  return began;
}

/** How many agents a VIP could be given to now. */
const eligible = async (owner) => (await owner.call('POST', '/routing/preview', { level: LEVEL })).json.preview.decision.ranked.length;

/** One figure, of so many waits. */
function row(report, what, waits, budget) {
  report.add(`${what}, p50`, quantile(waits, 0.5), 'ms');
  report.add(`${what}, p99 (${waits.length} times)`, quantile(waits, 0.99), 'ms', budget);
}

/** Four agents, of whom the first in order do not answer: their lines stand, and nobody reads what comes. */
async function halfOpen(report, world, seats, times) {
  for (const [dead, what, budget] of [[0, 'all alive', 100], [1, 'the best one half-open', 150], [3, 'the best three half-open', 650]]) {
    // Whoever was given nothing for longest is first: those who never answer stay it.
    const silent = seats.slice(0, dead);
    for (const it of silent) it.desk.ws.pause();
    const waits = [];
    for (let n = 0; n < times; n++) {
      const visitor = await come(world);
      // A frame clears who was suspect.
      for (const { desk } of seats) desk.send({ setAvailability: { availability: AVAILABILITY.ONLINE } });
      const began = await visitor.speak();
      const { seat, at } = await take(seats, visitor.of.conversation);
      waits.push(at - began);
      await end(visitor, seat.agent);
    }
    for (const it of silent) it.desk.ws.resume();
    row(report, `message → rings, ${what}`, waits, budget);
  }
}

/** Everything is taken and ten times as many wait; one VIP after the other comes, while a slot is kept for them or none is free. */
async function vips(report, world, owner, seats, times) {
  await owner.call('PATCH', '/routing', { method: 'least_busy', capacity: SLOTS / 2, reserved_slots: 1 });
  const { secret } = (await owner.call('POST', `/sites/${DEMO_SITE}/identity`, { new_secret: true, enforced: false })).json;
  let count = 0;
  const vip = async () => {
    const { json } = await ok(world, 'POST', '/v1/session', { body: { site: DEMO_SITE, identity: sign(secret, { sub: `vip-${count++}`, level: LEVEL }) } });
    return come(world, Object.assign(new Visitor(world), { conversation: json.conversation, ticket: json.ticket }));
  };
  for (let n = 0; n < SLOTS - 1; n++) {
    const visitor = await come(world);
    await visitor.speak();
    await take(seats, visitor.of.conversation);
  }
  for (let n = 0; n < CROWD; n++) await (await come(world)).speak();

  const kept = [];
  let last;
  for (let n = 0; n <= times; n++) {
    await until('the kept slot to be free', async () => (await eligible(owner)) > 0);
    const visitor = await vip();
    const began = await visitor.speak();
    const { seat, at } = await take(seats, visitor.of.conversation);
    last = { visitor, agent: seat.agent };
    // The last one stays: then there is no slot for anybody.
    if (n < times) {
      kept.push(at - began);
      await end(visitor, seat.agent);
    }
  }
  row(report, `VIP’s message → rings, a slot kept, ${CROWD} wait`, kept, 350);

  const freed = [];
  for (let n = 0; n < times; n++) {
    const visitor = await vip();
    await visitor.speak();
    await visitor.socket.next('queue', (it) => Number(it.position) === 1);
    const began = await end(last.visitor, last.agent);
    const { seat, at } = await take(seats, visitor.of.conversation);
    freed.push(at - began);
    last = { visitor, agent: seat.agent };
  }
  row(report, 'a slot frees → rings for the VIP who is first', freed, 350);
}

/** From a visitor's message to the console that rings. */
export async function rings(report, { profile, asked }) {
  const world = await bellhop(profile, HELD_MS, { agents: AGENTS });
  const owner = await Agent.signIn(world, world.people.owner);
  await owner.call('PATCH', '/routing', { method: 'round_robin', capacity: 100 });
  const seats = await Promise.all(world.people.agents.map((person) => seat(world, person)));
  await halfOpen(report, world, seats, asked);
  // Two agents suffice from here on.
  for (const { desk } of seats.splice(2)) desk.send({ setAvailability: { availability: AVAILABILITY.AWAY } });
  await until('the others to be away', async () => (await eligible(owner)) === 2);
  await vips(report, world, owner, seats, asked);
  await world.stop();
}
