// The Desk at its largest: everybody looks at everything. What the live list costs, and how long news takes to get there.
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '../../../tests/e2e/lib/world.mjs';
import { drive } from './driver.mjs';
import { median, quantile } from './report.mjs';
import { consoles, conversations, speech } from './seats.mjs';
import { ADDRESS, bellhop } from './servers.mjs';
import { faultless, HELD_MS, QUIET_MS } from './stages.mjs';

/** Agents, all of them online with the list open. */
const AGENTS = 200;
/** Of these conversations, so many have a visitor and an agent who talk: what one process bears at the bench's pace. */
const TALKING = 200;
/** Claims in a second, each of them news for every console. */
const CLAIMS_PER_S = 5;

const pssMb = (pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024;

/** Claims one conversation after the other; how long until another console knew of each, in milliseconds. */
async function claim(claimer, watcher, rooms, run) {
  const [desk, other] = await Promise.all([claimer.desk(), watcher.desk({ encoding: 'proto' })]);
  const [began, told] = [new Map(), new Map()];
  const look = () => {
    for (const { deskUpdate } of other.frames.splice(0)) {
      for (const row of deskUpdate?.rows ?? []) if (row.assignee && began.has(row.conversation) && !told.has(row.conversation)) told.set(row.conversation, Date.now());
    }
  };
  other.ws.on('message', look);
  for (let over = false, at = 0; !over && at < rooms.length; at++) {
    began.set(rooms[at], Date.now());
    desk.send({ claim: { clientId: randomUUID(), conversation: rooms[at] } });
    over = await Promise.race([run.then(() => true), sleep(1_000 / CLAIMS_PER_S).then(() => false)]);
  }
  await sleep(5_000);
  look();
  await Promise.all([desk.cut(), other.cut()]);
  return [...began].map(([room, at]) => (told.get(room) ?? Infinity) - at);
}

/** The whole list in 200 consoles beside the same load with nobody who looks at it, in turns. */
export async function list(report, { profile, rounds, warmup, secs, rate, listed }) {
  const world = await bellhop(profile, HELD_MS, { agents: AGENTS, inMemory: true });
  const begun = await conversations(world, listed, ADDRESS);
  await sleep(QUIET_MS);
  await world.server.restart();
  const agents = await Promise.all(world.people.agents.map((person) => Agent.signIn(world, person)));
  const wasmMb = async () => (await world.ops('health')).memory / 2 ** 20;
  const process = pssMb(world.server.pid);
  await (await agents[0].desk()).cut();
  report.add(`memory of the process for a Desk that lists ${listed} conversations`, pssMb(world.server.pid) - process, 'MB');
  report.add('… WebAssembly memory of the isolate, all that it holds; the platform gives 128 MB', await wasmMb(), 'MB');
  const once = async (isOn, news) => {
    const listeners = isOn ? await consoles(world, agents, ADDRESS) : [];
    const run = drive(world.server, speech('json'), await begun.seats('json', TALKING), { pace: { rate, warmup, secs } }, { listeners, concurrency: 64 });
    const lags = isOn ? await claim(agents[0], agents[1], news, run) : [];
    const figures = await run;
    faultless(isOn ? 'with the list' : 'without it', figures);
    console.log(`    ${isOn ? 'list on ' : 'list off'} ${figures.cpu_ms_per_1000.toFixed(0).padStart(5)} ms CPU per 1,000   p50 ${figures.p50_ms.toFixed(1)} ms   p99 ${figures.p99_ms.toFixed(1)} ms`);
    return { ...figures, lags };
  };
  const rooms = begun.visitors.slice(TALKING).map((visitor) => visitor.conversation);
  const each = Math.floor(rooms.length / rounds);
  await once(false);
  const [on, off] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const news = rooms.slice(round * each, (round + 1) * each);
    if (round % 2) on.push(await once(true, news));
    off.push(await once(false));
    if (!(round % 2)) on.push(await once(true, news));
  }
  const lags = on.flatMap((run) => run.lags);
  report.add(`CPU per 1,000 delivered at ${rate}/s, nobody looks at the list`, median(off.map((run) => run.cpu_ms_per_1000)), 'ms');
  report.add(`CPU, ${AGENTS} consoles with the whole list / nobody`, median(on.map((run, round) => run.cpu_ms_per_1000 / off[round].cpu_ms_per_1000)), '×', 1.25);
  report.add('list frames, all consoles', median(on.map((run) => run.heard.bytes)) / (warmup + secs) / 1e6, 'MB/s');
  report.add(`a claim reaches another console p99 (${lags.length} claims)`, quantile(lags, 0.99) / 1_000, 's', 2);
  await world.stop();
}
