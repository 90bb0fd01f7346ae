// Protobuf, as far as proto/bellhop.proto goes, read from a table instead of generated code: the whole codec costs
// a page about a kilobyte. It refuses what the server's decoder refuses (cut frames, broken UTF-8, wrong wire types,
// over-long varints) and, beyond that, integers that a JavaScript number can't hold.
import type { Init, Messages } from './types.ts';

/** A field as the table describes it. */
export interface Field {
  readonly number: number;
  readonly name: string;
  /** `s` string, `u` uint64, `b` bool, `e…` enum, `m` map, otherwise the name of a message. */
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

/** Deeper nesting than this is refused; the protocol itself needs five levels. */
const MAX_DEPTH = 32;

const ENTRY: Field[] = [
  { number: 1, name: 'key', type: 's', repeated: false, oneof: false },
  { number: 2, name: 'value', type: 's', repeated: false, oneof: false },
];

const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Makes the codec of a table from `table.ts`. */
export function codec(table: string): Codec {
  const shape: Shape = new Map();
  for (const line of table.split('\n')) {
    const [name = '', ...fields] = line.split(' ');
    shape.set(name, fields.map(parseField));
  }
  return {
    shape,
    encode(name, message) {
      const out: number[] = [];
      write(shape, fieldsOf(shape, name), message as Value, out);
      return new Uint8Array(out);
    },
    decode<N extends keyof Messages>(name: N, bytes: Uint8Array) {
      const reader = new Reader(bytes);
      const message = blank(fieldsOf(shape, name));
      read(shape, fieldsOf(shape, name), message, reader, bytes.length, 0);
      return message as unknown as Messages[N];
    },
  };
}

function parseField(text: string): Field {
  const [, number, mark, name, type] = /^(\d+)(\W)(\w+):(\w+)$/.exec(text) as unknown as string[];
  return { number: Number(number), name: name!, type: type!, repeated: mark === '*', oneof: mark === '|' };
}

/** The fields of a message, in the order of their numbers. */
export function fieldsOf(shape: Shape, name: string): Field[] {
  const fields = shape.get(name);
  if (!fields) throw new WireError('no message ' + name);
  return fields;
}

/** Whether the field holds a message. */
export function isMessage(field: Field): boolean {
  return field.type > 'A' && field.type < 'a';
}

/** A message in which nothing is set. */
export function blank(fields: Field[]): Value {
  const message: Value = {};
  for (const { name, type, repeated, oneof } of fields) {
    if (repeated) message[name] = [];
    else if (type === 'm') message[name] = new Map();
    else if (oneof || (type > 'A' && type < 'a')) continue;
    else message[name] = type === 's' ? '' : type === 'b' ? false : 0;
  }
  return message;
}

// ------------------------------------------------------------------------------------------------------ encoding

function writeVarint(value: number, out: number[]): void {
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER && value % 1 === 0)) throw new WireError('integer ' + value);
  while (value > 127) {
    out.push((value % 128) + 128);
    value = Math.floor(value / 128);
  }
  out.push(value);
}

function writeBytes(number: number, bytes: ArrayLike<number>, out: number[]): void {
  writeVarint(number * 8 + 2, out);
  writeVarint(bytes.length, out);
  for (let i = 0; i < bytes.length; i++) out.push(bytes[i]!);
}

function write(shape: Shape, fields: Field[], message: Value, out: number[]): void {
  for (const field of fields) {
    const value = message[field.name];
    if (value === undefined) continue;
    if (field.repeated) for (const item of value as unknown[]) writeField(shape, field, item, out);
    else if (field.type === 'm') {
      for (const [key, text] of value as Map<string, string>) {
        const entry: number[] = [];
        write(shape, ENTRY, { key, value: text }, entry);
        writeBytes(field.number, entry, out);
      }
    } else if (field.oneof || isMessage(field) || (value !== '' && value !== 0 && value !== false)) writeField(shape, field, value, out);
  }
}

