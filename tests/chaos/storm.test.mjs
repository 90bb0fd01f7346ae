// A reconnect storm without jitter: the server is killed under all sockets and every client knocks again at once.
// The process may have no more descriptors than it is told, and never runs out of them; who finds no place is told when to come back; in the end all are back and
// each has its log whole, and each agent the list of all conversations.  SOCKETS=8000 DESCRIPTORS=20000 is the size that one process is meant for.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { demo } from '../../scripts/lib/demo.mjs';
import { descriptors } from '../../scripts/lib/server.mjs';
import { until } from '../e2e/lib/socket.mjs';
import { Agent, Visitor, world } from '../e2e/lib/world.mjs';
import { stands } from './lib/assignments.mjs';
import { BREAK } from './lib/broken.mjs';
import { Console, sleep, Tab } from './lib/storm.mjs';

const SOCKETS = Number(process.env.SOCKETS ?? 400);
const TABS = 2;
/**
 * What the process may have, and the Worker is told: half of the Rooms may wake at once. (20,000 for 8,000 is a quarter.) With fewer than some 2,000 the
 * tenth that is left free is less than the process’s own: 57 at rest, and three for each of 64 Limiters.
 */
const DESCRIPTORS = Number(process.env.DESCRIPTORS ?? SOCKETS * 5);
/** How many sessions are asked for at once; they are not the storm. */
const ASKING = 40;
/** Rooms in which somebody writes, in a second. */
const TALKING = 60;
/** A few consoles are among the sockets: three agents. */
const people = [demo.owner, ...demo.agents];
const ROOMS = Math.floor((SOCKETS - people.length) / TABS);
/** A wave of Rooms may wake every twelve seconds; a busy machine takes its time. */
const PATIENCE_MS = 180_000 + SOCKETS * 60;

/** What the process holds at this moment. */
function held(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, rssMb: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024) };
}

/** How many descriptors the system lets the process have. */
const limit = (pid) => Number(/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))[1]);

/** Says where a list differs from what a conversation's Room has said to its tab. */
const difference = (rows) => ({ visitor: { conversation }, state }) => {
  const row = rows.get(conversation);
  const said = ({ status, queuedAt, waitingSince, followUp, ...rest }) => JSON.stringify({ ...stands(rest), status, queued: queuedAt > 0, waits: waitingSince > 0, followUp });
  const wanted = said({ ...state, queuedAt: state.assignee ? 0 : 1, waitingSince: 1, followUp: 0 });
  return row && said(row) === wanted ? [] : [`${conversation}: ${row ? said(row) : 'nothing'}, not ${wanted}`];
};

