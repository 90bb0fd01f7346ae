// A module before the bundle with doors that only tests have: SQL on the history, the hourly cron, a Desk or a KV that fails, a KV that is stale.
import assert from 'node:assert/strict';
import { COUNTING } from './counting.mjs';
import { until } from './socket.mjs';

const DOORS = `
const opened = {
  // Statements in one batch; the rows of each.
  sql: async (statements, env) => (await env.DB.batch(statements.map(([text, ...args]) => env.DB.prepare(text).bind(...args)))).map((it) => it.results),
  // The hourly sweep.
  cron: async (_, env, ctx) => (await app.scheduled({ cron: '*/5 * * * *', scheduledTime: Date.now() }, wrapped(env), ctx), 'swept'),
  // When each of these objects (a Room and its id, or all of a kind) last had an event; milliseconds.
  last: async (objects) => objects.map((it) => Math.max(0, ...Object.keys(lastEvents).filter((key) => key.startsWith(it)).map((key) => lastEvents[key]))),
  // Calls of this path at every Desk, or at one, fail from now on or never come back; none: all of them work again.
  desk: async (faults) => ((failing = faults), 'set'),
  // A call of KV; what it gives as text.
  kv: async ([method, ...args], env) => (await env.MODELS[method](...args)) ?? null,
  // KV as it is far from where it was written: what was read once, or was not there, is so for a minute. These have been read so.
  staleKv: async (files, env) => (seen = new Map(await Promise.all(files.map(async (file) => [file, await read(env.MODELS, file, 'arrayBuffer')]))), 'set'),
  // How often it has told what was so no more.
  stale: async () => stale,
  // Every call of KV fails from now on, or works again.
  noKv: async (fails) => ((kvFails = fails), 'set'),
};
let failing = null;
let kvFails = false;
let seen = null;
let stale = 0;

const STALE_MS = 60_000;
const read = async (kv, file, kind) => ({ value: await kv.get(file, kind), at: Date.now() });
/** A Room's bindings, with a KV that may be stale. */
const afar = (env) => new Proxy(env, { get: (target, name) => (name === 'MODELS' && seen ? staleKv(target.MODELS) : target[name]) });
const staleKv = (kv) => ({
  get: async (file, kind) => {
    const known = seen.get(file);
    const isKnown = known && Date.now() - known.at < STALE_MS;
    if (!isKnown) seen.set(file, await read(kv, file, kind));
    else stale++;
    return seen.get(file).value;
  },
  put: (...args) => kv.put(...args),
  delete: (...args) => kv.delete(...args),
});

/** The bindings, with Desks and a KV whose calls may fail. Objects of the platform want their own methods on themselves. */
const wrapped = (env) => new Proxy(env, { get: (target, name) => (name === 'DESKS' ? desks(target.DESKS) : name === 'MODELS' && kvFails ? noKv : target[name]) });
const noKv = new Proxy({}, { get: () => () => Promise.reject(new Error('this KV fails')) });
const desks = (namespace) => new Proxy(namespace, { get: (target, name) => {
  if (name === 'get') return (id) => failingly(target.get(id), id.name);
  const value = target[name];
  return typeof value === 'function' && name !== 'constructor' ? value.bind(target) : value;
} });
const failingly = (stub, workspace) => new Proxy(stub, { get: (target, name) => {
  if (name !== 'fetch') return target[name];
  return (request, init) => {
    const isHit = failing && new URL(request.url ?? request).pathname === failing.path && (failing.only ?? workspace) === workspace;
    if (isHit && failing.hangs) return new Promise(() => {});
    if (isHit) return Promise.reject(new Error('this Desk fails'));
    return target.fetch(request, init);
  };
} });

export default {
  ...app,
  fetch: async (request, env, ctx) => {
    const [, door, name] = new URL(request.url).pathname.split('/');
    return door === 'backdoor' ? Response.json(await opened[name](await request.json(), env, ctx)) : app.fetch(request, wrapped(env), ctx);
  },
};
`;

/** For `start({entry})`: counts objects as well. */
export const BACKDOOR = COUNTING.replace('export default app;', DOORS)
  .replace('Reflect.construct(target, args, self)', "Reflect.construct(target, name === 'Room' ? [args[0], afar(args[1])] : args, self)");

