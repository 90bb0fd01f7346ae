// INV-5 under kills: agents claim, hand over, give back, take and decline all the time while the server is killed and comes
// back on the same store. Afterwards the Desk, the Rooms and the history agree on who has what, and every answer that anybody
// was given stands, or was superseded by a later one.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { demo } from '../../scripts/lib/demo.mjs';
import { until } from '../e2e/lib/socket.mjs';
import { Agent, say, Visitor, world } from '../e2e/lib/world.mjs';
import { Assignments, stands } from './lib/assignments.mjs';
import { BREAK } from './lib/broken.mjs';
import { chance } from './lib/chance.mjs';
import { Mover, Watcher } from './lib/mover.mjs';
import { SEED } from './lib/run.mjs';

const KILLS = Number(process.env.TRANSFERS || 6);
const CONVERSATIONS = 6;
/** Agents with a console, beside the owner's; one more is only handed to. */
const CONSOLES = 3;
/** A Room looks after its history when it has been quiet for a minute. */
const AGREED_MS = 240_000;

const people = Array.from({ length: CONSOLES + 1 }, (_, n) => ({ name: `Agent ${n}`, email: `agent${n}@example.com`, password: `five-lanterns-${n}` }));

test(`INV-5: ${KILLS} kills amid claims and transfers, and everybody agrees on who has what`, async (t) => {
  t.diagnostic(`seed ${SEED}; again: make chaos N=${KILLS} SEED=${SEED} ONLY=transfers`);
  const dice = chance(SEED);
  const it = await world(t, { seed: { ...demo, agents: people }, vars: { BELLHOP_LIMIT_FACTOR: '100' }, entry: BREAK?.entry });
  t.after(() => rmSync(it.server.store, { recursive: true, force: true }));
  const owner = await Agent.signIn(it, demo.owner);
  const agents = [];
  for (const person of people) agents.push(await Agent.signIn(it, person));
  const routing = (change) => owner.call('PATCH', '/routing', change);
  await routing({ method: 'round_robin', capacity: 100, ring_seconds: 5 });

  const books = new Assignments();
  const watchers = [];
  const conversations = [];
  for (let n = 0; n < CONVERSATIONS; n++) {
    const visitor = new Visitor(it);
    await say(await visitor.connect(), 'can anybody help?');
    const { conversation } = visitor;
    conversations.push(conversation);
    const agent = agents[n % CONSOLES];
    const encoding = n % 2 ? 'json' : 'proto';
    watchers.push(new Watcher({ books, name: `v${n}`, conversation, dice, connect: () => visitor.connect({ encoding }) }));
    watchers.push(new Watcher({ books, name: `r${n}`, conversation, dice, connect: () => agent.connect(conversation, { encoding }) }));
  }
  const others = [...agents, ...agents.slice(0, CONSOLES)].map((agent) => agent.me.id);
  const movers = [owner, ...agents.slice(0, CONSOLES)].map((agent, n) => new Mover({ books, name: `desk${n}`, agent, others: [...others, owner.me.id], conversations, dice }));
  const running = [...movers, ...watchers].map((one) => one.run());
  // What they throw is in the findings, too.
  running.forEach((one) => one.catch(() => {}));
  t.after(() => {
    [...movers, ...watchers].forEach((one) => one.leave());
    return Promise.allSettled(running);
  });
  const healthy = () => assert.deepEqual(books.findings, []);
  const open = () => movers.reduce((sum, mover) => sum + mover.open.size, 0);
  const answers = async (n) => {
    const goal = books.answers + n;
    await until('answers of the Desk', () => (healthy(), books.answers >= goal), 120_000);
  };

  let met = 0;
  for (let n = 0; n < KILLS; n++) {
    await answers(3 + dice.below(20));
    await new Promise((resolve) => setTimeout(resolve, dice.below(80)));
    await until('requests on their way', () => (healthy(), open() >= 2), 120_000);
    met += open();
    await it.server.kill();
    await it.server.restart();
  }
  await answers(20);
  const each = ['claim', 'transfer', 'release', 'accept', 'decline'];
  await until('each kind of request carried out', () => (healthy(), each.every((kind) => books.counts.get(kind) > 0)), 120_000);
  const settled = Date.now();
  movers.forEach((mover) => mover.rest());
  watchers.forEach((watcher) => watcher.rest());
  // Nobody is given anything any more; what rings now ends by itself.
  await routing({ method: 'manual' });
  await until('everything answered', () => (healthy(), open() === 0), 120_000);

  /** Who has what: by a console that has just come, by the Rooms, by the history, and by each console that has been here all the time. */
  const look = async () => {
    const desk = await owner.desk();
    const rows = desk.deskWelcome.rows;
    await desk.cut();
    const rooms = await Promise.all(conversations.map(async (conversation) => {
      const room = await owner.connect(conversation);
      await room.cut();
      return [conversation, stands(room.welcome.state)];
    }));
    const { conversations: history } = (await owner.call('GET', '/conversations?limit=50')).json;
    const views = {
      Desk: new Map(rows.map((row) => [row.conversation, stands(row)])),
      Room: new Map(rooms),
      D1: new Map(history.map((row) => [row.id, { epoch: row.assignment_epoch, holder: row.assignee?.id ?? '' }])),
      ...Object.fromEntries(movers.map((mover) => [mover.name, new Map([...mover.rows].map(([conversation, row]) => [conversation, stands(row)]))])),
    };
    return { views, ringing: rows.filter((row) => row.ringUntil > 0).length };
  };
  let last;
  await until('everybody to agree', async () => {
    healthy();
    last = await look();
    return last.ringing === 0 && Assignments.differences(last.views, conversations).length === 0;
  }, AGREED_MS).catch((error) => assert.ok(last, error));
  books.judge(last.views, conversations);
  healthy();
  assert.equal(last.ringing, 0, 'nothing rings for ever');

  t.diagnostic(`${KILLS} kills met ${met} open requests; agreed after ${Date.now() - settled} ms`);
  t.diagnostic(`answers: ${[...books.counts].map(([what, n]) => `${what} ${n}`).join(' · ')}; lists resumed ${movers.reduce((sum, mover) => sum + mover.resumed, 0)} times`);
});
