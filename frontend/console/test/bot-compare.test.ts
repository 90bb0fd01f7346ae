import { describe, expect, it } from 'vitest';
import { compare, fateOf, sampleOf, type Fate } from '../src/bot/compare';
import type { Verdict } from '../src/bot/trainer';

type Said = Pick<Verdict, 'band' | 'top'>;
const said = (band: Verdict['band'], ...ids: string[]): Said => ({ band, top: ids.map((id) => ({ id, score: 0, probability: 0 })) });

describe('two versions', () => {
  it.each<[Fate, Said]>([
    ['right', said('answer', 'a', 'b')],
    ['wrong', said('answer', 'b', 'a')],
    ['offered', said('ask', 'b', 'c', 'a')],
    ['missed', said('ask', 'b', 'c', 'd', 'a')],
    ['person', said('handoff', 'a')],
    ['wrong', said('answer')],
  ])('%s', (fate, verdict) => expect(fateOf(verdict, 'a')).toBe(fate));

  const by = (fates: Record<string, Said>) => async (text: string) => fates[text] ?? said('handoff');
  const examples = ['1', '2', '3', '4', '5'].map((text) => ({ text, intent: 'a' }));
  const before = by({ 1: said('answer', 'a'), 2: said('ask', 'a'), 3: said('answer', 'b'), 4: said('ask', 'b') });
  const after = by({ 1: said('answer', 'b'), 2: said('handoff'), 3: said('answer', 'a'), 5: said('ask', 'a') });

  it('are held against each other, what has changed most first; a person is as good as a question back that misses', async () => {
    const steps: number[][] = [];
    const found = await compare(examples, before, after, (done, of) => steps.push([done, of]) > 0);
    expect(found?.n).toBe(5);
    expect(found?.worse.map(({ text, before: was, after: is }) => [text, was, is])).toEqual([['1', 'right', 'wrong'], ['2', 'offered', 'person']]);
    expect(found?.better.map(({ text, before: was, after: is }) => [text, was, is])).toEqual([['3', 'wrong', 'right'], ['5', 'person', 'offered']]);
    expect([steps.length, steps.at(-1)]).toEqual([10, [10, 10]]);
  });

  it('are left when the page is, and fail with their judge', async () => {
    let n = 0;
    expect(await compare(examples, before, after, () => ++n < 7)).toBeNull();
    expect(n).toBe(7);
    await expect(compare(examples, before, () => Promise.reject(new Error('gone')), () => true)).rejects.toThrow('gone');
    expect(await compare([], before, after, () => true)).toEqual({ n: 0, better: [], worse: [] });
  });

  it.each([
    [[], 3, []], [[1, 2, 3], 3, [1, 2, 3]], [[1, 2, 3, 4, 5, 6], 3, [1, 3, 5]], [[1, 2, 3, 4, 5], 2, [1, 3]],
  ])('%j, at most %i, are %j', (all, most, wanted) => expect(sampleOf(all, most)).toEqual(wanted));
});
