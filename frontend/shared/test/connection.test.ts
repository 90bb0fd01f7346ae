import { beforeEach, describe, expect, test } from 'vitest';
import { GrantRefused, openConnection } from '../connection.ts';
import type { Connection } from '../connection.ts';
import type { Grant, LinkState } from '../connection.ts';
import { newClientId } from '../client-id.ts';
import { ticketAgent, ticketLifetime } from '../ticket.ts';
import { codec } from '../wire/codec.ts';
import { FULL_TABLE } from '../wire/table.ts';
import type { Init, ServerFrame } from '../wire/types.ts';
import { FakeEnv, settle } from './fake-env.ts';

const wire = codec(FULL_TABLE);
const MINUTE = 60_000;

let env: FakeEnv;
let grants: boolean[];
let supply: (fresh: boolean) => Promise<Grant>;
let states: LinkState[];
let frames: ServerFrame[];
let connection: Connection;

beforeEach(() => {
  env = new FakeEnv();
  grants = [];
  states = [];
  frames = [];
  supply = async () => ({ url: 'wss://chat.example/socket', ticket: `t${grants.length}`, ttlMs: 15 * MINUTE });
  connection = openConnection<ServerFrame>({
    env,
    grant: (fresh) => {
      grants.push(fresh);
      return supply(fresh);
    },
    encode: (frame) => wire.encode('ClientFrame', frame),
    decode: (bytes) => wire.decode('ServerFrame', bytes),
    onOpen: () => connection.send({ hello: {} }),
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
  });
});

const give = (frame: Init<ServerFrame>) => env.socket.give(wire.encode('ServerFrame', frame).buffer);
const kind = () => connection.state.kind;

async function goLive(): Promise<void> {
  connection.start();
  await settle();
  env.socket.open();
  give({ welcome: {} });
  expect(kind()).toBe('live');
}

describe('connecting', () => {
  test('CN2: the ticket travels as a subprotocol', async () => {
    connection.start();
    await settle();
    expect(env.socket.protocols).toEqual(['bellhop.v1.proto', 'ticket.t1']);
    expect(env.socket.url).not.toContain('t1');
  });

  test('CN4: live comes with the first frame that is no error', async () => {
    connection.start();
    await settle();
    env.socket.open();
    expect(env.socket.sent).toHaveLength(1);
    expect(kind()).toBe('connecting');
    give({ error: { code: 'internal' } });
    env.socket.give('pong');
    expect(kind()).toBe('connecting');
    give({ welcome: {} });
    expect(states.map((state) => state.kind)).toEqual(['connecting', 'live']);
  });

  test.each([
    ['never opens', () => {}],
    ['opens and is silent', () => env.socket.open()],
    ['answers with an error only', () => (env.socket.open(), give({ error: { code: 'hello_first' } }))],
  ])('CN4: a socket that %s is given up after 15 s', async (_, meanwhile) => {
    connection.start();
    await settle();
    meanwhile();
    await env.pass(14_999);
    expect(kind()).toBe('connecting');
    await env.pass(1);
    expect(kind()).toBe('waiting');
  });

  test('CN1: an earlier socket is closed and no longer heard', async () => {
    await goLive();
    const old = env.socket;
    connection.restart();
    await settle();
    expect(old.closedWith).toBe(1000);
    old.end(4504);
    old.give(wire.encode('ServerFrame', { done: {} }).buffer);
    expect(kind()).toBe('connecting');
    expect(frames).toHaveLength(1);
  });

  test('CN1: a ticket that comes after a pause opens nothing', async () => {
    connection.start();
    connection.pause();
    await settle();
    expect(env.sockets).toHaveLength(0);
    expect(kind()).toBe('idle');
  });

  test('CN3: a reconnect uses the ticket again until 30 s before its end', async () => {
    await goLive();
    env.socket.end(1006);
    await env.pass(250);
    expect(env.socket.protocols[1]).toBe('ticket.t1');
    env.clock += 14.6 * MINUTE;
    env.socket.end(1006);
    await env.pass(500);
    expect(env.socket.protocols[1]).toBe('ticket.t2');
    expect(grants).toEqual([false, true]);
  });

  test('CN16: a page that was put away and comes back asks for a ticket anew, however good the old one is', async () => {
    await goLive();
    connection.pause();
    connection.start();
    await settle();
    expect(env.socket.protocols[1]).toBe('ticket.t2');
    expect(grants).toEqual([false, false]);
  });

  test('CN16: so does one that a newer page had driven out', async () => {
    await goLive();
    env.socket.end(4503);
    connection.pause();
    expect(kind()).toBe('idle');
    connection.start();
    await settle();
    expect(env.socket.protocols[1]).toBe('ticket.t2');
    expect(grants).toEqual([false, false]);
  });

  test('CN12: a pause leaves alone what is over', async () => {
    await goLive();
    env.socket.end(4504);
    connection.pause();
    connection.start();
    await settle();
    expect(connection.state).toEqual({ kind: 'stopped', code: 4504 });
  });

  test('CN15: nothing is sent, and nothing kept, without an open socket', async () => {
    expect(connection.send({ read: { seq: 1 } })).toBe(false);
    await goLive();
    expect(env.socket.sent).toHaveLength(1);
    env.socket.end(1006);
    expect(connection.send({ read: { seq: 1 } })).toBe(false);
  });
});

