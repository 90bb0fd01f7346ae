import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { claim, figuresOf, withFigures } from '../lib/bench/claims.mjs';
import { at } from '../lib/paths.mjs';

const read = (path) => readFileSync(at(path), 'utf8');
const table = read('docs/bot.md');
const readme = () => read('README.md').replaceAll('\n', ' ');

test('what README claims of the bot is in the table of docs/bot.md, with its protocol', () => {
  assert.match(claim(figuresOf(table)), /^\d\d\.\d % on the 4,500 queries .*; \d\d\.\d % with 10 examples/u);
  assert.equal(readme().match(/\d\d\.\d+ % on the 4,500 queries/gu).length, 1);
  assert.ok(readme().includes(`${claim(figuresOf(table))}.`), claim(figuresOf(table)));
});

test('a figure of the table is missed exactly where it is below what was wanted', () => {
  const figures = figuresOf(table);
  const percents = figures.filter(({ unit, budget }) => unit === '%' && budget !== null);
  assert.ok(percents.length > 15, `${percents.length}`);
  assert.ok(figures.every(({ value }) => Number.isFinite(value)));
  for (const { name, value, budget, pass } of percents) assert.equal(pass, value >= budget, name);
});

test('a claim is cut, not rounded, and says what is missed', () => {
  const figures = (forced, few) => [
    { name: 'CLINC150 full, forced', value: forced, unit: '%', budget: 92.8, pass: forced >= 92.8 },
    { name: 'clinc150, 10 per intent, forced', value: few, unit: '%', budget: 82.5, pass: few >= 82.5 },
    { name: 'training', value: 9, unit: 's', budget: 3, pass: false },
  ];
  assert.match(claim(figures(92.799, 82.5)), /^92\.7 % .*; 82\.5 % with .*\. It misses what was wanted in one figure: CLINC150 full, forced, 92\.799 of 92\.8 %$/u);
  assert.match(claim(figures(92.7, 82.499)), /^92\.7 % .*; 82\.4 % .* in 2 figures: .* of 92\.8 %; clinc150, 10 per intent, forced, 82\.499 of 82\.5 %$/u);
  assert.match(claim(figures(92.8, 83)), /^92\.8 % .*; 83\.0 % with 10 examples per intent \(`make bench-bot`\)$/u);
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
