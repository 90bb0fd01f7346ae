import { bareRooms, bareSpeech, conversations, speech } from './lib/bench/seats.mjs';
import { ADDRESS, bare, bellhop } from './lib/bench/servers.mjs';
import { drive } from './lib/bench/driver.mjs';
const [a, b] = [await bellhop('release', 3_600_000), await bellhop('inlined', 3_600_000)];
const rooms = 60, rate = 300;
const [ra, rb] = [await conversations(a, rooms, ADDRESS), await conversations(b, rooms, ADDRESS)];
const sides = { release: { server: a.server, seats: () => ra.seats('json') }, inlined: { server: b.server, seats: () => rb.seats('json') } };
const once = async (s, work) => drive(s.server, speech('json'), await s.seats(), { pace: { rate, ...work } });
await Promise.all(Object.values(sides).map((s) => once(s, { rate: rate / 2, warmup: 12, secs: 1 })));
const runs = { release: [], inlined: [] };
for (let round = 0; round < 8; round++) {
  const turns = Object.entries(sides);
  for (const [name, s] of round % 2 ? turns.reverse() : turns) { const r = await once(s, { warmup: 1, secs: 6 }); runs[name].push(r.cpu_ms_per_1000); console.log(name, r.cpu_ms_per_1000.toFixed(0), r.p50_ms.toFixed(1)); }
}
for (const n in runs) { const l = runs[n].toSorted((x, y) => x - y); console.log(n, 'min', l[0].toFixed(0), 'median', ((l[3]+l[4])/2).toFixed(0)); }
await a.stop(); await b.stop();
