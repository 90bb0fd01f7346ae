// What a bench does, stage by stage; each adds its figures to the report.
import { readFileSync } from 'node:fs';
import { readConfig } from '../config.mjs';
import { at } from '../paths.mjs';
import { run } from '../run.mjs';
import { until } from '../../../tests/e2e/lib/socket.mjs';
import { Agent } from '../../../tests/e2e/lib/world.mjs';
import { collecting, COLLECT } from './collecting.mjs';
import { COUNTING, counts } from './counting.mjs';
import { drive } from './driver.mjs';
import { freeDay, million, perMessage } from './prices.mjs';
import { quantile } from './report.mjs';
import { bareRooms, bareSpeech, conversations, speech } from './seats.mjs';
import { ADDRESS, bare, bellhop } from './servers.mjs';

/** The Desk's waiting line beside queueing theory, without a server: the simulator's own program takes the figures. */
export async function waiting(report) {
  const file = at('target/waiting.json');
  await run('cargo', ['run', '--quiet', '--locked', '--profile', 'model', '-p', 'bellhop-simulator', '--bin', 'waiting'], { quiet: false, env: { JSON: file } });
  for (const { name, value, unit, budget } of JSON.parse(readFileSync(file, 'utf8'))) report.add(name, value, unit, budget);
}

/** What the projection of a held server is put off by: longer than all runs together. */
export const HELD_MS = 3_600_000;
/** How long events are gathered where nobody has set it. */
export const GATHERED_MS = Number(readConfig().vars.BELLHOP_EVENTS_DELAY_MS);
/** The setting for the free plan. */
const THRIFTY_MS = 120_000;
/** Sockets opened a second where there are thousands: two to an object that holds three descriptors until it sleeps. */
const COMING = 150;
/**
 * The same for what an idle one takes. An object is awake for ten seconds and more after a socket has come, and needs more memory than its
 * sockets do; what the allocator keeps of that serves the next sockets, so that those seem to need less, the more so the more were awake.
 */
const COMING_ONE_BY_ONE = 40;
/** After its last message a Room tells the history, looks a minute later whether that arrived, and once more after that. */
export const QUIET_MS = 130_000;
/** Sockets that come and go before those that are measured. */
const WARMING = 200;
/**
 * How long servers run at half a bench's pace before it: until V8 has collected the old generation of each once. Before that it lets 64 MB
 * gather, afterwards some 15 MB above what lives, so that a side which reached it early would be compared with one that had yet to.
 */
export const WARM_S = 40;
/** People write once in this time. */
const HUMAN_S = 20;

/** A figure of a run that lost something would be worth nothing. */
export function faultless(name, { lost, duplicates, out_of_order, closed, ack, answer, wrong_answers }) {
  const faults = {
    lost,
    doubled: duplicates,
    'out of order': out_of_order,
    'sockets ended': closed,
    'not acknowledged': ack?.missing ?? 0,
    'not answered': answer?.missing ?? 0,
    'answered wrongly': wrong_answers,
  };
  if (Object.values(faults).some((it) => it)) throw new Error(`${name}: ${Object.entries(faults).map(([what, count]) => `${count} ${what}`).join(', ')}`);
}

/** What a message costs its owner, counted on a server of its own. `pace` is what it is called. */
async function owner(report, { profile, rooms, rate, secs, pace, delayMs, budgets }) {
  const world = await bellhop(profile, delayMs, { entry: COUNTING });
  const begun = await conversations(world, rooms, ADDRESS);
  const total = { lags: [] };
  const gather = async () => {
    const some = await counts(world);
    total.lags.push(...some.lags);
    add(total, some);
    return total;
  };
  const afresh = () => {
    for (const name of Object.keys(total)) delete total[name];
    total.lags = [];
  };
  // Beginning a conversation and opening its sockets costs more than a further message, and is no part of it. With the
  // thrifty setting it can't be told apart: the first event carries both.
  const isThrifty = delayMs >= THRIFTY_MS;
  const settled = (entries) => until('the projection', async () => (await gather()).lags.length >= entries, delayMs + 60_000);
  if (!isThrifty) await settled(rooms);
  const warmup = isThrifty ? 0 : Math.max(2, rooms / rate);
  const measuring = () => (isThrifty ? undefined : gather().then(afresh));
  const run = await drive(world.server, speech('json'), await begun.seats('json'), { pace: { rate, warmup, secs } }, { measuring });
  faultless(pace, run);
  const expected = run.sent - Math.round(rate * warmup) + (isThrifty ? rooms : 0);
  await settled(expected);
  await world.stop();
  const each = perMessage(total);
  const free = freeDay(each);
  report.add(`rows written in the Room per message, ${pace}`, each.roomRows, 'rows', budgets.room);
  report.add(`rows written in all objects per message, ${pace}`, each.objectRows, 'rows');
  report.add(`rows written in D1 per message, ${pace}`, each.d1Rows, 'rows', budgets.d1);
  report.add(`queue operations per message, ${pace}`, each.queue, 'operations', budgets.queue);
  report.add(`billed object requests per message, ${pace}`, each.objectRequests, 'requests');
  report.add(`D1 behind the Room p99, ${pace}`, quantile(total.lags, 0.99) / 1_000, 's', budgets.lag);
  report.add(`a million messages, ${pace}`, million(each), '$');
  report.add(`messages a day on the free plan, ${pace} (${free.name})`, free.messages, 'messages');
}

function add(total, some) {
  for (const [name, value] of Object.entries(some)) {
    if (typeof value === 'number') total[name] = (total[name] ?? 0) + value;
    else if (!Array.isArray(value)) add((total[name] ??= {}), value);
  }
}

