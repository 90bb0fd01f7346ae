// The module that the runtime loads: it binds the exports of the Rust bundle to the names the runtime looks for.
// `/*CLASSES*/` is replaced by one export for each Durable Object class of wrangler.toml.
import * as exports from './index.js';

Error.stackTraceLimit = 100;

// A panic unwinds and stays in its request. A trap (stack overflow, out of memory) can't: the bindings then start a
// fresh instance of the module and count `instanceId` up. Objects of the old instance would point into memory that is
// gone, so an object made before is made again from the same state the next time the runtime calls it.
const init = exports.__worker_init_state();

const follow = {
  construct(ctor, args, newTarget) {
    let object = Reflect.construct(ctor, args, newTarget);
    let instance = init.instanceId;
    const current = () => {
      if (instance !== init.instanceId) {
        object = Reflect.construct(ctor, args, newTarget);
        instance = init.instanceId;
      }
      return object;
    };
    return new Proxy(object, {
      get: (_, name) => Reflect.get(current(), name),
      set: (_, name, value) => Reflect.set(current(), name, value),
      has: (_, name) => Reflect.has(current(), name),
    });
  },
};

/*CLASSES*/

export default {
  fetch: (request, env, ctx) => exports.fetch(request, env, ctx),
  queue: (batch, env, ctx) => exports.queue(batch, env, ctx),
  scheduled: (event, env, ctx) => exports.scheduled(event, env, ctx),
};
