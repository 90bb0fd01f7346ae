// Two versions beside each other on the owner's own examples. Pure but for the judges, who are given.

import type { Verdict } from './trainer';

/** What becomes of an example. `missed`: asked back without the right one. */
export type Fate = 'right' | 'offered' | 'missed' | 'person' | 'wrong';

export interface Example {
  text: string;
  /** Its intent. */
  intent: string;
}

export interface Change extends Example {
  before: Fate;
  after: Fate;
}

export interface Comparison {
  /** Examples that were looked at. */
  n: number;
  better: Change[];
  worse: Change[];
}

type Judge = (text: string) => Promise<Pick<Verdict, 'band' | 'top'>>;

/** A question back without the right one costs the visitor as much as a person does; a wrong answer costs most. */
const WORTH: Record<Fate, number> = { right: 3, offered: 2, missed: 1, person: 1, wrong: 0 };
/** Intents in a question back. */
const OFFERED = 3;

export function fateOf({ band, top }: Pick<Verdict, 'band' | 'top'>, intent: string): Fate {
  if (band === 'handoff') return 'person';
  if (band === 'answer') return top[0]?.id === intent ? 'right' : 'wrong';
  return top.slice(0, OFFERED).some(({ id }) => id === intent) ? 'offered' : 'missed';
}

/** At most so many, from all over the list. */
export function sampleOf<T>(all: readonly T[], most: number): T[] {
  const n = Math.min(all.length, most);
  return Array.from({ length: n }, (_, at) => all[Math.floor((at * all.length) / n)] as T);
}

/** One version after the other, so that each is loaded once; null as soon as `goesOn` says no. */
export async function compare(examples: readonly Example[], before: Judge, after: Judge, goesOn: (done: number, of: number) => boolean): Promise<Comparison | null> {
  const fates: Fate[][] = [];
  let done = 0;
  for (const judge of [before, after]) {
    const of: Fate[] = [];
    for (const { text, intent } of examples) {
      of.push(fateOf(await judge(text), intent));
      if (!goesOn(++done, examples.length * 2)) return null;
    }
    fates.push(of);
  }
  const changes = examples.map((one, at) => ({ ...one, before: fates[0]?.[at] ?? 'person', after: fates[1]?.[at] ?? 'person' }));
  return sortedOf(changes);
}

/** What is better and what is worse, what has changed most first. */
export function sortedOf(all: Change[]): Comparison {
  const gain = ({ before: was, after: is }: Change) => WORTH[is] - WORTH[was];
  const sorted = (list: Change[]) => list.sort((a, b) => Math.abs(gain(b)) - Math.abs(gain(a)));
  return { n: all.length, better: sorted(all.filter((one) => gain(one) > 0)), worse: sorted(all.filter((one) => gain(one) < 0)) };
}
