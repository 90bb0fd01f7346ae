// Something new, created once: the answer to a try may be lost, and whoever tries again would make another one. So it is looked for first.

import { asProblem } from '../api/problem';

/**
 * `keyOf` is what a draft and the thing that it becomes have in common; `look` finds what may have come of these drafts; `change` writes the
 * one that did anew, if its words are others by now.
 */
export function useCreation<D, T extends D, M extends T>({ keyOf, look, make, change }: {
  keyOf(draft: D): string;
  look(sent: readonly D[]): Promise<readonly T[]>;
  make(draft: D): Promise<M>;
  change(there: T, draft: D): Promise<M>;
}): (draft: D) => Promise<M | T> {
  /** Whose answers are lost. */
  const sent: D[] = [];

  async function made(draft: D): Promise<M | T> {
    const keys = sent.map(keyOf);
    const there = keys.length ? (await look(sent)).find((one) => keys.includes(keyOf(one))) : undefined;
    if (!there) return make(draft);
    return keyOf(there) === keyOf(draft) ? there : change(there, draft);
  }

  return async (draft) => {
    try {
      return await made(draft);
    } catch (error) {
      const { status } = asProblem(error);
      if (status === 0 || status >= 500) sent.push(draft);
      throw error;
    }
  };
}
