// The order of a module's functions: alike beside alike, and nothing else of the module changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { byLikeness, numbered, withoutPlaces, withPlaces } from '../lib/likeness.mjs';

/** Numbers below a bound, the same for the same seed. */
function dice(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Bodies of a few families, in any order; members differ from each other in some bytes. */
function families(seed, count, members, length) {
  const roll = dice(seed);
  const bytes = (many) => Uint8Array.from({ length: many }, () => roll(256));
  const all = Array.from({ length: count }, (_, family) => ({ family, body: bytes(length) })).flatMap(({ family, body }) =>
    Array.from({ length: members }, () => ({ family, at: roll(1 << 30), body: body.map((byte) => (roll(40) ? byte : roll(256))) })),
  );
  return all.sort((a, b) => a.at - b.at);
}

test('those that are alike stand together, so gzip finds them again', () => {
  for (let seed = 1; seed <= 2; seed++) {
    const given = families(seed, 60, 4, 1_500);
    const order = byLikeness(given.map(({ body }) => body));
    const found = order.map((it) => given[it].family);
    const begun = found.filter((family, at) => family !== found[at - 1]);
    assert.equal(begun.length, 60, `seed ${seed}: ${found}`);
    const size = (bodies) => gzipSync(Buffer.concat(bodies)).length;
    const [before, after] = [size(given.map(({ body }) => body)), size(order.map((it) => given[it].body))];
    assert.ok(after < before * 0.6, `seed ${seed}: ${before} bytes, then ${after}`);
  }
});

test('each function has one place, whatever they are', () => {
  for (let seed = 1; seed <= 8; seed++) {
    const roll = dice(seed);
    const bodies = Array.from({ length: roll(40) }, () => Uint8Array.from({ length: roll(roll(3) ? 30 : 40_000) }, () => roll(1 + roll(256))));
    assert.deepEqual([...byLikeness(bodies)].sort((a, b) => a - b), [...bodies.keys()], `seed ${seed}`);
  }
});

const chunk = (...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from(body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7]), body]);
};
const section = (id, ...parts) => Buffer.concat([Buffer.from([id]), chunk(...parts)]);
const text = (it) => chunk(Buffer.from(it));
const named = (number, name) => Buffer.concat([Buffer.from([number]), text(name)]);
const imported = (name, ...what) => Buffer.concat([text('env'), text(name), Buffer.from(what)]);
const NAME = text('name');

/** A module with two functions among imports of every kind, and four of its own that answer these numbers. */
function module(answers, names) {
  const imports = [imported('f', 0, 0), imported('table', 1, 0x70, 1, 1, 2), imported('memory', 2, 0, 1), imported('global', 3, 0x7f, 0), imported('tag', 4, 0, 1), imported('g', 0, 0)];
  const body = (number) => chunk([0], Buffer.concat(Array.from({ length: 20 }, () => Buffer.from([0x41, number, 0x1a]))), [0x41, number, 0x0b]);
  return Buffer.concat([
    Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
    section(0, text('before'), [1, 2, 3]),
    section(1, [2, 0x60, 0, 1, 0x7f, 0x60, 0, 0]),
    section(2, [imports.length], ...imports),
    section(3, [answers.length], answers.map(() => 0)),
    section(7, [answers.length], ...answers.map((_, it) => Buffer.concat([text(`x${it}`), Buffer.from([0, it + 2])]))),
    section(10, [answers.length], ...answers.map(body)),
    ...(names ? [section(0, NAME, [1], chunk([names.length], ...names), [2], chunk([0]))] : []),
    section(0, text('behind'), [4]),
  ]);
}

/** Names of the functions by number, as the module says them. */
function namesOf(wasm) {
  const [names] = WebAssembly.Module.customSections(new WebAssembly.Module(wasm), 'name').map((it) => Buffer.from(it));
  assert.equal(names[0], 1, 'functions');
  const found = {};
  let at = 1;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      value |= (names[at] & 127) << shift;
      if (names[at++] < 128) return value;
    }
  };
  number();
  for (let left = number(); left; left--) {
    const it = number();
    const length = number();
    found[it] = names.subarray(at, (at += length)).toString();
  }
  assert.equal(at, names.length);
  return found;
}

test('the places stand before the names; the rest of the module stays', () => {
  const given = module([1, 2, 1, 2], [named(0, 'f'), named(2, 'one'), named(3, 'two <&str>::új'), named(5, 'two again')]);
  const placed = withPlaces(given);
  assert.deepEqual(namesOf(placed), { 0: 'f', 2: '000000:one', 3: '000002:two <&str>::új', 4: '000001:', 5: '000003:two again' });
  const unnamed = module([1, 2, 1, 2]);
  assert.ok(placed.subarray(0, unnamed.length).equals(unnamed), 'as it was, and the names behind it');
  assert.deepEqual(namesOf(withPlaces(module([1, 2, 1, 2]))), { 2: '000000:', 3: '000002:', 4: '000001:', 5: '000003:' }, 'without names');
  assert.ok(WebAssembly.validate(withPlaces(module([]))), 'no functions at all');
});

test('what is alike is so as an optimiser has left it, and what it has left out comes last', () => {
  const given = module([1, 2, 3, 4], [named(3, 'two')]);
  assert.deepEqual(namesOf(numbered(given)), { 2: '000002:', 3: '000003:two', 4: '000004:', 5: '000005:' });
  // It has dropped the first and made the second and the last alike, and its own names and order.
  const optimised = module([7, 8, 7], [named(2, '000003:two'), named(3, '000004:'), named(4, '000005:')]);
  assert.deepEqual(namesOf(withPlaces(given, optimised)), { 2: '999999:', 3: '000000:two', 4: '000002:', 5: '000001:' });
});

test('the symbol map forgets the places', () => {
  assert.equal(withoutPlaces('0:f\n1:000017:a::<b>::c\n12:003456:\n13:12:x\n'), '0:f\n1:a::<b>::c\n12:\n13:12:x\n');
});
