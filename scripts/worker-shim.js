// The module that the runtime loads: it binds the exports of the Rust bundle to the names the runtime looks for.
// `/*CLASSES*/` is replaced by one export for each Durable Object class of wrangler.toml.
import * as exports from './index.js';

Error.stackTraceLimit = 100;

// A panic unwinds and stays in its request. A trap (stack overflow, out of memory) can't: with the next call into the module
// the bindings start a fresh instance of it and count `instanceId` up. Objects of the old instance would point into memory that
// is gone, so an object made before is made again from the same state the next time the runtime calls it. Nobody knows what the
// old one had written and not told, or was about to tell: its sockets are asked to come again, which makes everyone whole.
const init = exports.__worker_init_state();

// `CloseCode::Restart` of src/core/error.rs, and the empty attachment by which src/edge/socket.rs knows a socket that is over.
const RESTART = [4000, 'restart'];

const sendAway = (socket) => {
  try {
    socket.serializeAttachment('');
    socket.close(...RESTART);
  } catch {
    // It was closing already.
  }
};

// The largest frame taken from a client: `FRAME_BYTES` of src/core/limits/mod.rs, which a test holds this against. Memory of
// WebAssembly never shrinks, so what is larger (the runtime takes 32 MiB) is refused by its length, before it is copied
// there: the socket ends with 1009, and the object hears of the end at once, whenever the other side agrees.
const FRAME_BYTES = 65_536;
const TOO_LARGE = 1009;

const isTooLarge = (message) => {
  if (typeof message !== 'string') return message.byteLength > FRAME_BYTES;
  // A UTF-16 unit is one to three bytes of UTF-8: only what lies between must be counted.
  if (message.length > FRAME_BYTES) return true;
  return message.length * 3 > FRAME_BYTES && new TextEncoder().encode(message).byteLength > FRAME_BYTES;
};

const receive = (object, socket, message) => {
  // An object that is awake takes a frame at once, without a promise for the runtime to follow.
  if (!isTooLarge(message)) return object.takeNow?.(socket, message) ? undefined : object.webSocketMessage(socket, message);
  try {
    socket.close(TOO_LARGE, 'too_large');
  } catch {
    // It was closing already.
  }
  return object.webSocketClose(socket, TOO_LARGE, 'too_large', false);
};

const follow = {
  construct(ctor, args, newTarget) {
    let object = Reflect.construct(ctor, args, newTarget);
    let instance = init.instanceId;
    const current = () => {
      exports.alive?.();
      if (instance !== init.instanceId) {
        args[0].getWebSockets().forEach(sendAway);
        object = Reflect.construct(ctor, args, newTarget);
        instance = init.instanceId;
      }
      return object;
    };
    const message = (socket, data) => receive(current(), socket, data);
    return new Proxy(object, {
      get: (_, name) => (name === 'webSocketMessage' ? message : Reflect.get(current(), name)),
      set: (_, name, value) => Reflect.set(current(), name, value),
      has: (_, name) => Reflect.has(current(), name),
    });
  },
};

/*CLASSES*/

export default {
  fetch(request, env, ctx) {
    const answer = exports.fetch(request, env, ctx);
    // Whoever hangs up ends what their request does. What changes something goes on: in D1 it is done, and others have yet to hear.
    if (request.method !== 'GET') ctx.waitUntil(answer);
    return answer;
  },
  queue: (batch, env, ctx) => exports.queue(batch, env, ctx),
  scheduled: (event, env, ctx) => exports.scheduled(event, env, ctx),
};
