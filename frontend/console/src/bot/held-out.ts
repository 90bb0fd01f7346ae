// Two trainings beside each other before the new one is used, by what each made of the owner's own examples that it had not seen: its
// cross-validation. A model asked about what it has learnt knows it by heart, and the newer one always knows more. Pure.

import { type Change, type Comparison, type Fate, sortedOf } from './compare';
import { outcomeOf, type Outcome, ownOf } from './evaluation';
import type { Judged, Thresholds } from './trainer';

/** What is needed of a training. */
export interface Trained {
  intents: readonly string[];
  judged: readonly Judged[];
  thresholds: readonly Thresholds[];
  usual: number;
  taught: readonly { id: string; examples: readonly string[]; }[];
}

const FATES: Record<Outcome, Fate> = { answeredRight: 'right', answeredWrong: 'wrong', offered: 'offered', missed: 'missed', handedOver: 'person' };

/** The examples that both were asked, wherever the slider stands; null: there are none. */
export function heldOut(before: Trained, after: Trained, holdBack: number | null): Comparison | null {
  const [was, is] = [fatesOf(before, holdBack), fatesOf(after, holdBack)];
  const changes: Change[] = [...is].flatMap(([key, { text, intent, fate }]) => {
    const former = was.get(key);
    return former ? [{ text, intent, before: former.fate, after: fate }] : [];
  });
  return changes.length ? sortedOf(changes) : null;
}

function fatesOf({ intents, judged, thresholds, usual, taught }: Trained, holdBack: number | null) {
  const edges = thresholds[holdBack ?? usual] ?? { answer: 0, ask: 0 };
  return new Map(ownOf(judged, intents, taught).map((one) => {
    const intent = intents[one.intent] ?? '';
    return [`${intent} ${one.text}`, { text: one.text, intent, fate: FATES[outcomeOf(one, edges)] }];
  }));
}

/** Of those that have changed, so many more are worse than better that chance alone seldom does it: two standard deviations. */
export function isWorse({ better, worse }: Comparison): boolean {
  return worse.length - better.length >= 2 * Math.sqrt(worse.length + better.length) && worse.length > 0;
}
