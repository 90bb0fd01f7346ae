import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codec, WireError } from '../wire/codec.ts';
import { fromJson, toJson } from '../wire/json.ts';
import { FULL_TABLE, VISITOR_TABLE } from '../wire/table.ts';
import type { Messages } from '../wire/types.ts';

interface Golden {
  name: string;
  type: 'ClientFrame' | 'ServerFrame' | 'AgentFrame';
  json: Record<string, unknown>;
  hex: string;
}

const goldenDir = new URL('../../../tests/golden/', import.meta.url);
const load = (dir: URL): Golden[] =>
  readdirSync(dir)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(new URL(file, dir), 'utf8')) as Golden);
const golden = load(goldenDir);
const invalid = load(new URL('invalid/', goldenDir));

const wire = codec(FULL_TABLE);
const visitor = codec(VISITOR_TABLE);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('golden frames', () => {
  test.each(golden.map((one) => [one.name, one] as const))('%s', (_, { type, json, hex: expected }) => {
    const message = fromJson(type, json);
    expect(hex(wire.encode(type, message))).toBe(expected);
    expect(wire.decode(type, bytes(expected))).toEqual(message);
    expect(toJson(type, message)).toEqual(json);
  });

  test('cover every member of every frame', () => {
    for (const type of ['ClientFrame', 'ServerFrame', 'AgentFrame'] as const) {
      const members = wire.shape.get(type)!.map((field) => field.name);
      const covered = golden.filter((one) => one.type === type).flatMap((one) => Object.keys(one.json));
      // An agent's frames repeat a server's number for number.
      if (type === 'AgentFrame') covered.push(...wire.shape.get('ServerFrame')!.map((field) => field.name));
      expect(members.filter((name) => !covered.includes(name))).toEqual([]);
    }
  });

  test.each(invalid.map((one) => [one.name, one] as const))('refused: %s', (_, { type, hex: text }) => {
    expect(() => wire.decode(type, bytes(text))).toThrow(WireError);
  });

  test('every cut of every frame is refused or is a shorter frame, and nothing else is thrown', () => {
    for (const { type, hex: text } of golden) {
      const whole = bytes(text);
      for (let length = 1; length < whole.length; length++) {
        expect(() => wire.decode(type, whole.subarray(0, length))).toThrow(WireError);
      }
    }
  });
});

describe('what a visitor needs', () => {
  test.each(golden.filter((one) => one.type === 'ServerFrame').map((one) => [one.name, one] as const))(
    'reads %s',
    (_, { hex: text }) => {
      expect(wire.decode('ServerFrame', bytes(text))).toMatchObject(visitor.decode('ServerFrame', bytes(text)));
    },
  );

  test('names no private frame', () => {
    for (const word of ['PrivateMessage', 'note', 'Note', 'Desk', 'Claim', 'VisitorProfile']) expect(VISITOR_TABLE).not.toContain(word);
  });
});