describe('the heartbeat', () => {
  test('CN5: the first ping has jitter, the others come each 25 s', async () => {
    env.chance = 0.2;
    await goLive();
    await env.pass(4_999);
    expect(env.socket.pings).toBe(0);
    await env.pass(1);
    expect(env.socket.pings).toBe(1);
    env.socket.give('pong');
    await env.pass(24_999);
    expect(env.socket.pings).toBe(1);
    await env.pass(1);
    expect(env.socket.pings).toBe(2);
  });

  test('CN6: 10 s without an answer is dead', async () => {
    await goLive();
    const { socket } = env;
    await env.pass(12_500 + 9_999);
    expect(kind()).toBe('live');
    await env.pass(1);
    expect(kind()).toBe('waiting');
    expect(socket.closedWith).toBe(1000);
  });

  test('CN6: any frame is an answer', async () => {
    await goLive();
    await env.pass(12_500 + 5_000);
    give({ done: {} });
    await env.pass(15_000);
    expect(kind()).toBe('live');
  });

  test('CN11: a check gives a live line 3 s', async () => {
    await goLive();
    connection.check();
    expect(env.socket.pings).toBe(1);
    await env.pass(2_999);
    expect(kind()).toBe('live');
    await env.pass(1);
    expect(kind()).toBe('waiting');
  });

  test('CN11: a check of a waiting line tries at once', async () => {
    await goLive();
    env.socket.end(1006);
    expect(kind()).toBe('waiting');
    connection.check();
    await settle();
    expect(env.sockets).toHaveLength(2);
  });
});

