// A form's one action: busy while it runs, its problem kept until the next try.

import { ref } from 'vue';
import type { Ref } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';

export interface Submit {
  busy: Ref<boolean>;
  problem: Ref<Problem | null>;
  /** Runs the action unless it runs already. Resolves true when it succeeded. */
  run: (action: () => Promise<void>) => Promise<boolean>;
  /** Whether the last refusal was about this field. */
  blames: (field: string) => boolean;
}

export function useSubmit(): Submit {
  const busy = ref(false);
  const problem = ref<Problem | null>(null);

  async function run(action: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    problem.value = null;
    try {
      await action();
      return true;
    } catch (error) {
      problem.value = asProblem(error);
      return false;
    } finally {
      busy.value = false;
    }
  }

  return { busy, problem, run, blames: (field) => problem.value?.field === field };
}