test(`a storm of ${SOCKETS} sockets, ${people.length} of agents and the rest in ${ROOMS} Rooms, at ${DESCRIPTORS} descriptors`, async (t) => {
  assert.ok(descriptors() >= DESCRIPTORS, `this machine gives a process ${descriptors()} descriptors only`);
  const it = await world(t, { descriptors: DESCRIPTORS, vars: { BELLHOP_LIMIT_FACTOR: '1000' }, entry: BREAK?.entry });
  assert.equal(limit(it.server.pid), DESCRIPTORS, 'the process has no more than that');
  let death;
  it.server.died.then((outcome) => (death = outcome));
  const visitors = Array.from({ length: ROOMS }, () => new Visitor(it));
  const waiting = [...visitors];
  await Promise.all(Array.from({ length: ASKING }, async () => {
    for (let visitor; (visitor = waiting.pop()); ) await visitor.session();
  }));
  const tabs = visitors.flatMap((visitor) => Array.from({ length: TABS }, () => new Tab(it, visitor, PATIENCE_MS)));
  const consoles = [];
  for (const person of people) consoles.push(new Console(it, await Agent.signIn(it, person)));
  const clients = [...consoles, ...tabs];
  t.after(() => clients.forEach((client) => client.stop()));
  const peak = { descriptors: 0, rssMb: 0 };
  const watch = setInterval(() => {
    try {
      for (const [name, value] of Object.entries(held(it.server.pid))) peak[name] = Math.max(peak[name], value);
    } catch { /* between two processes */ }
  }, 250);
  t.after(() => clearInterval(watch));

  const inside = () => clients.filter((client) => client.isIn).length;
  const everybody = async (what) => {
    const began = Date.now();
    await until(what, () => death !== undefined || inside() === clients.length, PATIENCE_MS).catch((error) => assert.fail(`${error.message}: ${inside()} of ${clients.length} are in`));
    assert.equal(death, undefined, 'the process lives');
    return Math.round((Date.now() - began) / 1000);
  };
  /** Every list holds all conversations as their Rooms say that they stand, with whoever waits for an answer, in line if nobody has them. */
  const agreed = async (what) => {
    const began = Date.now();
    const astray = () => consoles.flatMap(({ list: { rows } }) => [...(rows.size === visitors.length ? [] : [`${rows.size} rows`]), ...tabs.filter((_, n) => n % TABS === 0).flatMap(difference(rows))]);
    await until(what, () => death !== undefined || astray().length === 0, PATIENCE_MS).catch((error) => assert.fail(`${error.message}: ${astray().length} differ, such as ${astray().slice(0, 3).join('; ')}`));
    assert.equal(death, undefined, 'the process lives');
    return Math.round((Date.now() - began) / 1000);
  };
  const lives = clients.map((client) => client.live());
  lives.forEach((life) => life.catch((error) => (death = error)));
  const first = await everybody('the first arrival');
  const refusedFirst = tabs.reduce((sum, tab) => sum + tab.refusals, 0);

  // One message in each conversation, so that there is something to lose. Not all at once: a message wakes its Room, and
  // 4,000 awake Rooms beside 8,000 sockets are more than 20,000 descriptors; nobody can refuse what comes on an open socket.
  for (const [n, tab] of tabs.entries()) {
    if (n % TABS !== 0 || death !== undefined) continue;
    tab.say(`from ${n}`);
    await sleep(1_000 / TALKING);
  }
  await until('every message to be everywhere', () => death !== undefined || tabs.every((tab) => tab.log.length === 1), PATIENCE_MS);
  assert.equal(death, undefined, 'the process lives while all of them speak');
  await agreed('every console to know all conversations');
  // Each agent has one of them, so that there is a decision to be lost as well.
  for (const [n, one] of consoles.entries()) await one.claim(visitors[n].conversation);
  await agreed('every console to know who has what');
  const partings = tabs.reduce((sum, tab) => sum + tab.partings, 0);
  const snapshots = consoles.map((one) => one.snapshots);

  await it.server.kill();
  await it.server.restart();
  const back = await everybody('everybody to be back');
  const refused = tabs.reduce((sum, tab) => sum + tab.refusals, 0) - refusedFirst;
  for (const [n, tab] of tabs.entries()) {
    // That an agent has joined is an entry, too.
    const joined = n < consoles.length * TABS ? [[2, undefined]] : [];
    assert.deepEqual(tab.log.map((entry) => [entry.seq, entry.text]), [[1, `from ${n - (n % TABS)}`], ...joined]);
  }
  const whole = await agreed('every list to be whole again');
  assert.ok(consoles.every((one, n) => one.snapshots > snapshots[n]), 'a Desk that has come back gives the whole list');
  const history = new Map();
  await until('the history to hold all conversations', async () => {
    for (let before = ''; before !== null; ) {
      const { conversations, next } = (await consoles[0].agent.call('GET', `/conversations?limit=100${before && `&before=${before}`}`)).json;
      conversations.forEach((row) => history.set(row.id, row));
      before = next;
    }
    return history.size >= visitors.length;
  }, PATIENCE_MS);
  assert.deepEqual([...history.keys()].sort(), [...consoles[0].list.rows.keys()].sort());

  // They work with what they see: one claims, the others and the visitor see who has it.
  const { conversation } = visitors.at(-1);
  const [{ agent }] = consoles;
  const { assignmentEpoch } = await consoles[0].claim(conversation);
  const shown = () => [...consoles.map(({ list }) => list.rows.get(conversation)), tabs.at(-1).state].map(stands);
  await until('everybody to see the claim', () => shown().every(({ epoch, holder }) => epoch === assignmentEpoch && holder === agent.me.id));
  await agreed('the lists after the claim');
  const waits = tabs.flatMap((tab) => tab.waited);
  // Rooms that had something to tell the history wake by themselves when the server does, and their clients find them awake.
  assert.ok(refusedFirst > 0 && new Set(waits).size > waits.length / 10, `${refusedFirst} and ${refused} refusals, ${new Set(waits).size} of ${waits.length} waits differ`);
  assert.ok(peak.descriptors > DESCRIPTORS / 2 && peak.descriptors <= DESCRIPTORS, `at most ${peak.descriptors} descriptors were held`);
  t.diagnostic(`first arrival ${first} s, ${refusedFirst} refusals; ${partings} were sent away while they spoke; after the kill all ${clients.length} back in ${back} s, ${refused} refusals, their ${consoles.length} lists ${whole} s later; at most ${peak.descriptors} descriptors and ${peak.rssMb} MB`);
  clients.forEach((client) => client.stop());
  await Promise.all(lives);
});
