// Protobuf, as far as proto/bellhop.proto goes, read from a table instead of generated code: the whole codec costs
// a page about a kilobyte. It refuses what the server's decoder refuses (cut frames, broken UTF-8, wrong wire types,
// over-long varints) and, beyond that, groups, which proto3 never had, and integers that a JavaScript number can't hold.
import type { Init, Messages } from './types.ts';

/** A field as the table describes it. */
export interface Field {
  readonly number: number;
  readonly name: string;
  /** Empty for a string, `#` uint64, `?` bool, `=` enum, `%` map of strings, `:` message. */
  readonly kind: string;
  /** Name of the message or enum. */
  readonly type: string;
  readonly repeated: boolean;
  readonly oneof: boolean;
}

type Shape = Map<string, Field[]>;
type Value = Record<string, unknown>;

/** Encodes and decodes the messages of one table. */
export interface Codec {
  readonly shape: Shape;
  encode<N extends keyof Messages>(name: N, message: Init<Messages[N]>): Uint8Array<ArrayBuffer>;
  /** Throws `WireError` for bytes that are not such a message. */
  decode<N extends keyof Messages>(name: N, bytes: Uint8Array): Messages[N];
}

/** The bytes, or the JSON, are not a message of the protocol. */
export class WireError extends Error {}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Makes the codec of a table from `table.ts`. */
export function codec(table: string): Codec {
  // An entry of a map is a message of its own.
  const shape: Shape = new Map(('% key value\n' + table).split('\n').map(parseLine));
  return {
    shape,
    encode: (name, message) => new Uint8Array(write(shape, name, message as Value)),
    decode: <N extends keyof Messages>(name: N, bytes: Uint8Array) => read(shape, name, bytes) as unknown as Messages[N],
  };
}

function parseLine(line: string): [string, Field[]] {
  const [name, ...fields] = line.split(' ') as [string, ...string[]];
  let number = 0;
  const parse = (text: string): Field => {
    const [, given, mark, name, kind, type] = /(\d*)(\W?)(\w+)(\W?)(\w*)/.exec(text) as unknown as string[] & { 3: string; 4: string };
    number = Number(given) || number + 1;
    return { number, name, kind, type: type || (kind === '%' ? kind : name[0]!.toUpperCase() + name.slice(1)), repeated: mark === '*', oneof: mark === '|' };
  };
  return [name, fields.map(parse)];
}

/** The fields of a message, in the order of their numbers. */
export function fieldsOf(shape: Shape, name: string): Field[] {
  return shape.get(name) ?? refuse();
}

/** A message in which nothing is set. */
export function blank(fields: Field[]): Value {
  const message: Value = {};
  for (const { name, kind, repeated, oneof } of fields) {
    if (repeated) message[name] = [];
    else if (kind === '%') message[name] = new Map();
    else if (!oneof && kind !== ':') message[name] = kind ? (kind === '?' ? false : 0) : '';
  }
  return message;
}

const isNumber = (kind: string): boolean => /[#?=]/.test(kind);

function refuse(): never {
  throw new WireError();
}

// ------------------------------------------------------------------------------------------------------ encoding

function varint(value: number): number[] {
  if (!(value >= 0 && Number.isSafeInteger(value))) refuse();
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function write(shape: Shape, name: string, message: Value): number[] {
  return fieldsOf(shape, name).flatMap(({ number, name, kind, type, repeated, oneof }) => {
    const value = message[name];
    // What a page gives may be null: nothing, as well.
    if (value == null || (!oneof && (value === '' || value === 0 || value === false))) return [];
    const items: unknown[] = repeated ? (value as unknown[]) : kind === '%' ? [...(value as Map<string, string>)].map(([key, value]) => ({ key, value })) : [value];
    return items.flatMap((item) => {
      if (isNumber(kind)) return [...varint(number * 8), ...varint(Number(item))];
      const bytes = kind ? write(shape, type, item as Value) : [...new TextEncoder().encode(item as string)];
      return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
    });
  });
}

// ------------------------------------------------------------------------------------------------------ decoding

function read(shape: Shape, name: string, bytes: Uint8Array): Value {
  let at = 0;

  /** A varint of at most 64 bits. Above 2^53 its value is only near. */
  const integer = (end: number): number => {
    let value = 0;
    for (let i = 0; i < 10 && at < end; i++) {
      const byte = bytes[at++]!;
      value += (byte & 127) * 128 ** i;
      if (byte < 128 && (i < 9 || byte < 2)) return value;
    }
    return refuse();
  };
  const message = (name: string, end: number, into = blank(fieldsOf(shape, name))): Value => {
    const fields = fieldsOf(shape, name);
    while (at < end) {
      const key = integer(end);
      const wire = key % 8;
      if (key > 0xffffffff || key < 8) refuse();
      // The number itself, or where what is delimited ends.
      const number = wire === 0 || wire === 2 ? integer(end) : wire === 1 ? 8 : wire === 5 ? 4 : refuse();
      const stop = wire ? at + number : at;
      if (stop > end) refuse();
      const field = fields.find((one) => one.number === (key - wire) / 8);
      if (!field) {
        // Passed over: a later version of the protocol may have it.
        at = stop;
        continue;
      }
      const { name, kind, type, repeated, oneof } = field;
      const scalar = isNumber(kind);
      if (wire !== (scalar ? 0 : 2)) refuse();
      let value: unknown;
      if (scalar) value = kind === '?' ? number > 0 : number > Number.MAX_SAFE_INTEGER ? refuse() : number;
      // A message that comes twice is merged, as protobuf has it.
      else if (kind) value = message(type, stop, repeated || kind === '%' ? undefined : (into[name] as Value | undefined));
      else {
        try {
          value = strict.decode(bytes.subarray(at, (at = stop)));
        } catch {
          refuse();
        }
      }
      if (oneof) for (const other of fields) if (other.oneof) delete into[other.name];
      if (kind === '%') (into[name] as Map<unknown, unknown>).set((value as Value).key, (value as Value).value);
      else if (repeated) (into[name] as unknown[]).push(value);
      else into[name] = value;
    }
    return into;
  };
  return message(name, bytes.length);
}
