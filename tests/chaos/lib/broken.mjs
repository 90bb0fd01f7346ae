// The product broken on purpose, by a module before the bundle: what the checkers must find. `BREAK=<name>` of `make chaos`.
const room = (body) => `
import app, * as all from 'index.js';
${body}
export const Desk = all.Desk;
export const Limiter = all.Limiter;
export default app;
`;

const BROKEN = {
  // One entry in forty is acknowledged but not written.
  'ack-without-row': {
    entry: room(`
let n = 0;
export const Room = new Proxy(all.Room, {
  construct(target, args, self) {
    const { sql } = args[0].storage;
    const exec = sql.exec.bind(sql);
    sql.exec = (text, ...values) => (/INSERT INTO public_log/.test(text) && n++ % 40 === 39 ? exec('SELECT 1') : exec(text, ...values));
    return Reflect.construct(target, args, self);
  },
});`),
  },
  // One frame in sixty goes to nobody.
  'frame-lost': {
    entry: room(`
let n = 0;
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (data) { if (n++ % 60 !== 59) return send.call(this, data); };
export const Room = all.Room;`),
  },
  // The history never hears of anything again, and the queue calls it a success.
  'batches-lost': { rates: { drop: 1 } },
  // The disk is never asked to hold anything: fsync.test.mjs.
  'no-fsync': {},
};

export const BREAK = process.env.BREAK ? BROKEN[process.env.BREAK] ?? (() => { throw new Error(`BREAK is one of ${Object.keys(BROKEN).join(', ')}`); })() : undefined;
