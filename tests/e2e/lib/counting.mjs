// A module before the bundle that tells whenever an object is made: so a test knows that one was woken, or was gone.
/** For `start({entry})`; each object is a line of the server's output. */
export const COUNTING = `
import app, * as all from 'index.js';
const counted = (name) => new Proxy(all[name], {
  construct(target, args, self) {
    console.log('made ' + name + ' ' + args[0].id);
    return Reflect.construct(target, args, self);
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