describe('coming back', () => {
  /** The ceiling of each of the next waits, seen with the largest jitter. */
  async function ceilings(count: number): Promise<number[]> {
    env.chance = 1;
    const found: number[] = [];
    for (let i = 0; i < count; i++) {
      env.socket.end(1006);
      const state = connection.state as { until: number };
      found.push(state.until - env.clock);
      await env.pass(state.until - env.clock);
    }
    return found;
  }

  test('CN7: the ceiling doubles from 0.5 s to 30 s', async () => {
    await goLive();
    expect(await ceilings(8)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test('CN7: a hidden tab waits up to 5 minutes', async () => {
    await goLive();
    env.isHidden = true;
    expect((await ceilings(12)).at(-1)).toBe(300_000);
  });

  test('CN7: the wait is drawn from all of it', async () => {
    await goLive();
    env.chance = 0;
    env.socket.end(1006);
    expect((connection.state as { until: number }).until).toBe(env.clock);
  });

  test('CN7: 10 s of life start it from the bottom; less does not', async () => {
    await goLive();
    await ceilings(3);
    env.socket.open();
    give({ welcome: {} });
    await env.pass(9_999);
    expect(await ceilings(1)).toEqual([4_000]);
    env.socket.open();
    give({ welcome: {} });
    await env.pass(10_000);
    expect(await ceilings(1)).toEqual([500]);
  });

  test('CN8: the time that the server named is kept, by checks too', async () => {
    await goLive();
    give({ error: { code: 'rate_limited', retryable: true, retryAfterMs: 20_000 } });
    env.socket.end(4029);
    connection.check();
    expect(connection.state).toEqual({ kind: 'waiting', until: env.clock + 20_000, asked: true });
    await env.pass(19_999);
    expect(env.sockets).toHaveLength(1);
    await env.pass(1);
    expect(env.sockets).toHaveLength(2);
  });

  test('CN8: a time that was kept is over, though the clock is set back', async () => {
    await goLive();
    give({ error: { code: 'rate_limited', retryAfterMs: 20_000 } });
    env.socket.end(4029);
    await env.pass(20_000);
    env.socket.open();
    give({ welcome: {} });
    env.clock -= 600_000;
    env.socket.end(1006);
    expect((connection.state as { until: number }).until - env.clock).toBeLessThanOrEqual(1_000);
  });

  test('CN8: the refusal of one message does not hold the line', async () => {
    await goLive();
    give({ error: { code: 'rate_limited', retryAfterMs: 20_000, clientId: 'a' } });
    env.socket.end(1006);
    expect((connection.state as { until: number }).until - env.clock).toBeLessThanOrEqual(500);
  });

  test.each([1000, 1001, 1006, 1011, 1012, 4000, 4008, 4029, 4499])('CN9: %i comes back', async (code) => {
    await goLive();
    env.socket.end(code);
    expect(kind()).toBe('waiting');
  });

  test.each([4500, 4501, 4504, 4999])('CN9: %i ends it', async (code) => {
    await goLive();
    env.socket.end(code);
    expect(connection.state).toEqual({ kind: 'stopped', code });
    connection.check();
    connection.start();
    await env.pass(10 * MINUTE);
    expect(env.sockets).toHaveLength(1);
    connection.restart();
    await settle();
    expect(env.sockets).toHaveLength(2);
  });

  test('CN17: 4503 ends it until somebody looks at its page again, or goes on there', async () => {
    await goLive();
    env.isHidden = true;
    env.socket.end(4503);
    expect(connection.state).toEqual({ kind: 'stopped', code: 4503 });
    connection.check();
    await env.pass(10 * MINUTE);
    env.isHidden = false;
    await env.pass(10 * MINUTE);
    expect(env.sockets).toHaveLength(1);
    connection.check();
    connection.check();
    await settle();
    expect([env.sockets.length, grants]).toEqual([2, [false, true]]);
    env.socket.open();
    give({ welcome: {} });
    // Another window that is looked at: neither drives the other out again by itself.
    env.socket.end(4503);
    await env.pass(10 * MINUTE);
    expect(env.sockets).toHaveLength(2);
    connection.start();
    await settle();
    expect(env.sockets).toHaveLength(3);
  });

  test('CN10: 4010 asks for a new ticket', async () => {
    await goLive();
    env.socket.end(4010);
    await env.pass(500);
    expect(grants).toEqual([false, true]);
    expect(env.socket.protocols[1]).toBe('ticket.t2');
  });

  test('CN14: a frame that cannot be read makes it start over from the cursor', async () => {
    await goLive();
    env.socket.give(new Uint8Array([0x0a, 0x05]).buffer);
    expect(kind()).toBe('waiting');
  });

  test('without a network it says so, and still tries', async () => {
    await goLive();
    env.isOnline = false;
    env.socket.end(1006);
    expect(kind()).toBe('offline');
    await env.pass(500);
    expect(env.sockets).toHaveLength(2);
  });

  test('a refused ticket stops it, or says when to come back', async () => {
    supply = async () => Promise.reject(new GrantRefused(undefined, 7_000));
    connection.start();
    await settle();
    expect(connection.state).toEqual({ kind: 'waiting', until: env.clock + 7_000, asked: true });
    supply = async () => Promise.reject(new GrantRefused(4504));
    await env.pass(7_000);
    expect(connection.state).toEqual({ kind: 'stopped', code: 4504 });
  });

  test('a ticket request that fails is tried again', async () => {
    supply = async () => Promise.reject(new TypeError('network'));
    connection.start();
    await settle();
    expect(kind()).toBe('waiting');
  });

  test('CN12: a page that comes back starts from the bottom', async () => {
    await goLive();
    await ceilings(8);
    connection.pause();
    await goLive();
    expect(await ceilings(1)).toEqual([500]);
  });

  test('CN12: a pause closes the socket, a start brings it back', async () => {
    await goLive();
    const first = env.socket;
    connection.pause();
    expect(first.closedWith).toBe(1000);
    await env.pass(10 * MINUTE);
    expect(env.sockets).toHaveLength(1);
    connection.start();
    await settle();
    expect(env.sockets).toHaveLength(2);
  });
});

describe('renewing', () => {
  test.each([
    [0, 9],
    [1, 12],
  ])('CN13: with chance %d the next ticket goes out after %d minutes', async (chance, minutes) => {
    env.chance = chance;
    await goLive();
    const pong = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 1_000) {
        await env.pass(1_000);
        env.socket.give('pong');
      }
    };
    await pong((minutes - 1) * MINUTE);
    expect(grants).toEqual([false]);
    await pong(MINUTE + 1_000);
    expect(grants).toEqual([false, true]);
    const last = env.socket.sent.filter((data) => typeof data !== 'string').at(-1) as Uint8Array;
    expect(wire.decode('ClientFrame', last)).toEqual({ renew: { ticket: 't2' } });
    expect(kind()).toBe('live');
  });

  test('CN13: a renewal that leads elsewhere opens that', async () => {
    await goLive();
    const first = env.socket;
    supply = async () => ({ url: 'wss://chat.example/another', ticket: 'other', ttlMs: 15 * MINUTE });
    for (let i = 0; i < 720 && env.sockets.length === 1; i++) {
      await env.pass(1_000);
      first.give('pong');
    }
    expect(env.sockets).toHaveLength(2);
    expect(first.closedWith).toBe(1000);
    expect(env.socket.protocols[1]).toBe('ticket.other');
  });

  test('CN13: a renewal that is refused waits for as long as the server says', async () => {
    await goLive();
    supply = async () => Promise.reject(new GrantRefused(undefined, 5 * MINUTE));
    let asked = 0;
    for (let i = 0; i < 720 + 299; i++) {
      await env.pass(1_000);
      env.socket.give('pong');
      if (grants.length === 2) asked ||= env.clock;
      if (asked && env.clock < asked + 5 * MINUTE) expect(grants).toHaveLength(2);
    }
    expect(asked).toBeGreaterThan(0);
  });

  test('CN13: a failed renewal leaves the socket open and is tried again', async () => {
    await goLive();
    supply = async () => Promise.reject(new TypeError('network'));
    for (let i = 0; i < 700; i++) {
      await env.pass(1_000);
      env.socket.give('pong');
    }
    expect(kind()).toBe('live');
    expect(grants.length).toBeGreaterThan(2);
  });
});

test('a client id is 20 digits of base 32', () => {
  expect(newClientId()).toMatch(/^[\da-v]{20}$/);
  expect(new Set(Array.from({ length: 1000 }, () => newClientId())).size).toBe(1000);
});

test('the lifetime of a ticket is its own, or ten minutes', () => {
  const ticket = (claims: object) => `a.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.c`;
  expect(ticketLifetime(ticket({ iat: 1000, exp: 1900 }))).toBe(15 * MINUTE);
  for (const text of ['', 'a.b.c', ticket({}), ticket({ iat: 5, exp: 5 })]) expect(ticketLifetime(text)).toBe(10 * MINUTE);
});

test('a ticket says whose it is, if it is an agent’s', () => {
  const ticket = (claims: unknown) => `a.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.c`;
  expect(ticketAgent(ticket({ kind: 'agent', agent: 'agt_1' }))).toBe('agt_1');
  for (const text of ['', 'a.b.c', ticket({ kind: 'visitor' }), ticket(null), ticket({ agent: 1 })]) expect(ticketAgent(text)).toBe('');
});
