// What a bench does, stage by stage; each adds its figures to the report.
import { readFileSync } from 'node:fs';
import { at } from '../paths.mjs';
import { run } from '../run.mjs';
import { until } from '../../../tests/e2e/lib/socket.mjs';
import { chat } from './chat.mjs';
import { COUNTING, counts } from './counting.mjs';
import { drive } from './driver.mjs';
import { freeDay, million, perMessage } from './prices.mjs';
import { median, quantile } from './report.mjs';
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
/** The setting for the free plan. */
const THRIFTY_MS = 120_000;
/**
 * Sockets opened a second for the memory of thousands: two to an object that holds three descriptors until it sleeps, and
 * the bare object lets in whoever comes until its process ends.
 */
const COMING = 150;
/** After its last message a Room tells the history, looks a minute later whether that arrived, and once more after that. */
export const QUIET_MS = 130_000;
/**
 * Sockets that come and go first: compiling what is used often takes tens of megabytes once, and those are no socket's.
 */
const WARMING = 200;
/** How long servers run before a bench of their pace. */
export const WARM_S = 12;
/** People write once in this time. */
const HUMAN_S = 20;

/**
 * CPU and latency at the bench's pace beside the bare object, in turns, so that whatever else the machine does meets all
 * of them alike. Held: without the projection; running: with it.
 */
export async function pace(report, { profile, rounds, warmup, secs, rooms, rate }) {
  const yard = await bare();
  const held = await bellhop(profile, HELD_MS);
  const running = await bellhop(profile, 1_000);
  const [heldRooms, runningRooms] = [await conversations(held, rooms, ADDRESS), await conversations(running, rooms, ADDRESS)];
  const sides = {
    bare: { server: yard.server, speech: bareSpeech, seats: async () => bareRooms(rooms) },
    held: { server: held.server, speech: speech('json'), seats: () => heldRooms.seats('json') },
    proto: { server: held.server, speech: speech('proto'), seats: () => heldRooms.seats('proto') },
    running: { server: running.server, speech: speech('json'), seats: () => runningRooms.seats('json') },
  };
  const once = async (side, work) => drive(side.server, side.speech, await side.seats(), { pace: { rate, ...work } });
  // All at once and at a third of the pace: V8 compiles for speed what has run for a while, and this is not measured.
  await Promise.all([sides.bare, sides.held, sides.running].map((side) => once(side, { rate: rate / 3, warmup: WARM_S, secs: 1 })));
  await once(sides.proto, { warmup, secs: 1 });
  const runs = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // There and back: whatever grows or fades in the machine meets all alike.
    const turns = Object.entries(sides);
    for (const [name, side] of round % 2 ? turns.reverse() : turns) {
      const run = await once(side, { warmup, secs });
      faultless(name, run);
      runs[name].push(run);
      console.log(`    ${name.padEnd(8)} ${run.cpu_ms_per_1000.toFixed(0).padStart(5)} ms CPU per 1,000   p50 ${run.p50_ms.toFixed(1)} ms   p99 ${run.p99_ms.toFixed(1)} ms`);
    }
  }
  const of = (name, what) => median(runs[name].map((run) => run[what]));
  // Each against its own round's bare run: what the machine did meanwhile is in both.
  const ratio = (name, what) => median(runs[name].map((run, round) => run[what] / runs.bare[round][what]));
  report.add('CPU per 1,000 delivered: bare object', of('bare', 'cpu_ms_per_1000'), 'ms');
  report.add('CPU per 1,000 delivered: Bellhop, projection held back', of('held', 'cpu_ms_per_1000'), 'ms');
  report.add('CPU, projection held back / bare', ratio('held', 'cpu_ms_per_1000'), '×', 1.15);
  report.add('CPU, binary frames, projection held back / bare', ratio('proto', 'cpu_ms_per_1000'), '×', 1.15);
  report.add('CPU, projection running / bare', ratio('running', 'cpu_ms_per_1000'), '×', 2);
  report.add('visitor to agent p50: bare object', of('bare', 'p50_ms'), 'ms');
  report.add('visitor to agent p99: bare object', of('bare', 'p99_ms'), 'ms');
  // The tail of one run is what the disk did in it, and no other run's: medians are compared.
  const beside = (name, what) => of(name, what) / of('bare', what);
  report.add('p50, projection held back / bare', beside('held', 'p50_ms'), '×', 1.3);
  report.add('p99, projection held back / bare', beside('held', 'p99_ms'), '×', 1.3);
  report.add('p50, projection running / bare', beside('running', 'p50_ms'), '×');
  report.add('p99, projection running / bare', beside('running', 'p99_ms'), '×');
  const [json, proto] = [await chat(held, 'json'), await chat(held, 'proto')];
  report.add('bytes of a chat per message, at both ends: JSON', json, 'bytes');
  report.add('bytes of a chat, protobuf / JSON', proto / json, '×', 0.55);
  report.add('bytes of a message and its ack alone, protobuf / JSON', of('proto', 'bytes_per_message') / of('held', 'bytes_per_message'), '×');
  for (const it of [yard, held, running]) await it.stop();
}

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
  owner(report, { profile, rooms, rate, secs: Math.max(secs, 10), pace: "bench's pace", delayMs: 1_000, budgets: { room: 1.3, d1: 4, queue: 0.3, lag: 3 } });

