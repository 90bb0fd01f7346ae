// Who else of the team is at a conversation, so that no two agents answer it at once. Pure.

import { SenderKind } from '../../../shared/wire/types';
import type { Participant } from '../../../shared/wire/types';

export interface Others {
  /** Who is writing a reply. */
  writing: Participant[];
  /** Who has it open and does not write. */
  here: Participant[];
}

/**
 * Never the agent themselves, however many windows they have. Whoever has the conversation is not told to be here: their
 * console keeps its own conversations open, whether they look at them or not; that they write is another matter.
 */
export function othersOf(present: readonly Participant[], typists: readonly Participant[], me: string, holder: string): Others {
  const writing = typists.filter(({ kind, id }) => kind !== SenderKind.VISITOR && id !== me);
  const isWriting = (who: Participant) => writing.some(({ kind, id }) => kind === who.kind && id === who.id);
  const here = present.filter((who) => who.kind === SenderKind.AGENT && who.id !== me && who.id !== holder && !isWriting(who));
  return { writing, here };
}

/** So many are named; the others are a number. */
const NAMED = 3;

/** The names to show, and how many are left out; never only one is. */
export function namedOf(names: readonly string[]): { names: string[]; more: number; } {
  if (names.length <= NAMED) return { names: [...names], more: 0 };
  return { names: names.slice(0, NAMED - 1), more: names.length - NAMED + 1 };
}
