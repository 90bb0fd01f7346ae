// The bench's pace beside the bare object, in turns, so that whatever else the machine does meets all alike.
import { chat } from './chat.mjs';
import { drive } from './driver.mjs';
import { median } from './report.mjs';
import { bareRooms, bareSpeech, conversations, speech } from './seats.mjs';
import { ADDRESS, bare, bellhop } from './servers.mjs';
import { faultless, GATHERED_MS, HELD_MS, WARM_S } from './stages.mjs';

const beside = (runs, name, what) => median(runs[name].map((run) => run[what])) / median(runs.bare.map((run) => run[what]));

/** So many rounds of every side, there and back: whatever grows or fades in the machine meets all alike. */
async function inTurns(sides, rounds, once) {
  const runs = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const turns = Object.entries(sides);
    for (const [name, side] of round % 2 ? turns.reverse() : turns) {
      const run = await once(side);
      faultless(name, run);
      runs[name].push(run);
      console.log(`    ${name.padEnd(8)} ${run.cpu_ms_per_1000.toFixed(0).padStart(5)} ms CPU per 1,000   p50 ${run.p50_ms.toFixed(1)} ms   p99 ${run.p99_ms.toFixed(1)} ms`);
    }
  }
  return runs;
}

/** The servers of [pace], warm. Held: without the projection; running: with it. */
export async function warmPace({ profile, warmup, rooms, rate }) {
  const yard = await bare();
  const held = await bellhop(profile, HELD_MS);
  const running = await bellhop(profile, GATHERED_MS);
  const [heldRooms, runningRooms] = [await conversations(held, rooms, ADDRESS), await conversations(running, rooms, ADDRESS)];
  const sides = {
    bare: { server: yard.server, speech: bareSpeech, seats: async () => bareRooms(rooms) },
    held: { server: held.server, speech: speech('json'), seats: () => heldRooms.seats('json') },
    proto: { server: held.server, speech: speech('proto'), seats: () => heldRooms.seats('proto') },
    running: { server: running.server, speech: speech('json'), seats: () => runningRooms.seats('json') },
  };
  const once = async (side, work) => drive(side.server, side.speech, await side.seats(), { pace: { rate, ...work } });
  // All at once and at a third of the pace: V8 compiles for speed what has run for a while, and this is not measured.
  await Promise.all([sides.bare, sides.held, sides.running].map((side) => once(side, { rate: rate / 2, warmup: WARM_S, secs: 1 })));
  await once(sides.proto, { warmup, secs: 1 });
  return { yard, held, running, sides, once };
}

/** CPU and latency with the stores on disk. */
export async function pace(report, { rounds, warmup, secs, warm }) {
  const { yard, held, running, sides, once } = warm;
  const runs = await inTurns(sides, rounds, (side) => once(side, { warmup, secs }));
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
  report.add('p50, projection held back / bare', beside(runs, 'held', 'p50_ms'), '×', 1.3);
  report.add('p99, projection held back / bare', beside(runs, 'held', 'p99_ms'), '×', 1.3);
  report.add('p50, projection running / bare', beside(runs, 'running', 'p50_ms'), '×');
  report.add('p99, projection running / bare', beside(runs, 'running', 'p99_ms'), '×');
  const [json, proto] = [await chat(held, 'json'), await chat(held, 'proto')];
  report.add('bytes of a chat per message, at both ends: JSON', json, 'bytes');
  report.add('bytes of a chat, protobuf / JSON', proto / json, '×', 0.55);
  report.add('bytes of a message and its ack alone, protobuf / JSON', of('proto', 'bytes_per_message') / of('held', 'bytes_per_message'), '×');
  for (const it of [yard, held, running]) await it.stop();
}

/** The servers of [memory], warm. */
export async function warmMemory({ profile, rooms, rate }) {
  const [yard, held] = [await bare({ inMemory: true }), await bellhop(profile, HELD_MS, { inMemory: true })];
  const begun = await conversations(held, rooms, ADDRESS);
  const sides = {
    bare: { server: yard.server, speech: bareSpeech, seats: async () => bareRooms(rooms) },
    held: { server: held.server, speech: speech('json'), seats: () => begun.seats('json') },
  };
  const once = async (side, work) => drive(side.server, side.speech, await side.seats(), { pace: { rate, ...work } });
  await Promise.all(Object.values(sides).map((side) => once(side, { rate: rate / 2, warmup: WARM_S, secs: 1 })));
  return { yard, held, sides, once };
}

/**
 * Latency with the stores in memory. On a disk that takes half a millisecond for an `fsync` the thread has nothing left at this
 * pace, and a tenth more CPU then waits twice as long in the queue of its thread: what is compared is the disk.
 */
export async function memory(report, { rounds, secs, warm }) {
  const { yard, held, sides, once } = warm;
  const runs = await inTurns(sides, rounds, (side) => once(side, { warmup: 2, secs }));
  report.add('p50, stores in memory, projection held back / bare', beside(runs, 'held', 'p50_ms'), '×', 1.3);
  report.add('p99, stores in memory, projection held back / bare', beside(runs, 'held', 'p99_ms'), '×', 1.3);
  report.add('p99, stores in memory, projection held back', median(runs.held.map((run) => run.p99_ms)), 'ms');
  for (const it of [yard, held]) await it.stop();
}
