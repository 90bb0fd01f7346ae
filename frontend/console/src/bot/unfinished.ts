// What is left to fill in of an answer: what only the owner knows stands in square brackets in the library's drafts, "[My orders]".
// This alone decides what is such a place. Pure.

import type { Intent } from '../api/types';

/** In one line, and more than digits, which are a footnote. With an address right behind it, it is a link of Markdown's. */
const PLACE = /\[(?=[^[\]\n]*[^\s\d[\]])[^[\]\n]*\](?!\(\S)/gu;

/** Each place once, in order, as it is written. */
export function placesIn(text: string): string[] {
  return [...new Set(text.match(PLACE))];
}

/** Of what an intent says itself. With an action it says what the owner's system does. */
export function unfinishedIn({ answer, action }: Pick<Intent, 'answer' | 'action'>): string[] {
  return action ? [] : placesIn(`${answer.en}\n${answer.zh}`);
}

export const isUnfinished = (intent: Pick<Intent, 'answer' | 'action'>) => unfinishedIn(intent).length > 0;
