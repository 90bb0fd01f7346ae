// What a bot would do with examples that it has not seen, wherever the slider stands, and which intents it takes for one
// another. Pure.

import type { Judged, Thresholds } from './trainer';

/** The examples, each in one of these. */
export interface Split {
  answeredRight: Judged[];
  answeredWrong: Judged[];
  /** Asked back, and the right one is among the three that are offered. */
  offered: Judged[];
  /** Asked back without it. */
  missed: Judged[];
  handedOver: Judged[];
}

export type Outcome = keyof Split;

/** How many are answered, asked back about and handed over. */
export interface Bands {
  answer: number;
  /** Answered from the FAQ, where that is told apart. */
  faq?: number;
  ask: number;
  handoff: number;
}

export const bandsOf = ({ answeredRight, answeredWrong, offered, missed, handedOver }: Split): Bands => ({
  answer: answeredRight.length + answeredWrong.length,
  ask: offered.length + missed.length,
  handoff: handedOver.length,
});

/** How many are offered in a question back. */
const OFFERED = 3;

export function splitOf(judged: readonly Judged[], edges: Thresholds): Split {
  const split: Split = { answeredRight: [], answeredWrong: [], offered: [], missed: [], handedOver: [] };
  for (const one of judged) split[outcomeOf(one, edges)].push(one);
  return split;
}

/** A score on an edge belongs to the upper band. */
export function outcomeOf({ intent, best }: Judged, { answer, ask }: Thresholds): Outcome {
  const score = best[0]?.score ?? -Infinity;
  if (score >= answer) return best[0]?.intent === intent ? 'answeredRight' : 'answeredWrong';
  if (score < ask) return 'handedOver';
  return best.slice(0, OFFERED).some((one) => one.intent === intent) ? 'offered' : 'missed';
}

/** The owner's own examples; the others are the library's, and titles. */
export function ownOf(judged: readonly Judged[], intents: readonly string[], taught: readonly { id: string; examples: readonly string[]; }[]): Judged[] {
  const own = new Map(taught.map(({ id, examples }) => [id, new Set(examples)]));
  return judged.filter(({ intent, text }) => own.get(intents[intent] ?? '')?.has(text));
}

/**
 * How many intents learn from what the library says of their topic, though they have none of its own (`hasLibrary`): more was judged of them
 * than the owner's examples and two titles.
 */
export function helpedOf<Taught extends { id: string; examples: readonly string[]; }>(judged: readonly Judged[], intents: readonly string[], taught: readonly Taught[], hasLibrary: (one: Taught) => boolean): number {
  const own = new Set(ownOf(judged, intents, taught));
  return taught.filter((it) => !hasLibrary(it) && judged.filter((one) => intents[one.intent] === it.id && !own.has(one)).length > 2).length;
}

/** How many of a hundred are understood, wherever the slider stands. */
export function accuracyOf(judged: readonly Judged[]): number {
  const right = judged.filter(({ intent, best }) => best[0]?.intent === intent).length;
  return judged.length > 0 ? (100 * right) / judged.length : 0;
}

/** Two intents of which one is taken for the other. */
export interface Confusion {
  first: number;
  second: number;
  examples: Judged[];
}

/** Most first; of as many, those that come first. */
export function confusionsOf(judged: readonly Judged[]): Confusion[] {
  const pairs = new Map<string, Confusion>();
  for (const one of judged) {
    const taken = one.best[0]?.intent ?? one.intent;
    if (taken === one.intent) continue;
    const [first, second] = taken < one.intent ? [taken, one.intent] : [one.intent, taken];
    const pair = pairs.get(`${first} ${second}`) ?? { first, second, examples: [] };
    pairs.set(`${first} ${second}`, pair);
    pair.examples.push(one);
  }
  return [...pairs.values()].sort((a, b) => b.examples.length - a.examples.length || a.first - b.first || a.second - b.second);
}
