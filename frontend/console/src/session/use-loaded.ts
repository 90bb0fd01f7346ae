// What is asked of the server for whoever is signed in: an answer that was overtaken is dropped, and with the session all of it
// is forgotten.

import { ref, watch } from 'vue';
import type { Ref } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { useSession } from './store';

/** Whether something has happened since that makes what was asked then worthless. */
export type IsLate = () => boolean;

export interface Loaded {
  /** Whether anything was taken. */
  loaded: Ref<boolean>;
  /** Why the last answer is missing. */
  problem: Ref<Problem | null>;
  /** Whether the answer was taken: what is known is what stands now. */
  load(): Promise<boolean>;
  /** Something is known that no answer under way can know. */
  overtake(): IsLate;
  /** Asks again in the background: a failure leaves what is there, and the page that shows it, as they are. */
  refresh(): Promise<void>;
}

/** Asks a store until an answer is taken: what it knows then is what stands now, whatever became of what it had asked before. */
export async function loadNow(store: { readonly problem: Problem | null; load(): Promise<boolean>; }): Promise<void> {
  while (!(await store.load())) if (store.problem) throw store.problem;
}

/** `take` is given each answer in time, and nothing when the session is another. Call it in a store or a component. */
export function useLoaded<T>(ask: (isLate: IsLate) => Promise<T>, take: (found: T | undefined) => void): Loaded {
  const session = useSession();
  const loaded = ref(false);
  const problem = ref<Problem | null>(null);
  let turn = 0;

  function overtake(): IsLate {
    const mine = ++turn;
    return () => mine !== turn;
  }

  async function load(): Promise<boolean> {
    const isLate = overtake();
    try {
      const found = await ask(isLate);
      if (isLate()) return false;
      take(found);
      loaded.value = true;
      problem.value = null;
      return true;
    } catch (error) {
      if (!isLate()) problem.value = asProblem(error);
      return false;
    }
  }

  async function refresh(): Promise<void> {
    if (!loaded.value) return void (await load());
    const isLate = overtake();
    const found = await ask(isLate).catch(() => undefined);
    if (found === undefined || isLate()) return;
    take(found);
    problem.value = null;
  }

  // At once: what the next session asks for may come at any moment.
  watch(() => session.me?.id, () => {
    overtake();
    take(undefined);
    loaded.value = false;
    problem.value = null;
  }, { flush: 'sync' });

  return { loaded, problem, load, refresh, overtake };
}
