// The version of a thing that its editor began from. If somebody has saved another one since, nothing is written over: what they saved is
// fetched, and whoever edits decides which of the two stays.

import { shallowRef } from 'vue';
import type { ShallowRef } from 'vue';
import { asProblem } from '../api/problem';

export interface Edition<T> {
  /** What somebody else has saved, and nobody has decided about yet. */
  newer: ShallowRef<T | null>;
  /** What is edited goes on from this one. */
  beginFrom: (thing: T) => void;
  /** Sends what is written with the version that it began from; gives what stands then. */
  save: <R extends T>(send: (begun: string) => Promise<R>) => Promise<R | T>;
  /** The newer one, from which what is edited goes on. */
  take: () => T | null;
}

/** Whether a refusal says that somebody else has saved it. */
export function isOvertaken(error: unknown): boolean {
  const { code, field } = asProblem(error);
  return code === 'conflict' && field === 'updated_at';
}

/** `ask` fetches what stands now; `isSame` is whether that is what was just sent, because the answer to a former try was lost. */
export function useEdition<T extends { updated_at: string; }>(ask: () => Promise<T>, isSame: (newer: T) => boolean): Edition<T> {
  const newer = shallowRef(null) as ShallowRef<T | null>;
  let begun = '';

  async function save<R extends T>(send: (begun: string) => Promise<R>): Promise<R | T> {
    try {
      return await send(begun);
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      const found = await ask();
      if (isSame(found)) return found;
      // Whoever saves all the same has been told of this one, and writes over no other.
      begun = found.updated_at;
      newer.value = found;
      throw error;
    }
  }

  function take(): T | null {
    const taken = newer.value;
    newer.value = null;
    return taken;
  }

  return { newer, beginFrom: ({ updated_at }) => void (begun = updated_at), save, take };
}
