// Bots' model files: one that was learnt natively (tests/bot_model.rs), and what tests make of it. The format is that of
// src/core/bot/model.rs.
import { readFileSync } from 'node:fs';
import { at } from '../../../scripts/lib/paths.mjs';

const HEADER = { version: 4, intents: 6, others: 11, thresholds: 28 };
/** Of the slider; each has the score where answers begin, and that where questions back do. */
const POSITIONS = 51;
const IDS_BEGIN = HEADER.thresholds + POSITIONS * 8;
const BUCKETS = 1 << 15;

/** The file as it was learnt. */
export const trained = () => new Uint8Array(readFileSync(at('tests/golden/bot-model.bin')));

/** FNV-1a with 64 bits, in two halves of numbers that JavaScript multiplies exactly. */
function checksum(bytes) {
  let [low, high] = [0x84222325, 0xcbf29ce4];
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    // The prime is 2^40 + 435.
    const product = low * 435;
    high = (high * 435 + Math.floor(product / 2 ** 32) + low * 256) % 2 ** 32;
    low = product % 2 ** 32;
  }
  return [low >>> 0, high >>> 0];
}

function signed(file) {
  const [low, high] = checksum(file.subarray(0, -8));
  const view = new DataView(file.buffer, file.byteOffset + file.length - 8);
  view.setUint32(0, low, true);
  view.setUint32(4, high, true);
  return file;
}

/** The same model with answers (and questions back) that begin at another score, wherever the slider stands: another file, and a good one. */
export function variant(answer, file = trained(), ask = undefined) {
  const view = new DataView(file.buffer);
  for (let at = 0; at < POSITIONS; at++) {
    view.setFloat32(HEADER.thresholds + at * 8, answer, true);
    if (ask !== undefined) view.setFloat32(HEADER.thresholds + at * 8 + 4, ask, true);
  }
  return signed(file);
}

/** A good file of the next version of the format. */
export function fromTheFuture() {
  const file = trained();
  file[HEADER.version]++;
  return signed(file);
}

/** A good file of about so many bytes: intents of random names, and a weight for each here and there. */
export function large(size) {
  const head = trained().slice(0, IDS_BEGIN);
  const intents = 150;
  new DataView(head.buffer).setUint16(HEADER.intents, intents, true);
  head[HEADER.others] = 0;
  const ids = Array.from({ length: intents }, (_, n) => [8, ...Buffer.from(`intent_${String.fromCharCode(97 + (n % 26))}`)]).flat();
  const weights = Math.floor((size - IDS_BEGIN - ids.length - 3 * (BUCKETS + 1) - 8) / 2 / BUCKETS);
  const classesOf = Array.from({ length: weights }, (_, n) => n);
  const row = (n) => [16, weights, 0, ...classesOf, ...Array.from({ length: weights }, (_, m) => (n * 7 + m * 13) % 256)];
  const rows = Buffer.concat([...Array.from({ length: BUCKETS }, (_, n) => Buffer.from(row(n))), Buffer.from([0, 0, 0])]);
  return signed(new Uint8Array(Buffer.concat([head, Buffer.from(ids), rows, Buffer.alloc(8)])));
}
