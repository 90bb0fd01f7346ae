// Two trainings are held against each other by what neither had seen, and a new one that is worse is not used by itself.

import { describe, expect, it } from 'vitest';
import { heldOut, isWorse, type Trained } from '../src/bot/held-out';
import type { Judged } from '../src/bot/trainer';

/** Intents a and b; each example with its intent's place, and the best two with the best one's score. */
const judged = (text: string, intent: number, best: number, score: number): Judged => ({ text, intent, best: [{ intent: best, score }, { intent: 1 - best, score: score - 1 }] });
const trained = (given: Judged[], { own = ['1', '2', '3', '4'], usual = 3, intents = ['a', 'b'] } = {}): Trained => ({
  intents, judged: given, usual, thresholds: Array.from({ length: 51 }, (_, at) => ({ answer: 0.1 * at, ask: 0 })), taught: intents.map((id) => ({ id, examples: own })),
});

describe('two trainings', () => {
  const before = trained([judged('1', 0, 0, 1), judged('2', 0, 1, 1), judged('3', 0, 0, 0.2), judged('old', 0, 0, 1), judged('library', 0, 1, 1)]);
  const after = trained([judged('1', 0, 1, 1), judged('2', 0, 0, 1), judged('3', 0, 0, -1), judged('4', 0, 0, 1), judged('library', 0, 0, 1)]);

  it('are compared by the owner’s examples that both were asked', () => {
    expect(heldOut(before, after, null)).toEqual({
      n: 3,
      better: [{ text: '2', intent: 'a', before: 'wrong', after: 'right' }],
      worse: [{ text: '1', intent: 'a', before: 'right', after: 'wrong' }, { text: '3', intent: 'a', before: 'offered', after: 'person' }],
    });
  });

  it('are compared where the slider stands', () => {
    expect(heldOut(before, after, 1)?.worse[1]).toMatchObject({ text: '3', before: 'right', after: 'person' });
    expect(heldOut(before, after, 50)?.better).toEqual([]);
  });

  it('know an intent by its name, not by its place', () => {
    const moved = trained([judged('1', 1, 1, 1)], { intents: ['b', 'a'] });
    expect(heldOut(before, moved, null)).toEqual({ n: 1, better: [], worse: [] });
  });

  it('have nothing to be compared by where they share no example', () => {
    expect(heldOut(before, trained([judged('4', 0, 0, 1)]), null)).toBeNull();
    expect(heldOut(trained([judged('1', 0, 0, 1)], { own: [] }), after, null)).toBeNull();
  });
});

it.each([
  [0, 0, false], [0, 3, false], [0, 4, true], [5, 5, false], [1, 6, false], [1, 7, true], [20, 33, false], [20, 35, true], [9, 0, false],
])('%i better and %i worse is worse: %s', (better, worse, wanted) => {
  const some = (n: number) => Array.from({ length: n }, () => ({ text: '', intent: '', before: 'right' as const, after: 'wrong' as const }));
  expect(isWorse({ n: 100, better: some(better), worse: some(worse) })).toBe(wanted);
});
