// A module before the bundle that counts what Cloudflare would bill: rows written by each kind of object (an alarm that
// is set is a row, too) and by D1, messages that were stored, operations of the queue, requests and alarms that woke an object. It also times the
// projection: when the consumer is done with an event, how old are the entries in it? `GET /counts` takes the counts.
/** For `start({entry})`. */
export const COUNTING = `
import app, * as all from 'index.js';
const zero = () => ({ Room: 0, Desk: 0, Limiter: 0 });
const fresh = () => ({ stored: 0, told: 0, rows: zero(), alarms: zero(), rang: zero(), requests: zero(), d1Written: 0, d1Read: 0, queueSent: 0, queueBytes: 0, queueHandled: 0, queueBatches: 0, lags: [] });
let counts = fresh();
const owners = new WeakMap();
const patched = new WeakSet();

function patch(object, name, wrap) {
  const home = Object.getPrototypeOf(object);
  if (Object.hasOwn(home, '__counted_' + name)) return;
  Object.defineProperty(home, '__counted_' + name, { value: true });
  const original = home[name];
  Object.defineProperty(home, name, { configurable: true, writable: true, value: wrap(original) });
}

function watch(kind, state) {
  const { storage } = state;
  const { sql } = storage;
  owners.set(sql, kind);
  owners.set(storage, kind);
  patch(sql, 'exec', (original) => function (...args) {
    const cursor = original.apply(this, args);
    if (args[0].startsWith('INSERT INTO public_log')) counts.stored += 1;
    const owner = owners.get(this);
    // Read to its end by then: the bundle never pauses between a statement and its rows.
    queueMicrotask(() => (counts.rows[owner] += cursor.rowsWritten));
    return cursor;
  });
  patch(storage, 'setAlarm', (original) => function (...args) {
    counts.alarms[owners.get(this)] += 1;
    return original.apply(this, args);
  });
}

const counted = (kind) => new Proxy(all[kind], {
  construct(target, args, self) {
    watch(kind, args[0]);
    const object = Reflect.construct(target, args, self);
    return new Proxy(object, {
      get(it, name) {
        const found = Reflect.get(it, name);
        if (typeof found !== 'function') return found;
        const told = { fetch: 'requests', alarm: 'rang' }[name];
        // The runtime looks handlers up once and calls them often.
        return (...args) => {
          if (told) counts[told][kind] += 1;
          return found.apply(it, args);
        };
      },
    });
  },
});
export const Room = counted('Room');
export const Desk = counted('Desk');
export const Limiter = counted('Limiter');

function watchEnv(env) {
  if (patched.has(env)) return;
  patched.add(env);
  patch(env.DB, 'batch', (original) => async function (...args) {
    const results = await original.apply(this, args);
    for (const { meta } of results) {
      counts.d1Written += meta.rows_written ?? 0;
      counts.d1Read += meta.rows_read ?? 0;
    }
    return results;
  });
  patch(env.EVENTS, 'send', (original) => function (body, ...rest) {
    const event = JSON.parse(body);
    counts.told += event.public.length + event.private.length;
    counts.queueSent += 1;
    counts.queueBytes += String(body).length;
    return original.call(this, body, ...rest);
  });
}

export default {
  async fetch(request, env, ctx) {
    watchEnv(env);
    if (new URL(request.url).pathname === '/v1/counts') {
      const taken = counts;
      counts = fresh();
      return Response.json(taken);
    }
    return app.fetch(request, env, ctx);
  },
  async queue(batch, env, ctx) {
    watchEnv(env);
    const given = batch.messages.map((message) => JSON.parse(message.body));
    await app.queue(batch, env, ctx);
    counts.queueBatches += 1;
    counts.queueHandled += given.length;
    const now = Date.now();
    for (const event of given) for (const entry of [...event.public, ...event.private]) counts.lags.push(now - entry.at);
  },
  scheduled: (event, env, ctx) => app.scheduled(event, env, ctx),
};
`;

/** What happened since the last look. */
export async function counts(world) {
  const answer = await fetch(new URL('/v1/counts', world.url));
  return answer.json();
}
