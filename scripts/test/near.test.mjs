import assert from 'node:assert/strict';
import { test } from 'node:test';
import { near } from '../lib/bench/near.mjs';

test('near is what hardly differs, as tests/library.rs has it', () => {
  const isNear = (one, other) => near([one], [other]).length === 1;
  assert.ok(isNear('Where is my order?', 'where is my  ORDER'));
  assert.ok(isNear('hi', 'Hi!') && !isNear('hi', 'ho'));
  assert.ok(!isNear('Where is my order?', 'Where is my refund?'));
  assert.ok(isNear('我的订单到哪了', '我的订单到哪了？') && !isNear('我的订单到哪了', '我的退款到哪了'));
  assert.deepEqual(near(['a b c d', 'x y z'], ['xyz', 'abcd', 'no']), [['a b c d', 'abcd'], ['x y z', 'xyz']]);
  assert.deepEqual(near(['anything'], []), []);
});
