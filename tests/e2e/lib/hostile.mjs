// What a hostile client sends, drawn from a seed: the same seed gives the same bytes.
import { constants, deflateRawSync } from 'node:zlib';

/** A generator of numbers below 1 (mulberry32). */
export function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n) => Math.floor(next() * n);
  const pick = (list) => list[below(list.length)];
  const bytes = (n) => Buffer.from(Array.from({ length: n }, () => below(256)));
  return { next, below, pick, bytes };
}

const HUGE = ['1e400', '-1e400', '9007199254740993', '18446744073709551616', '-1', '0.5', '"99999999999999999999999999"', 'NaN', '1e308', '-0'];
const GOOD = ['{"hello":{"after":"3","tip":"msg_a"}}', '{"send":{"clientId":"a","text":"hi"}}', '{"page":{"before":"7"}}', '{"typing":{"on":true,"preview":"x"}}', '{"read":{"seq":"1"}}', '{"identify":{"name":"A","attributes":{"a":"b"}}}', '{"renew":{"ticket":"a.b.c"}}'];

/** Text that is certainly no frame of JSON; each is answered by an error. */
export function badText(it) {
  const good = it.pick(GOOD);
  return it.pick([
    () => good.slice(0, 1 + it.below(good.length - 1)),
    () => '['.repeat(1 + it.below(it.next() < 0.05 ? 20_000 : 500)),
    () => `{"send":${'{"a":'.repeat(1 + it.below(it.next() < 0.05 ? 5_000 : 100))}`,
    () => `{"send":{"clientId":"a","text":${'['.repeat(200)}${']'.repeat(200)}}}`,
    () => `{"page":{"before":${it.pick(HUGE)}}`,
    () => `{"delivered":{"seq":${it.pick(['1e400', '-1', '0.5', '18446744073709551616', '"x"', 'NaN', '[]', '{}'])}}}`,
    () => `{"send":{"clientId":${it.below(100)},"text":"a"}}`,
    () => `{"send":{"clientId":"${'i'.repeat(65 + it.below(500))}","text":"a"}}`,
    () => `{"send":{"clientId":"a b","text":"a"}}`,
    () => `{"send":{"clientId":"a","text":"${'t'.repeat(8_001 + it.below(it.next() < 0.05 ? 20_000 : 100))}"}}`,
    () => '{"send":{"clientId":"a","text":""}}',
    () => `{"no_such_frame_${it.below(1_000)}":{}}`,
    () => `{"send":{"clientId":"a","text":"\\ud800"}}`,
    () => '{"hello":{},"send":{}}',
    () => `"${'x'.repeat(it.below(3_000))}"`,
    () => it.pick(['', ' ', 'null', 'true', '[]', '0', '{', '}', '\u0000', '\ufeff{}', 'ping ', 'pong', 'PING']),
    () => good.replace(/"/g, () => (it.next() < 0.3 ? "'" : '"')).replace(/^\{"/, "{'"),
  ])();
}

/** Bytes that are certainly no frame of protobuf. */
export function badBytes(it) {
  return it.pick([
    // A length that goes beyond the end.
    () => Buffer.concat([Buffer.from([0x0a, 0x7f]), it.bytes(it.below(100))]),
    // A number that does not end.
    () => Buffer.alloc(11 + it.below(200), 0xff),
    // Wire types that do not exist, and field number 0.
    () => Buffer.concat([Buffer.from([0x07]), it.bytes(it.below(50))]),
    () => Buffer.concat([Buffer.from([0x00]), it.bytes(1 + it.below(50))]),
    // Groups within groups without an end.
    () => Buffer.alloc(1 + it.below(it.next() < 0.05 ? 30_000 : 500), 0x0b),
    // `send` whose text is no UTF-8.
    () => Buffer.from([0x12, 0x07, 0x0a, 0x01, 0x61, 0x12, 0x02, 0xc3, 0x28]),
    () => Buffer.from([0x12, 0x06, 0x0a, 0x01, 0x61, 0x12, 0x01, 0xff]),
    () => Buffer.from([0x0a]),
  ])();
}

