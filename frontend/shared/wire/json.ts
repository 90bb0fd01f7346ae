// Proto3 JSON of the same tables, for tools and tests: what widget and console send is binary. Names are written in
// lowerCamelCase and read in either form; 64-bit integers are written as strings and read as strings or numbers;
// enums are written by name and read by name or number; defaults are left out.
import { blank, codec, fieldsOf, WireError } from './codec.ts';
import type { Field } from './codec.ts';
import { ENUM_TABLE, FULL_TABLE } from './table.ts';
import type { Init, Messages } from './types.ts';

type Value = Record<string, unknown>;

const { shape } = codec(FULL_TABLE);
const enums = new Map(ENUM_TABLE.split('\n').map(parseEnum));

function parseEnum(line: string): [string, Map<number, string>] {
  const [name = '', ...values] = line.split(' ');
  return [name, new Map(values.map((value) => [parseInt(value, 10), value.slice(value.indexOf(':') + 1)]))];
}

/** The message as a value for `JSON.stringify`. */
export function toJson<N extends keyof Messages>(name: N, message: Init<Messages[N]>): Record<string, unknown> {
  return write(fieldsOf(shape, name), message as Value);
}

/** The message that a parsed JSON value stands for. Throws `WireError` where it stands for none. */
export function fromJson<N extends keyof Messages>(name: N, json: unknown): Messages[N] {
  return read(fieldsOf(shape, name), json) as unknown as Messages[N];
}

function write(fields: Field[], message: Value): Value {
  const out: Value = {};
  for (const field of fields) {
    const { name, repeated, oneof } = field;
    const value = message[name];
    if (value === undefined) continue;
    if (repeated) {
      if ((value as unknown[]).length) out[name] = (value as unknown[]).map((item) => writeOne(field, item));
    } else if (value instanceof Map) {
      if (value.size) out[name] = Object.fromEntries(value);
    } else if (oneof || field.kind === ':' || value) out[name] = writeOne(field, value);
  }
  return out;
}

function writeOne(field: Field, value: unknown): unknown {
  if (field.kind === '#') return String(value);
  if (field.kind === '=') return enums.get(field.type)?.get(value as number) ?? value;
  return field.kind === ':' ? write(fieldsOf(shape, field.type), value as Value) : value;
}

function read(fields: Field[], json: unknown): Value {
  const given = object(json);
  const message = blank(fields);
  let chosen = '';
  for (const field of fields) {
    const { name, repeated, oneof, kind } = field;
    const snake = name.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase());
    if (snake !== name && Object.hasOwn(given, name) && Object.hasOwn(given, snake)) throw new WireError('twice ' + name);
    const value = Object.hasOwn(given, name) ? given[name] : Object.hasOwn(given, snake) ? given[snake] : undefined;
    if (value === undefined || value === null) continue;
    if (oneof && chosen) throw new WireError(`both ${chosen} and ${name}`);
    if (oneof) chosen = name;
    if (repeated) {
      if (!Array.isArray(value)) throw new WireError('no list ' + name);
      message[name] = value.map((item) => readOne(field, item));
    } else if (kind === '%') message[name] = new Map(Object.entries(object(value)).map(([key, item]) => [key, string(item)]));
    else message[name] = readOne(field, value);
  }
  return message;
}

function readOne(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case '':
      return string(value);
    case '?':
      if (typeof value !== 'boolean') throw new WireError('no boolean ' + field.name);
      return value;
    case '#':
      return integer(typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value);
    case '=': {
      if (typeof value !== 'string') return integer(value);
      for (const [number, name] of enums.get(field.type)!) if (name === value) return number;
      throw new WireError('no such value ' + value);
    }
    default:
      return read(fieldsOf(shape, field.type), value);
  }
}

function object(value: unknown): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WireError('no object');
  return value as Value;
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw new WireError('no string');
  return value;
}

function integer(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new WireError('no integer ' + String(value));
  return value;
}
