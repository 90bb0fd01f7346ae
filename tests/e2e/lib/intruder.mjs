// A hostile client with a good ticket, and what its frames may be answered by.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { at } from '../../../scripts/lib/paths.mjs';
import { frame, rawRoom } from './raw.mjs';
import { Visitor } from './world.mjs';

/** Every code of the catalogue. */
export const codes = new Set([...readFileSync(at('docs/errors.md'), 'utf8').matchAll(/^\| `(\w+)` \| \d{3} \|/gm)].map(([, code]) => code));

export const text = (payload, options) => frame(payload, options);
export const binary = (payload, options) => frame(payload, { opcode: 2, ...options });

export const HELLO = { json: text('{"hello":{}}'), proto: binary(Buffer.from([0x0a, 0x00])) };
/** Frames that do nothing and are right: between two of them any number of bad ones is forgiven. */
export const good = { json: text('{"delivered":{"seq":"0"}}'), proto: binary(Buffer.from([0x1a, 0x00])) };

/** The same two at a Desk: `desk_hello`, and an agent who says that they are there. */
export const DESK_HELLO = { json: text('{"deskHello":{}}'), proto: binary(Buffer.from([0xa2, 0x01, 0x00])) };
export const DESK_CALM = { json: text('{"setAvailability":{"availability":"ONLINE"}}'), proto: binary(Buffer.from([0xc2, 0x01, 0x02, 0x08, 0x01])) };

/** A new visitor's socket that has been welcomed; `headers` go along with its upgrade. */
export async function intruder(world, encoding, headers) {
  const visitor = new Visitor(world);
  await visitor.session();
  const raw = await rawRoom(visitor, { encoding, headers });
  raw.encoding = encoding;
  raw.write(HELLO[encoding]);
  assert.ok(await raw.until((it) => it.frames.length), 'no welcome');
  return raw;
}

/** Works on a list with some hands at once. */
export async function hands(n, jobs, work) {
  let next = 0;
  await Promise.all(Array.from({ length: n }, async () => {
    while (next < jobs) await work(next++);
  }));
}
