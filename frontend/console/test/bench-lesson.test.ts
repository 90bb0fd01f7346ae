// `make bench-bot` says that it learns by the product's own import: what it makes of a table is what this console makes of it.

import { describe, expect, it } from 'vitest';
// @ts-expect-error The bench is plain scripts without types.
import { imported } from '../../../scripts/lib/bench/imported.mjs';
import type { Intent } from '../src/api/types';
import { readExamples } from '../src/bot/examples';
import { planOf } from '../src/bot/import-plan';
import { lessonOf } from '../src/bot/lesson';
import type { LibraryIntent } from '../src/bot/library';

const shipped = (id: string): LibraryIntent => ({ id, title: { en: id, zh: id }, answer: { en: '', zh: '' }, siblings: [], examples: { en: [`${id} en`, `${id} en 2`], zh: [`${id} zh`] } });
const LIBRARY = ['greeting', 'refund', 'stock'].map(shipped);

/** A table as a file has it. */
const csv = (rows: string[][]) => [['intent', 'example'], ...rows].map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n');

/** As the server writes an example down. */
const tidy = (text: string) => text.trim().replace(/\s+/gu, ' ');

/** What it has after an import into an empty workspace; where the library's examples are switched off, or as an import leaves them (docs/api.md). */
const kept = (rows: string[][], library: boolean): Intent[] =>
  planOf(readExamples(csv(rows)).intents, []).body.map(({ id, examples = [] }) => ({ id, title: { en: '', zh: '' }, answer: { en: '', zh: '' }, does: 'answer', buttons: [], examples: examples.map(tidy), library, updated_at: '' }));

describe('the lesson of the bench', () => {
  it.each<[string, string[][]]>([
    ['of plain examples', [['hours', 'when are you open'], ['hours', '几点开门'], ['returns', 'I want to return it, "please"'], ['hours', 'opening hours']]],
    ['of intents that the library knows', [['greeting', 'hi there'], ['hours', 'when'], ['refund', 'my money, back']]],
    ['of blanks and breaks', [['hours', ' when\tare   you open '], ['hours', 'a\nb']]],
  ])('%s is what an import makes of them', (_, rows) => {
    for (const withNamesakes of [false, true]) {
      const lesson = lessonOf(kept(rows, withNamesakes), LIBRARY);
      expect(lesson.intents.length).toBeGreaterThan(0);
      expect(imported(rows.map(([id = '', text = '']) => [text, id]), LIBRARY, { withNamesakes })).toEqual(lesson);
    }
  });
});
