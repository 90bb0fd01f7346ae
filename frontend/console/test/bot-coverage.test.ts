import { describe, expect, it } from 'vitest';
import { coverOf, thenOf, wordingsOf } from '../src/bot/coverage';
import type { Asked } from '../src/bot/coverage';

const asked = [['a', 'asked'], ['b', 'answered'], ['a', 'handed_over'], ['c', 'handed_over'], ['d', 'answered', true], ['d', 'asked', false]].map(([text, did, faq = false]) => ({ text, did, faq }) as Asked);
const does = { a: 'answer', b: 'ask', c: 'handoff', d: 'answer' } as const;

describe('last week’s questions', () => {
  it('are judged once each and count as often as they were asked', async () => {
    const wordings = wordingsOf(asked);
    expect(wordings).toEqual([['a', 2], ['b', 1], ['c', 1], ['d', 2]]);
    const seen: string[] = [];
    const progress: number[] = [];
    const bands = await coverOf(wordings, async (text) => {
      seen.push(text);
      return { does: does[text as keyof typeof does], faq: text === 'd' ? 'D?' : '' };
    }, (done) => progress.push(done) > 0);
    expect(bands).toEqual({ answer: 2, faq: 2, ask: 1, handoff: 1 });
    expect([seen, progress]).toEqual([['a', 'b', 'c', 'd'], [1, 2, 3, 4]]);
    expect(thenOf(asked)).toEqual({ answer: 1, faq: 1, ask: 2, handoff: 2 });
  });

  it('are left when the page is', async () => {
    let n = 0;
    expect(await coverOf(wordingsOf(asked), async () => ({ does: 'silent', faq: '' }), () => ++n < 2)).toBeNull();
    expect(n).toBe(2);
    expect(await coverOf([], () => Promise.reject(new Error('nothing to judge')), () => true)).toEqual({ answer: 0, faq: 0, ask: 0, handoff: 0 });
  });

  it('fail with the judge', async () => {
    await expect(coverOf([['a', 1]], () => Promise.reject(new Error('gone')), () => true)).rejects.toThrow('gone');
  });
});