describe('binary decoding', () => {
  const ack = (text: string) => wire.decode('Ack', bytes(text));

  test('a field that is unknown is passed over, whatever its wire type', () => {
    const known = '1007';
    for (const unknown of ['f80102', 'f901 0102030405060708', 'fa01 03 616263', 'fd01 01020304', 'f801 ffffffffffffffffff01']) {
      expect(ack(unknown + known + unknown).seq).toBe(7);
    }
  });

  test('a group is refused: proto3 has none', () => {
    for (const group of ['fb01 0801 fc01', 'fc01', 'fe01', 'ff01']) expect(() => ack(group)).toThrow(WireError);
  });

  test('2^53 - 1 is the largest integer', () => {
    expect(ack('10ffffffffffffff0f').seq).toBe(Number.MAX_SAFE_INTEGER);
    for (const text of ['108080808080808010', '10ffffffffffffffffff01', '1080808080808080808001']) {
      expect(() => ack(text)).toThrow(WireError);
    }
    for (const seq of [-1, 0.5, NaN, Infinity, 2 ** 53]) expect(() => wire.encode('Ack', { seq })).toThrow(WireError);
  });

  test('a padded varint is as good as a short one', () => {
    expect(ack('10878000').seq).toBe(7);
  });

  test('the last member of a oneof wins; the same member twice is merged', () => {
    expect(wire.decode('ClientFrame', bytes('1a020801 22020802'))).toEqual({ read: { seq: 2 } });
    expect(wire.decode('ClientFrame', bytes('12030a0161 1203120162'))).toEqual({ send: { clientId: 'a', text: 'b', choice: '' } });
  });

  test('a map entry may lack its key or value, and its last value counts', () => {
    const { attributes } = wire.decode('Identify', bytes('1a00 1a030a0161 1a060a0162120163 1a060a0162120164'));
    expect([...attributes]).toEqual([['', ''], ['a', ''], ['b', 'd']]);
  });

  test('what a page gives as null is nothing', () => {
    const given = { identify: { name: null, email: 'a@b.example', attributes: new Map([['plan', null]]) } } as never;
    expect(wire.encode('ClientFrame', given)).toEqual(wire.encode('ClientFrame', { identify: { email: 'a@b.example', attributes: new Map([['plan', '']]) } }));
  });

  test('names of object members are names like others', () => {
    const attributes = new Map([['__proto__', 'x'], ['constructor', 'y']]);
    const again = wire.decode('Identify', wire.encode('Identify', { attributes }));
    expect([...again.attributes]).toEqual([...attributes]);
  });

  test('a byte order mark stays, a lone surrogate becomes U+FFFD', () => {
    const through = (text: string) => wire.decode('Send', wire.encode('Send', { text })).text;
    expect(through('\ufeffa')).toBe('\ufeffa');
    expect(through('a\ud800b')).toBe('a\ufffdb');
  });

  test('random bytes end in a message or a WireError', () => {
    let seed = 7;
    const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
    let accepted = 0;
    for (let round = 0; round < 20_000; round++) {
      const noise = Uint8Array.from({ length: Math.floor(random() * 24) }, () => Math.floor(random() * 256));
      try {
        wire.decode('AgentFrame', noise);
        accepted++;
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }
    expect(accepted).toBeGreaterThan(0);
  });
});

describe('proto3 JSON', () => {
  const ok: [string, keyof Messages, unknown, unknown][] = [
    ['names as in the protocol file', 'Hello', { log_epoch: '3', after_private: 4 }, { logEpoch: '3', afterPrivate: '4' }],
    ['integers as numbers', 'Read', { seq: 12 }, { seq: '12' }],
    ['enums by number', 'PageRequest', { log: 1 }, { log: 'PRIVATE' }],
    ['null for what is absent', 'Send', { text: null, clientId: 'a' }, { clientId: 'a' }],
    ['unknown members', 'Read', { seq: '1', later: [{}] }, { seq: '1' }],
    ['an unknown enum value by number', 'Participant', { kind: 9 }, { kind: 9 }],
  ];
  test.each(ok)('takes %s', (_, type, given, canonical) => {
    expect(toJson(type, fromJson(type, given))).toEqual(canonical);
  });

  const bad: [string, keyof Messages, unknown][] = [
    ['an integer above 2^53 - 1', 'Read', { seq: '9007199254740992' }],
    ['a negative integer', 'Read', { seq: -1 }],
    ['a fraction', 'Read', { seq: 1.5 }],
    ['an empty integer', 'Read', { seq: '' }],
    ['an enum value without a number', 'PageRequest', { log: 'SECRET' }],
    ['two members of a oneof', 'ClientFrame', { read: {}, delivered: {} }],
    ['one name in both spellings', 'Hello', { logEpoch: 1, log_epoch: 1 }],
    ['a list for an object', 'ClientFrame', []],
    ['a number for a string', 'Send', { text: 5 }],
    ['a string for a boolean', 'Typing', { on: 'true' }],
    ['an object for a list', 'Presence', { agents: {} }],
  ];
  test.each(bad)('refuses %s', (_, type, given) => {
    expect(() => fromJson(type, given)).toThrow(WireError);
  });
});