async function knock(it, name, body) {
  const answer = await fetch(new URL(`/backdoor/${name}`, it.url), { method: 'POST', body: JSON.stringify(body) });
  assert.equal(answer.status, 200, name);
  return answer.json();
}

/** Rows of each statement, all in one batch: `sql(it, ['SELECT ?', 1])`. */
export const sql = (it, ...statements) => knock(it, 'sql', statements);

/** workerd evicts an object that had no event for ten seconds. */
const EVICTED_MS = 13_000;
/** Objects tell each other things for a few seconds, and a Desk looks after its consoles every thirty. */
export const ASLEEP_MS = 50_000;

/** Waits until all of these objects sleep: they have been idle for so long that they are out of memory. */
export const asleep = (it, ...objects) =>
  until(`sleeping objects: ${objects}`, async () => (await knock(it, 'last', objects)).every((at) => at && Date.now() - at >= EVICTED_MS), ASLEEP_MS);

/** The hourly cron, now. */
export const sweep = (it) => knock(it, 'cron', null);

/** Lets calls of this path at every Desk fail, or `only` one workspace's, or hang; `null` mends them. */
export const failDesk = (it, path, { only, hangs } = {}) => knock(it, 'desk', path && { path, only, hangs });

/** Calls a method of KV. */
export const kv = (it, ...call) => knock(it, 'kv', call);

/** From now on Rooms read a KV in which these files are, for a minute, what they are now: nothing, or something that is no more. */
export const staleKv = (it, ...files) => knock(it, 'staleKv', files);

/** How often KV has said what was so no more. */
export const staleReads = (it) => knock(it, 'stale', null);

/** Lets every call of KV fail, or work again. */
export const failKv = (it, fails) => knock(it, 'noKv', fails);

/** Every table of ours, however many there are by now; the index of words is made from messages. */
async function tables(it, having = '') {
  const [found] = await sql(it, ["SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'message\\_words%' ESCAPE '\\' AND substr(name, 1, 1) <> '_' AND substr(name, 1, 7) <> 'sqlite_' AND sql LIKE ? ORDER BY name", `%${having}%`]);
  assert.ok(found.length > 10, 'the tables were found');
  return found.map(({ name }) => name);
}

/** Rows of every table that a request could write. */
export async function rows(it) {
  const names = await tables(it);
  const counted = await sql(it, ...names.map((table) => [`SELECT COUNT(*) AS n FROM ${table}`]));
  return Object.fromEntries(counted.map(([{ n }], index) => [names[index], n]));
}

/** Everything that the history has of a workspace, row by row. */
export async function contents(it, workspace) {
  const names = await tables(it, 'workspace TEXT');
  const found = await sql(it, ...names.map((table) => [`SELECT * FROM ${table} WHERE workspace = ?`, workspace]));
  return Object.fromEntries(found.map((lines, index) => [names[index], lines.map((line) => JSON.stringify(line)).sort()]));
}

/** Waits for the one thing that comes late after a block: its entry in the private log, in the history. */
export const blockTold = (it) =>
  until('the block in the history', async () => {
    const [[noted], [owed]] = await sql(it, ["SELECT COUNT(*) AS n FROM messages WHERE log = 'private'"], ['SELECT COUNT(*) AS n FROM pending_revocations']);
    return noted.n > 0 && owed.n === 0;
  });

/** A second workspace, whose owner has the password of the first one's: the API itself never makes one. */
export async function neighbour(it) {
  const { owner } = it.people;
  await sql(
    it,
    ["INSERT INTO workspaces (id, name, created_at) VALUES ('ws_nextdoornextdoor', 'Next door', 1)"],
    [
      `INSERT INTO agents (id, workspace, email, name, role, state, password_hash, generation, created_at)
       SELECT 'agt_nextdoornextdoor', 'ws_nextdoornextdoor', 'eve@example.com', 'Eve', 'owner', 'active', password_hash, 1, 1 FROM agents WHERE email = ?`,
      owner.email,
    ],
  );
  return { name: 'Eve', email: 'eve@example.com', password: owner.password };
}
