// A module before the bundle that tells whenever an object is made, and since when it has had nothing to do: so a test
// knows that one was woken, is about to be gone, or was gone.
/** For `start({entry})`; each object is a line of the server's output. */
export const COUNTING = `
import app, * as all from 'index.js';
const HANDLERS = ['fetch', 'alarm', 'webSocketMessage', 'webSocketClose', 'webSocketError'];
const lastEvents = {};
const counted = (name) => new Proxy(all[name], {
  construct(target, args, self) {
    const it = name + ' ' + args[0].id;
    console.log('made ' + it);
    const noted = async (handling) => {
      try {
        lastEvents[it] = Date.now();
        return await handling();
      } finally {
        lastEvents[it] = Date.now();
      }
    };
    return new Proxy(Reflect.construct(target, args, self), {
      get: (object, name) => {
        const value = object[name];
        return HANDLERS.includes(name) ? (...event) => noted(() => value.apply(object, event)) : value;
      },
    });
  },
});
export const Room = counted('Room');
export const Desk = counted('Desk');
export const Limiter = counted('Limiter');
export default app;
`;

/** Rooms and Desks that were ever made, each once: one that its own alarm has woken again is no new one. */
export const objects = (server) => [...new Set(server.output().match(/made (Room|Desk) \w+/g))].sort();

/** How many objects of a kind (`Room`, or `Room <id>`) were made so far. */
export const made = (server, what) => server.output().split(`made ${what}`).length - 1;
