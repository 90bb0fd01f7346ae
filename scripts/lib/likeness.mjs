// The order of a module's functions. gzip finds again what it has seen in the last 32 KB, and a Worker is 2.6 MB long: what is alike
// should stand together. Each next function is the one of which most has been seen in the last ones, for its length.

import { CODE, CUSTOM, chunk, DATA, IMPORT, number, reader, sectionsOf } from './wasm.mjs';

/** So many bytes in a row are a likeness. */
const RUN = 6;
/** What more functions have than this says nothing about any of them. */
const COMMON = 500;
const LOOKBACK = 30_000;
const SLOTS = 1 << 22;
/** A long function is never as like the last ones as a short one, so its length counts by less than its whole. */
const EXPONENT = 0.6;

/** Bodies of functions in an order in which those that are alike stand together, as their numbers. */
export function byLikeness(bodies) {
  const runs = bodies.map(runsOf);
  const holders = holdersOf(runs);
  const cost = bodies.map(({ length }) => (length + 20) ** EXPONENT);
  const score = new Uint32Array(bodies.length);
  const left = new Set(bodies.keys());
  const seen = new Uint16Array(SLOTS);
  const order = [];
  let [from, length] = [0, 0];
  while (left.size) {
    let next = left.values().next().value;
    for (const it of left) if (score[it] / cost[it] > score[next] / cost[next]) next = it;
    // Nothing is like what stands there: a long one begins anew, others may be like it.
    if (!score[next]) for (const it of left) if (bodies[it].length > bodies[next].length) next = it;
    left.delete(next);
    order.push(next);
    length += bodies[next].length;
    for (const run of runs[next]) if (!seen[run]++) for (const it of holders.of(run)) score[it]++;
    for (; length > LOOKBACK && from < order.length - 1; from++) {
      length -= bodies[order[from]].length;
      for (const run of runs[order[from]]) if (!--seen[run]) for (const it of holders.of(run)) score[it]--;
    }
  }
  return order;
}

/** The runs that a body has, each once, as numbers below `SLOTS`. */
function runsOf(body) {
  const runs = new Set();
  for (let at = 0; at + RUN <= body.length; at++) {
    let hash = 0x811c9dc5;
    for (let i = at; i < at + RUN; i++) hash = Math.imul(hash ^ body[i], 0x01000193);
    runs.add((Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0) % SLOTS);
  }
  return Uint32Array.from(runs);
}

/** Which bodies have a run; none for one that a single body has, or too many. */
function holdersOf(runs) {
  const count = new Uint32Array(SLOTS);
  for (const some of runs) for (const run of some) count[run]++;
  const start = new Uint32Array(SLOTS + 1);
  for (let run = 0; run < SLOTS; run++) start[run + 1] = start[run] + (count[run] > 1 && count[run] <= COMMON ? count[run] : 0);
  const all = new Uint32Array(start[SLOTS]);
  const end = start.slice();
  runs.forEach((some, it) => {
    for (const run of some) if (start[run + 1] > start[run]) all[end[run]++] = it;
  });
  return { of: (run) => all.subarray(start[run], start[run + 1]) };
}

const FUNCTION_NAMES = 1;
const LAST = 999_999;

/** A module whose functions have their numbers before their names: by these they are known again, whatever wasm-opt makes of them. */
export const numbered = (wasm) => renamed(wasm, (it) => it);

/**
 * A module whose functions have their places before their names, for wasm-opt’s `--reorder-functions-by-name`. What is alike is so as it
 * leaves them: `optimised` is what it has made of the module with numbers, and what it has left out comes last.
 */
export function withPlaces(wasm, optimised = numbered(wasm)) {
  const { imported, bodies, names } = readModule(optimised);
  const places = new Map(byLikeness(bodies).map((it, place) => [Number.parseInt(names.get(imported + it), 10), place]));
  return renamed(wasm, (it) => places.get(it) ?? LAST);
}

/** The module with a number of six digits before the name of each function of its own. */
function renamed(wasm, numberOf) {
  const { imported, bodies, names, kept } = readModule(wasm);
  bodies.forEach((_, it) => names.set(imported + it, `${String(numberOf(imported + it)).padStart(6, '0')}:${names.get(imported + it) ?? ''}`));
  return Buffer.concat([wasm.subarray(0, 8), ...kept.map(({ whole }) => whole), writeNames(names)]);
}

/** How many functions come from outside, the bodies of the others, the names of all, the data, and the sections but for that of the names. */
export function readModule(wasm) {
  const sections = sectionsOf(wasm);
  const names = new Map();
  const kept = sections.filter((section) => !readNames(section, names));
  const body = (wanted) => sections.find(({ id }) => id === wanted)?.body;
  return { imported: functionsImported(body(IMPORT)), bodies: bodiesOf(body(CODE)), names, kept, data: body(DATA) };
}

/** The symbol map that wasm-opt then writes, without the places. */
export const withoutPlaces = (symbols) => symbols.replace(/^(\d+):\d{6}:/gm, '$1:');

function bodiesOf(section) {
  const it = reader(section);
  return Array.from({ length: it.number() }, it.chunk);
}

/** How many functions have their numbers before the first of the module’s own. */
function functionsImported(section) {
  if (!section) return 0;
  const it = reader(section);
  const limits = () => ((it.byte() & 1) === 1 ? (it.number(), it.number()) : it.number());
  // By kind: function, table, memory, global, tag.
  const skip = [it.number, () => (it.byte(), limits()), limits, () => it.take(2), () => (it.byte(), it.number())];
  let functions = 0;
  for (let left = it.number(); left; left--) {
    it.chunk();
    it.chunk();
    const kind = it.byte();
    functions += kind === 0;
    skip[kind]();
  }
  return functions;
}

/** Takes the functions' names out of a section of names; false: it is none. */
function readNames({ id, body }, names) {
  const it = reader(body);
  if (id !== CUSTOM || it.chunk().toString() !== 'name') return false;
  while (it.more) {
    const [kind, some] = [it.byte(), reader(it.chunk())];
    if (kind === FUNCTION_NAMES) for (let left = some.number(); left; left--) names.set(some.number(), some.chunk().toString());
  }
  return true;
}

function writeNames(names) {
  const entries = [...names].sort(([a], [b]) => a - b).flatMap(([it, name]) => [number(it), ...chunk(Buffer.from(name))]);
  const functions = [Buffer.from([FUNCTION_NAMES]), ...chunk(number(names.size), ...entries)];
  return Buffer.concat([Buffer.from([CUSTOM]), ...chunk(...chunk(Buffer.from('name')), ...functions)]);
}
