// A module before the bundle `panics`, by which a handler of an object panics for as long as a test wants. After a failed alarm an object waits for
// five minutes: for less here, and nothing else is not as the platform has it.
import assert from 'node:assert/strict';

/** The longer `BACKOFF` of src/core/limits/mod.rs. */
const BACKOFF_MS = 300_000;
const SOON_MS = 100;

/** For `start({entry, profile: 'panics'})`. */
export const FAILING_ALARMS = `
import app, * as all from 'index.js';
export const { Limiter } = all;
globalThis.BELLHOP_PANICS = [];
/** When these handlers have panicked. */
const failing = {};
const failingly = (name) => new Proxy(all[name], {
  construct(target, args, self) {
    const [{ id, storage }] = args;
    const setAlarm = storage.setAlarm.bind(storage);
    const isBackoff = (at) => Math.abs(at - Date.now() - ${BACKOFF_MS}) < 1_000;
    storage.setAlarm = (at, options) => setAlarm(isBackoff(at) ? Date.now() + ${SOON_MS} : at, options);
    const object = Reflect.construct(target, args, self);
    const handler = (work) => (...given) => {
      const place = name + '.' + work + ' ' + id;
      if (failing[place]) {
        BELLHOP_PANICS.push(place);
        failing[place].push(Date.now());
      }
      return object[work](...given);
    };
    const handlers = { alarm: handler('alarm'), fetch: handler('fetch') };
    return new Proxy(object, { get: (_, member) => handlers[member] ?? Reflect.get(object, member) });
  },
});
export const Room = failingly('Room');
export const Desk = failingly('Desk');
const tests = {
  // A Desk is found by its workspace's name.
  desk: (_, name, env) => env.DESKS.idFromName(name).toString(),
  fail: (place) => (failing[place] = []),
  failed: (place) => failing[place],
  mend: () => Object.keys(failing).forEach((place) => delete failing[place]),
};
export default {
  ...app,
  fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const test = pathname.startsWith('/v1/test/') && tests[pathname.slice(9)];
    return test ? Response.json(test(searchParams.get('place'), searchParams.get('name'), env) ?? null) : app.fetch(request, env, ctx);
  },
};
`;

async function knock(it, what, query = {}) {
  const answer = await fetch(new URL(`/v1/test/${what}?${new URLSearchParams(query)}`, it.url));
  assert.equal(answer.status, 200, what);
  return answer.json();
}

/** The id of a workspace's Desk. */
export const deskOf = (it, name) => knock(it, 'desk', { name });

/** From now on this handler of this object panics whenever it is called: `Room.alarm` and its id, or `fetch`. */
export const fail = (it, place) => knock(it, 'fail', { place });

/** When it has. */
export const failed = (it, place) => knock(it, 'failed', { place });

/** Everything works again. */
export const mend = (it) => knock(it, 'mend');
