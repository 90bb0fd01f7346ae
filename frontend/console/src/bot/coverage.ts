// What a bot would do with questions that were asked. Pure but for the judge, who is given.

import type { Bands } from './evaluation';
import type { Verdict } from './trainer';

export interface Asked {
  text: string;
  /** `answered`, `asked`, `handed_over`. */
  did: string;
  /** It was answered from the FAQ; a server of before says nothing of it. */
  faq?: boolean;
}

/** Each text once, with how often it was asked. */
export function wordingsOf(asked: readonly Asked[]): [text: string, times: number][] {
  const times = new Map<string, number>();
  for (const { text } of asked) times.set(text, (times.get(text) ?? 0) + 1);
  return [...times];
}

/** What was done. */
export function thenOf(asked: readonly Asked[]): Bands {
  const count = (did: string, faq = false) => asked.filter((one) => one.did === did && Boolean(one.faq) === faq).length;
  return { answer: count('answered'), faq: count('answered', true), ask: count('asked'), handoff: count('handed_over') };
}

/** What would be done, one after the other; null as soon as `goesOn` says no. */
export async function coverOf(
  wordings: readonly [text: string, times: number][],
  judge: (text: string) => Promise<Pick<Verdict, 'does' | 'faq'>>,
  goesOn: (done: number) => boolean,
): Promise<Bands | null> {
  const bands = { answer: 0, faq: 0, ask: 0, handoff: 0 };
  for (const [at, [text, times]] of wordings.entries()) {
    const { does, faq } = await judge(text);
    // What asks for more knows what is meant.
    const outcome = does === 'fill' || does === 'act' ? 'answer' : does;
    if (outcome !== 'silent') bands[faq ? 'faq' : outcome] += times;
    if (!goesOn(at + 1)) return null;
  }
  return bands;
}
