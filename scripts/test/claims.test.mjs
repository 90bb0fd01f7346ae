import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { claim, figuresOf, withFigures } from '../lib/bench/claims.mjs';
import { at } from '../lib/paths.mjs';

const read = (path) => readFileSync(at(path), 'utf8');
const table = read('docs/bot.md');

test('what README claims of the bot is in the table of docs/bot.md, with its protocol', () => {
  assert.match(claim(figuresOf(table)), /^\d\d\.\d % on the 4,500 queries .*; \d\d\.\d % with 10 examples/u);
  assert.ok(read('README.md').replaceAll('\n', ' ').includes(claim(figuresOf(table))), claim(figuresOf(table)));
});

test('the table of docs/bot.md is that of the last run', { skip: !existsSync(at('target/bench-bot.json')) && 'nothing was measured here' }, () => {
  assert.equal(table, withFigures(table, JSON.parse(read('target/bench-bot.json'))));
});

test('a run replaces what was claimed, but for times', () => {
  const document = '# x\n\n| figure | measured | wanted |\n|---|---|---|\n| a | 1 % | 2 |\n| b | 3 s |  |\n\nend';
  const figures = [
    { name: 'a', value: 1.5, unit: '%', budget: 2, pass: false },
    { name: '  of it', value: 7, unit: '', budget: null, pass: true },
    { name: 'b', value: 9, unit: 's', budget: null, pass: true },
  ];
  const written = withFigures(document, figures);
  assert.equal(written, '# x\n\n| figure | measured | wanted |\n|---|---|---|\n| a | 1.5 % (missed) | 2 |\n| … of it | 7 |  |\n| b | 3 s |  |\n\nend');
  assert.deepEqual(figuresOf(written).map(({ value }) => value), [1.5, 7, 3]);
});