function writeField(shape: Shape, { number, type }: Field, value: unknown, out: number[]): void {
  if (type === 's') writeBytes(number, utf8.encode(value as string), out);
  else if (type > 'a') {
    writeVarint(number * 8, out);
    writeVarint(Number(value), out);
  } else {
    const inner: number[] = [];
    write(shape, fieldsOf(shape, type), value as Value, inner);
    writeBytes(number, inner, out);
  }
}

// ------------------------------------------------------------------------------------------------------ decoding

class Reader {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}

  /** A varint of at most 64 bits. Above 2^53 its value is only near. */
  varint(end: number): number {
    let value = 0;
    let weight = 1;
    for (let i = 0; i < 10; i++) {
      if (this.at >= end) throw new WireError('cut');
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * weight;
      weight *= 128;
      if (byte < 128) {
        if (i === 9 && byte > 1) break;
        return value;
      }
    }
    throw new WireError('varint');
  }

  /** The end of a length-delimited field. */
  length(end: number): number {
    const length = this.varint(end);
    if (length > end - this.at) throw new WireError('cut');
    return this.at + length;
  }

  text(end: number): string {
    const stop = this.length(end);
    const part = this.bytes.subarray(this.at, stop);
    this.at = stop;
    try {
      return strict.decode(part);
    } catch {
      throw new WireError('UTF-8');
    }
  }

  /** Reads a key: the field's number and its wire type. */
  key(end: number): [number, number] {
    const key = this.varint(end);
    const wire = key % 8;
    if (key > 0xffffffff || key < 8 || wire > 5) throw new WireError('key');
    return [Math.floor(key / 8), wire];
  }

  /** Passes over a field that the table doesn't know. */
  skip(number: number, wire: number, end: number, depth: number): void {
    if (wire === 0) this.varint(end);
    else if (wire === 2) this.at = this.length(end);
    else if (wire === 3) {
      if (depth > MAX_DEPTH) throw new WireError('depth');
      for (;;) {
        const [inner, kind] = this.key(end);
        if (kind === 4) {
          if (inner !== number) throw new WireError('group');
          return;
        }
        this.skip(inner, kind, end, depth + 1);
      }
    } else if (wire === 4) throw new WireError('group');
    else {
      this.at += wire === 1 ? 8 : 4;
      if (this.at > end) throw new WireError('cut');
    }
  }
}

function read(shape: Shape, fields: Field[], message: Value, reader: Reader, end: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new WireError('depth');
  while (reader.at < end) {
    const [number, wire] = reader.key(end);
    const field = fields.find((one) => one.number === number);
    if (!field) {
      reader.skip(number, wire, end, depth);
      continue;
    }
    const { name, type, repeated, oneof } = field;
    const scalar = type === 'u' || type === 'b' || type[0] === 'e';
    if (wire !== (scalar ? 0 : 2)) throw new WireError('wire type of ' + name);
    if (oneof) for (const other of fields) if (other.oneof && other !== field) delete message[other.name];
    if (type === 'm') {
      const stop = reader.length(end);
      const entry = { key: '', value: '' };
      read(shape, ENTRY, entry, reader, stop, depth + 1);
      (message[name] as Map<string, string>).set(entry.key, entry.value);
    } else if (type === 's') {
      const text = reader.text(end);
      if (repeated) (message[name] as string[]).push(text);
      else message[name] = text;
    } else if (scalar) {
      const value = reader.varint(end);
      if (type !== 'b' && value > Number.MAX_SAFE_INTEGER) throw new WireError('integer in ' + name);
      message[name] = type === 'b' ? value > 0 : value;
    } else {
      const inner = fieldsOf(shape, type);
      const stop = reader.length(end);
      // A message that comes twice is merged, as protobuf has it.
      const value = (!repeated && (message[name] as Value)) || blank(inner);
      read(shape, inner, value, reader, stop, depth + 1);
      if (repeated) (message[name] as Value[]).push(value);
      else message[name] = value;
    }
  }
}