/** The bench's pace: ten messages a second in each room. */
export const busy = (report, { profile, rooms, rate, secs }) =>
  owner(report, { profile, rooms, rate, secs: Math.max(secs, 10), pace: "bench's pace", delayMs: GATHERED_MS, budgets: { room: 1.3, d1: 4, queue: 0.3, lag: 3 } });

/** A human pace: one message in twenty seconds, long enough that Rooms sleep in between. */
export const human = (report, { profile, humanRooms, humanSecs }) =>
  owner(report, { profile, rooms: humanRooms, rate: humanRooms / HUMAN_S, secs: humanSecs, pace: 'human pace', delayMs: GATHERED_MS, budgets: { room: 3, d1: 4, queue: 3, lag: 3 } });

/** The same with the setting for the free plan. The beginning of the conversations is in it, so only the queue has a budget. */
export const thrifty = (report, { profile, humanRooms }) =>
  owner(report, { profile, rooms: humanRooms, rate: humanRooms / HUMAN_S, secs: THRIFTY_MS / 1_000, pace: 'human pace, thrifty setting', delayMs: THRIFTY_MS, budgets: { room: null, d1: null, queue: 0.5, lag: null } });

/** What an idle socket takes, beside the bare object's: at the same time, for nothing else of a machine is in it. */
export async function idle(report, { profile, idleSockets }) {
  const rooms = idleSockets / 2;
  const hold = async (server, speech, seats) => {
    const work = { per_s: COMING_ONE_BY_ONE, hold: 15, storm: false };
    // Compiling what is used often takes tens of megabytes once, and those are no socket's.
    await drive(server, speech, seats.slice(0, WARMING), { hold: { ...work, hold: 0 } });
    return drive(server, { ...speech, collect: COLLECT }, seats, { hold: work });
  };
  const bares = async () => {
    const yard = await bare(collecting);
    const held = await hold(yard.server, bareSpeech, bareRooms(rooms));
    await yard.stop();
    return held;
  };
  const ours = async () => {
    const world = await bellhop(profile, HELD_MS, collecting);
    // Nor does anybody who waits hear anything new.
    const owner = await Agent.signIn(world, world.people.owner);
    const { status, text } = await owner.call('PATCH', '/routing', { form_minutes: 0, follow_up_seconds: 0 });
    if (status !== 200) throw new Error(`the routing is refused: ${text}`);
    const begun = await conversations(world, rooms, ADDRESS);
    // Afresh, so that the memory of making the conversations is not in it.
    await world.server.restart();
    const held = await hold(world.server, speech('json'), await begun.seats('json'));
    await world.stop();
    return held;
  };
  const [yard, own] = await Promise.all([bares(), ours()]);
  report.add('memory per idle socket: bare object', yard.kb_per_further_socket, 'KB');
  report.add('memory per idle socket: Bellhop', own.kb_per_further_socket, 'KB');
  report.add('memory per idle socket / bare', own.kb_per_further_socket / yard.kb_per_further_socket, '×', 1.1);
  report.add('with what was needed to open them: bare object', yard.kb_per_socket, 'KB');
  report.add('with what was needed to open them: Bellhop', own.kb_per_socket, 'KB');
  report.add('CPU to open a socket: bare object', yard.opened.cpu_ms_per_1000 / 1_000, 'ms');
  report.add('CPU to open a socket: Bellhop', own.opened.cpu_ms_per_1000 / 1_000, 'ms');
}

/** Begins the conversations of a crowd. */
export async function gather({ profile, sockets }) {
  const world = await bellhop(profile, GATHERED_MS);
  const begun = await conversations(world, sockets / 2, ADDRESS);
  return { world, begun, quietAt: Date.now() + QUIET_MS };
}

/** Thousands of sockets, all of them coming back at once, and then many rooms: of a crowd that was gathered before. */
export async function crowd(report, { sockets, secs, scaleRate, world, begun, quietAt }) {
  const rooms = sockets / 2;
  // Who comes has nothing left to do.
  await new Promise((resolve) => setTimeout(resolve, quietAt - Date.now()));
  await world.server.restart();
  const held = await drive(world.server, speech('json'), await begun.seats('json'), { hold: { per_s: COMING, hold: 1, storm: true } }, { concurrency: 64 });
  report.add('sockets held', held.opened.open, 'sockets');
  report.add('descriptors with them', held.descriptors, 'descriptors', 20_000);
  report.add('reconnect storm, all back after', held.storm.secs, 's');
  report.add('reconnect storm, sockets back', held.storm.open / held.storm.asked, 'of all');
  report.add('reconnect storm, refused and tried again', held.storm.refused, 'attempts');
  report.add('reconnect storm, a client is ready p99', held.storm.ready_ms_p99, 'ms');
  // Afresh again: thousands who leave are work as well.
  await world.server.restart();
  const scales = [10, 100, 2_000].filter((count) => count <= rooms);
  // What is called often is compiled once more, for speed, and the first of them would pay for that.
  await drive(world.server, speech('json'), await begun.seats('json', 100), { pace: { rate: 2 * scaleRate, warmup: 10, secs: 1 } }, { concurrency: 64 });
  const costs = [];
  for (const count of scales) {
    const run = await drive(world.server, speech('json'), await begun.seats('json', count), { pace: { rate: scaleRate, warmup: Math.max(1, count / scaleRate), secs: Math.min(secs, 4) } }, { concurrency: 64 });
    faultless(`${count} rooms`, run);
    costs.push(run.cpu_ms_per_1000);
    report.add(`CPU per 1,000 delivered at ${scaleRate}/s in ${count} rooms`, run.cpu_ms_per_1000, 'ms');
  }
  report.add(`a message in ${scales.at(-1)} rooms / in ${scales[0]}`, costs.at(-1) / costs[0], '×');
  await world.stop();
}