/** A frame's payload, deflated as permessage-deflate has it: without the last four bytes of the flush (RFC 7692, 7.2.1). */
export const deflated = (payload) => deflateRawSync(payload, { level: 9, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

/** After a full flush nothing refers to what came before: as many as one likes, one after the other, are one stream. */
const MIB_OF_X = deflateRawSync(Buffer.alloc(1024 * 1024, 0x78), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
/** A deflated payload of so many MiB: a thousandth of it travels. */
export const bomb = (mib) => Buffer.concat(Array(mib).fill(MIB_OF_X)).subarray(0, -4);

const CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535];

/** Wrong WebSocket at the level of bytes: `[name, options for frame(), payload]`. */
export function badFrame(it) {
  return it.pick([
    // workerd reads it all the same, so it is answered as what it is.
    () => ['no mask', { mask: false }, '{"page":'],
    () => ['a reserved opcode', { opcode: it.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) }, it.bytes(it.below(50))],
    () => ['reserved bits', { rsv: 1 + it.below(7) }, 'x'],
    () => ['a continuation of nothing', { opcode: 0 }, 'x'],
    () => ['a control frame in pieces', { opcode: 9, fin: false }, 'x'],
    () => ['a long control frame', { opcode: 9 }, Buffer.alloc(126 + it.below(1_000))],
    () => ['a close with half a code', { opcode: 8 }, Buffer.from([3])],
    () => { const code = Buffer.alloc(2); code.writeUInt16BE(it.pick(CODES)); return ['a close with a wrong code', { opcode: 8 }, code]; },
    () => ['a length of 2^63', { length: 2n ** 63n }, 'x'],
    () => ['a length of 2^40', { length: 2n ** 40n }, 'x'],
    () => ['33 MiB announced', { length: 33n * 1024n * 1024n }, 'x'],
    () => ['text that is no UTF-8', { opcode: 1 }, it.pick([Buffer.from([0xff, 0xfe]), Buffer.from([0xc3, 0x28]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xf4, 0x90, 0x80, 0x80]), it.bytes(20)])],
  ])();
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND'];
const PATHS = ['/v1/session', '/api/v1/login', '/api/v1/me', '/api/v1/conversations', '/api/v1/search?q=%ff%fe', '/v1/rooms/x/socket', `/v1/rooms/cnv_${'ab'.repeat(32)}/socket`, '/v1/desk/socket', '/ops/v1/seed', '/ops/v1/health', '/api/v1/links/follow', '/api/v1/setup', '/api/v1/agents/agt_x/disable', '/api/v1/%2e%2e/%2e%2e/etc/passwd', '/v1//session', '/api/v1/sites/%00'];

/** A request that is refused: `[method, path, headers, body]`. */
export function badRequest(it) {
  const body = it.pick([
    () => badText(it),
    () => it.bytes(it.below(2_000)),
    () => `{"site":"${'s'.repeat(it.below(3_000))}"}`,
    () => `{"email":"a@b.c","password":${it.pick(HUGE)}}`,
    () => '{"a":'.repeat(1 + it.below(2_000)),
    () => undefined,
  ])();
  const headers = it.pick([
    () => ({ 'content-type': 'application/json' }),
    () => ({ 'content-type': it.pick(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'x']) }),
    () => ({ 'content-type': 'application/json', authorization: `Bearer ${it.pick(['', 'a.b.c', 'x'.repeat(3_000)])}` }),
    () => ({ 'content-type': 'application/json', cookie: `bellhop=${it.pick(['a.b.c', '%00', 'x'.repeat(3_000)])}` }),
    () => ({ 'content-type': 'application/json', origin: it.pick(['null', 'http://', 'https://evil.example', 'x'.repeat(500)]) }),
  ])();
  const path = it.next() < 0.7 ? it.pick(PATHS) : `/${it.pick(['api', 'v1', 'ops'])}/${encodeURIComponent(it.bytes(it.below(30)).toString('latin1'))}`;
  return [it.pick(METHODS), path, headers, body];
}

/** HTTP that is none. */
export function badHttp(it) {
  return it.pick([
    () => it.bytes(1 + it.below(500)),
    () => 'GET / HTTP/9.9\r\n\r\n',
    () => `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    () => `GET /api/v1/me HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(5_000)}\r\n`,
    () => `POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: ${it.pick(['-1', '99999999999999999999', '1e3', 'x'])}\r\n\r\n{}`,
    () => 'POST /v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n',
    () => 'POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    () => 'GET /v1/desk/socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n',
    () => '\r\n\r\n\r\n\r\n',
    () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ])();
}
