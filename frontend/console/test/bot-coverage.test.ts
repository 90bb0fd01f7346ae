import { describe, expect, it } from 'vitest';
import { coverOf, thenOf, wordingsOf } from '../src/bot/coverage';

const asked = [{ text: 'a', did: 'asked' }, { text: 'b', did: 'answered' }, { text: 'a', did: 'handed_over' }, { text: 'c', did: 'handed_over' }];
const does = { a: 'answer', b: 'ask', c: 'handoff' } as const;

describe('last week’s questions', () => {
  it('are judged once each and count as often as they were asked', async () => {
    const wordings = wordingsOf(asked);
    expect(wordings).toEqual([['a', 2], ['b', 1], ['c', 1]]);
    const seen: string[] = [];
    const progress: number[] = [];
    const bands = await coverOf(wordings, async (text) => {
      seen.push(text);
      return { does: does[text as keyof typeof does] };
    }, (done) => progress.push(done) > 0);
    expect(bands).toEqual({ answer: 2, ask: 1, handoff: 1 });
    expect([seen, progress]).toEqual([['a', 'b', 'c'], [1, 2, 3]]);
    expect(thenOf(asked)).toEqual({ answer: 1, ask: 1, handoff: 2 });
  });

  it('are left when the page is', async () => {
    let n = 0;
    expect(await coverOf(wordingsOf(asked), async () => ({ does: 'silent' }), () => ++n < 2)).toBeNull();
    expect(n).toBe(2);
    expect(await coverOf([], () => Promise.reject(new Error('nothing to judge')), () => true)).toEqual({ answer: 0, ask: 0, handoff: 0 });
  });

  it('fail with the judge', async () => {
    await expect(coverOf([['a', 1]], () => Promise.reject(new Error('gone')), () => true)).rejects.toThrow('gone');
  });
});
