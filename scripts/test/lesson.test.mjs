// What the bench's bot learns and is asked: always the same, and nothing twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lesson } from '../lib/bench/lesson.mjs';

const SIZE = { intents: 150, examples: 10, messages: 10 };

test('a lesson is the same every time, and another one with another seed', () => {
  assert.deepEqual(lesson(SIZE), lesson(SIZE));
  assert.notDeepEqual(lesson(SIZE).messages, lesson({ ...SIZE, seed: 2 }).messages);
});

test('no sentence is learnt or asked twice, and no two intents say the same', () => {
  const { intents, messages } = lesson(SIZE);
  const sentences = [...intents.flatMap((it) => it.examples), ...messages.map((it) => it.text)];
  assert.equal(new Set(sentences).size, 150 * 20);
  assert.equal(new Set(intents.map((it) => it.says)).size, 150);
});

test('two messages in a row of a room mean different intents', () => {
  const { messages } = lesson(SIZE);
  for (const rooms of [20, 100]) messages.forEach(({ says }, n) => assert.notEqual(says, messages[(n + rooms) % messages.length].says));
});
