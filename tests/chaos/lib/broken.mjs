// The product broken on purpose, by a module before the bundle: what the checkers must find. `BREAK=<name>` of `make chaos`.
const broken = (body) => `
import app, * as all from 'index.js';
${body}
${['Room', 'Desk', 'Limiter'].filter((name) => !body.includes(`export const ${name}`)).map((name) => `export const ${name} = all.${name};`).join('\n')}
export default app;
`;

/** An object of this kind whose database skips the statements that begin so, wherever `skips` (of `values`, `n`) is true. */
const unwritten = (kind, statement, skips) => `
let n = 0;
export const ${kind} = new Proxy(all.${kind}, {
  construct(target, args, self) {
    const { sql } = args[0].storage;
    const exec = sql.exec.bind(sql);
    sql.exec = (text, ...values) => (/${statement}/.test(text) && (n++, ${skips}) ? exec('SELECT 1') : exec(text, ...values));
    return Reflect.construct(target, args, self);
  },
});`;

const BROKEN = {
  // One entry in forty is acknowledged but not written.
  'ack-without-row': {
    entry: broken(unwritten('Room', 'INSERT INTO public_log', 'n % 40 === 0')),
  },
  // What the Desk decides about every other conversation is answered but not written.
  'decision-without-row': {
    entry: broken(unwritten('Desk', 'INSERT INTO conversations', '/[0-7]$/.test(values[0])')),
  },
  // Rooms obey, and do not write down one change in three.
  'record-without-row': {
    entry: broken(unwritten('Room', 'INSERT INTO room ', 'n % 3 === 0')),
  },
  // One frame in sixty goes to nobody.
  'frame-lost': {
    entry: broken(`
let n = 0;
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (data) { if (n++ % 60 !== 59) return send.call(this, data); };`),
  },
  // Of an agent's list only the first page comes (`desk_page` in an agent's frame).
  'page-lost': {
    entry: broken(`
const isPage = (data) => {
  const [tag, more] = typeof data === 'string' ? [] : new Uint8Array(data);
  return tag === 0xf2 && more === 0x03;
};
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (data) { if (!isPage(data)) return send.call(this, data); };`),
  },
  // The history never hears of anything again, and the queue calls it a success.
  'batches-lost': { rates: { drop: 1 } },
  // The disk is never asked to hold anything: fsync.test.mjs.
  'no-fsync': {},
};

export const BREAK = process.env.BREAK ? BROKEN[process.env.BREAK] ?? (() => { throw new Error(`BREAK is one of ${Object.keys(BROKEN).join(', ')}`); })() : undefined;
