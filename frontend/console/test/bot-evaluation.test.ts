import { describe, expect, it } from 'vitest';
import type { Intent } from '../src/api/types';
import { accuracyOf, confusionsOf, helpedOf, ownOf, splitOf } from '../src/bot/evaluation';
import type { Outcome } from '../src/bot/evaluation';
import { hasWords } from '../src/ui/found';
import { lessonOf } from '../src/bot/lesson';
import type { LibraryIntent } from '../src/bot/library';
import type { Judged } from '../src/bot/trainer';

const judged = (text: string, intent: number, ...best: [intent: number, score: number][]): Judged => ({ text, intent, best: best.map(([which, score]) => ({ intent: which, score })) });

describe('what it would do', () => {
  const edges = { answer: 0.5, ask: 0.1 };
  it.each([
    ['answers right at the edge', [0, [0, 0.5]], 'answeredRight'],
    ['answers wrongly', [1, [0, 0.9], [1, 0.8]], 'answeredWrong'],
    ['offers the third', [3, [0, 0.4], [1, 0.3], [3, 0.2]], 'offered'],
    ['does not offer the fourth', [4, [0, 0.4], [1, 0.3], [3, 0.2], [4, 0.15]], 'missed'],
    ['asks back at the edge', [0, [0, 0.1]], 'offered'],
    ['hands over below it', [0, [0, 0.09999]], 'handedOver'],
    ['hands over what nothing is known of', [0], 'handedOver'],
  ] as [string, [number, ...[number, number][]], Outcome][])('%s', (_, [intent, ...best], wanted) => {
    const one = judged('x', intent, ...best);
    const split = splitOf([one], edges);
    expect(split[wanted]).toEqual([one]);
    expect(Object.values(split).flat()).toHaveLength(1);
  });

  it('puts every example in one place, and holds more back the higher the edge is', () => {
    let seed = 7;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const all = Array.from({ length: 500 }, (_, n) => judged(String(n), Math.floor(random() * 5), ...[0, 1, 2, 3].map((which): [number, number] => [which, random() - which / 4])));
    let before = Infinity;
    for (const answer of [0, 0.2, 0.4, 0.8]) {
      const split = splitOf(all, { answer, ask: answer - 0.3 });
      expect(Object.values(split).flat().map(({ text }) => Number(text)).sort((a, b) => a - b)).toEqual(all.map((_, n) => n));
      const answered = split.answeredRight.length + split.answeredWrong.length;
      expect(answered).toBeLessThanOrEqual(before);
      before = answered;
    }
  });
});

it('the owner’s own examples are told from the library’s, and counted alone', () => {
  const all = [judged('mine', 0, [0, 1]), judged('mine', 1, [0, 1]), judged('theirs', 0, [1, 1]), judged('x', 2, [2, 1])];
  expect(ownOf(all, ['a', 'b'], [{ id: 'a', examples: ['mine', 'x'] }, { id: 'b', examples: [] }])).toEqual([all[0]]);
  expect([accuracyOf(all), accuracyOf([]), accuracyOf([judged('y', 0)])]).toEqual([50, 0, 0]);
});

it('intents that the library helps are those of which more was judged than the owner’s words and two titles', () => {
  const words = (intent: number, ...texts: string[]) => texts.map((text) => judged(text, intent));
  const all = [...words(0, 'mine', 'Title', '标题'), ...words(1, 'mine', 'Title', '标题', 'lent'), ...words(2, 'lent', 'lent 2', 'lent 3')];
  const taught = ['a', 'b', 'c'].map((id) => ({ id, examples: ['mine'], library: id === 'c' }));
  expect(helpedOf(all, ['a', 'b', 'c'], taught, ({ library }) => library)).toBe(1);
  expect(helpedOf(all, ['a', 'b', 'c'], taught, () => false)).toBe(2);
  expect(helpedOf([], [], taught, () => false)).toBe(0);
});

it('what it mixes up is counted in pairs, whichever way round', () => {
  const all = [judged('a', 0, [1, 1]), judged('b', 1, [0, 1]), judged('c', 2, [0, 1]), judged('d', 2, [2, 1]), judged('e', 1)];
  expect(confusionsOf(all).map(({ first, second, examples }) => [first, second, examples.map(({ text }) => text).join('')])).toEqual([[0, 1, 'ab'], [0, 2, 'c']]);
});

describe('a lesson', () => {
  const intent = (id: string, given: Partial<Intent>): Intent => ({ id, title: { en: id, zh: '' }, answer: { en: '', zh: '' }, does: 'answer', buttons: [], examples: [], library: true, updated_at: '', ...given });
  const shipped = (id: string): LibraryIntent => ({ id, title: { en: id, zh: id }, answer: { en: '', zh: '' }, siblings: [], examples: { en: [`${id} en`], zh: [`${id} zh`] } });
  it('has the library’s examples where they are wanted, and the rest of it as background', () => {
    const own = [intent('a', { examples: ['x'] }), intent('b', { library: false, title: { en: 'B', zh: '乙' } }), intent('own', {})];
    expect(lessonOf(own, ['a', 'b', 'c'].map(shipped))).toEqual({
      intents: [
        { id: 'a', titles: ['a'], examples: ['x'], library: ['a en', 'a zh'] },
        { id: 'b', titles: ['B', '乙'], examples: [], library: [] },
        { id: 'own', titles: ['own'], examples: [], library: [] },
      ],
      background: [['c en', 'c zh']],
    });
  });
});

it.each([['', true], ['ORDER where', true], ['ｏｒｄｅｒ', true], ['订单', true], ['order refund', false]])('the words %j are found: %s', (words, wanted) => {
  expect(hasWords(['Where is my order', '我的订单'], words)).toBe(wanted);
});
