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

/** As the server writes an example down, and of two that are the same but for marks, capitals and traditional characters keeps the first. */
const tidy = (text: string) => text.trim().replace(/\s+/gu, ' ');
const meant = (text: string) => text.toLowerCase().replaceAll('訂單', '订单').replace(/['’]/gu, '').replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
const added = (examples: readonly string[]) => examples.map(tidy).filter((one, n, all) => meant(one) && all.findIndex((other) => meant(other) === meant(one)) === n);

/** What an empty workspace has after an import. */
const kept = (rows: string[][]): Intent[] =>
  planOf(readExamples(csv(rows)).intents, []).body.map(({ id, examples = [] }) => ({ id, title: { en: '', zh: '' }, answer: { en: '', zh: '' }, does: 'answer', buttons: [], examples: added(examples), library: true, updated_at: '' }));

describe('the lesson of the bench', () => {
  it.each<[string, string[][]]>([
    ['of plain examples', [['hours', 'when are you open'], ['hours', '几点开门'], ['returns', 'I want to return it, "please"'], ['hours', 'opening hours']]],
    ['of intents that the library knows', [['greeting', 'hi there'], ['hours', 'when'], ['refund', 'my money, back']]],
    ['of what is there twice', [['hours', 'When are you open'], ['hours', ' when  are you ＯＰＥＮ '], ['returns', 'when are you open']]],
    ['of what the server takes for the same', [['hours', 'when’s it open?'], ['hours', 'Whens it open'], ['order', '订单到哪了'], ['order', '訂單到哪了！'], ['order', '!?']]],
    ['of what is too long', [['hours', 'x'.repeat(400)], ['hours', 'y'.repeat(401)], ['hours', '字'.repeat(400)], ['long', 'z'.repeat(401)]]],
    ['of blanks and breaks', [['hours', ' when\tare   you open '], ['hours', 'a\nb']]],
  ])('%s is what an import makes of them', (_, rows) => {
    const lesson = lessonOf(kept(rows), LIBRARY);
    expect(lesson.intents.length).toBeGreaterThan(0);
    expect(imported(rows.map(([id = '', text = '']) => [text, id]), LIBRARY)).toEqual(lesson);
  });
});
