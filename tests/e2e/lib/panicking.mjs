// A module before the bundle by which a test asks for a panic (the bundle `panics` has the points), and calls a handler
// of an object that nobody outside could bring about.
/** For `start({entry, profile: 'panics'})`. */
export const PANICKING = `
import app, * as all from 'index.js';
globalThis.BELLHOP_PANICS = [];
const loads = {};
const log = console.log.bind(console);
console.log = (text, ...more) => {
  const [, what] = /^loaded (.*)/.exec(text) ?? [];
  if (what) loads[what] = (loads[what] ?? 0) + 1;
  else log(text, ...more);
};
const opened = (name) => new Proxy(all[name], {
  construct(target, args, self) {
    const object = Reflect.construct(target, args, self);
    const call = async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname !== '/call') return object.fetch(request);
      await object[searchParams.get('handler')]({ close() {}, serializeAttachment() {} }, searchParams.get('handler') === 'webSocketClose' ? 1000 : 'x', '', true);
      return new Response('called');
    };
    return new Proxy(object, { get: (_, member) => (member === 'fetch' ? call : Reflect.get(object, member)) });
  },
});
export const Room = opened('Room');
export const Desk = opened('Desk');
export const Limiter = opened('Limiter');
const tests = {
  async panic(query) {
    BELLHOP_PANICS.push(query.get('at'));
  },
  async left() {
    return BELLHOP_PANICS.filter(Boolean);
  },
  // How often the machine of an object was loaded from disk: once means that its memory is what it was.
  async loads(query) {
    return loads[query.get('of')] ?? 0;
  },
  async call(query, env) {
    const objects = env[query.get('binding')];
    const id = query.has('name') ? objects.idFromName(query.get('name')) : objects.idFromString(query.get('id'));
    return (await objects.get(id).fetch('https://object/call?handler=' + query.get('handler'))).text();
  },
  async scheduled(query, env, ctx) {
    await app.scheduled({ scheduledTime: Date.now(), cron: '', noRetry() {} }, env, ctx);
  },
};
export default {
  ...app,
  fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const test = pathname.startsWith('/v1/test/') && tests[pathname.slice(9)];
    return test ? test(searchParams, env, ctx).then((it) => Response.json(it ?? null)) : app.fetch(request, env, ctx);
  },
};
`;