/** A human pace: one message in twenty seconds, long enough that Rooms sleep in between. */
export const human = (report, { profile, humanRooms, humanSecs }) =>
  owner(report, { profile, rooms: humanRooms, rate: humanRooms / HUMAN_S, secs: humanSecs, pace: 'human pace', delayMs: 1_000, budgets: { room: 3, d1: 4, queue: 3, lag: 3 } });

/** The same with the setting for the free plan. The beginning of the conversations is in it, so only the queue has a budget. */
export const thrifty = (report, { profile, humanRooms }) =>
  owner(report, { profile, rooms: humanRooms, rate: humanRooms / HUMAN_S, secs: THRIFTY_MS / 1_000, pace: 'human pace, thrifty setting', delayMs: THRIFTY_MS, budgets: { room: null, d1: null, queue: 0.5, lag: null } });

/**
 * Thousands of sockets in silence beside the bare object's, all of them coming back at once, and then many rooms.
 * `meanwhile` is done while nothing else is.
 */
export async function crowd(report, { profile, sockets, secs, scaleRate, meanwhile }) {
  const rooms = sockets / 2;
  const hold = async (server, speech, seats, storm) => {
    await drive(server, speech, seats.slice(0, WARMING), { hold: { per_s: COMING, hold: 0, storm: false } });
    return drive(server, speech, seats, { hold: { per_s: COMING, hold: 15, storm } }, { concurrency: 64 });
  };
  const beside = async () => {
    const yard = await bare();
    const idle = await hold(yard.server, bareSpeech, bareRooms(rooms), false);
    await yard.stop();
    return idle;
  };
  const world = await bellhop(profile, 1_000);
  const [yardIdle, begun] = await Promise.all([beside(), conversations(world, rooms, ADDRESS)]);
  // Idle is who has nothing left to do.
  await Promise.all([new Promise((resolve) => setTimeout(resolve, QUIET_MS)), meanwhile()]);
  // Afresh, so that the memory of making the conversations is not in it.
  await world.server.restart();
  const idle = await hold(world.server, speech('json'), await begun.seats('json'), true);
  report.add('idle sockets held', idle.opened.open, 'sockets');
  report.add('memory per idle socket: bare object', yardIdle.kb_per_further_socket, 'KB');
  report.add('memory per idle socket: Bellhop', idle.kb_per_further_socket, 'KB');
  report.add('memory per idle socket / bare', idle.kb_per_further_socket / yardIdle.kb_per_further_socket, '×', 1.1);
  report.add('with what was needed to open them: bare object', yardIdle.kb_per_socket, 'KB');
  report.add('with what was needed to open them: Bellhop', idle.kb_per_socket, 'KB');
  report.add('descriptors with them', idle.descriptors, 'descriptors', 20_000);
  report.add('CPU to open a socket: bare object', yardIdle.opened.cpu_ms_per_1000 / 1_000, 'ms');
  report.add('CPU to open a socket: Bellhop', idle.opened.cpu_ms_per_1000 / 1_000, 'ms');
  report.add('reconnect storm, all back after', idle.storm.secs, 's');
  report.add('reconnect storm, sockets back', idle.storm.open / idle.storm.asked, 'of all');
  report.add('reconnect storm, refused and tried again', idle.storm.refused, 'attempts');
  report.add('reconnect storm, a client is ready p99', idle.storm.ready_ms_p99, 'ms');
  const scales = [10, 100, 500, 2_000].filter((count) => count <= rooms);
  const costs = [];
  for (const count of scales) {
    const run = await drive(world.server, speech('json'), await begun.seats('json', count), { pace: { rate: scaleRate, warmup: 1, secs: Math.min(secs, 4) } }, { concurrency: 64 });
    faultless(`${count} rooms`, run);
    costs.push(run.cpu_ms_per_1000);
    report.add(`CPU per 1,000 delivered at ${scaleRate}/s in ${count} rooms`, run.cpu_ms_per_1000, 'ms');
  }
  report.add(`a message in ${scales.at(-1)} rooms / in ${scales[0]}`, costs.at(-1) / costs[0], '×');
  await world.stop();
}
