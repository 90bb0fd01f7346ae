// A form's one action: busy while it runs, its problem kept until the next try.

import { ref, watch } from 'vue';
import type { Ref } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';

export interface Submit {
  busy: Ref<boolean>;
  problem: Ref<Problem | null>;
  /** Runs the action unless it runs already. Resolves true when it succeeded, and the dialog was not opened anew meanwhile. */
  run: (action: () => Promise<void>) => Promise<boolean>;
  /** Whether the last refusal was about this field. */
  blames: (field: string) => boolean;
}

/** `open`: of the dialog whose action it is. What one opening still waits for concerns no other. */
export function useSubmit(open?: Ref<boolean>): Submit {
  const busy = ref(false);
  const problem = ref<Problem | null>(null);
  let opening = 0;

  if (open) {
    watch(open, (is) => {
      if (!is) return;
      opening++;
      busy.value = false;
      problem.value = null;
    }, { flush: 'sync' });
  }

  async function run(action: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false;
    const mine = opening;
    busy.value = true;
    problem.value = null;
    try {
      await action();
      return mine === opening;
    } catch (error) {
      if (mine === opening) problem.value = asProblem(error);
      return false;
    } finally {
      if (mine === opening) busy.value = false;
    }
  }

  return { busy, problem, run, blames: (field) => problem.value?.field === field };
}
