import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { near } from '../lib/bench/near.mjs';
import { at } from '../lib/paths.mjs';

test('near is what hardly differs, as tests/library.rs has it', () => {
  const pairs = JSON.parse(readFileSync(at('scripts/test/near.json'), 'utf8'));
  assert.ok(pairs.length > 10);
  for (const [one, other, wanted] of pairs) assert.equal(near([one], [other]).length === 1, wanted, `${one} / ${other}`);
  assert.deepEqual(near(['a b c d', 'x y z'], ['xyz', 'abcd', 'no']), [['a b c d', 'abcd'], ['x y z', 'xyz']]);
  assert.deepEqual(near(['anything'], []), []);
});
