// The workspace's hours, as far as the settings know them: the page changes them, a team's begin with them, and where the
// server has none, nothing of hours is shown.

import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { routing as api } from '../api/routes';
import type { Hours, RoutingAnswer } from '../api/types';

export const useHours = defineStore('hours', () => {
  /** null: always open. Undefined: not asked yet, or a server that is older than this console. */
  const hours = ref<Hours | null>();
  const loaded = ref(false);
  /** false: saved, but the Desk has not said yet that it goes by it. */
  const live = ref(true);
  const problem = ref<Problem | null>(null);
  const known = computed(() => hours.value !== undefined);

  function take(answer: RoutingAnswer): void {
    hours.value = answer.hours;
    live.value = answer.live;
    loaded.value = true;
  }

  async function load(): Promise<void> {
    problem.value = null;
    try {
      take(await api.get());
    } catch (error) {
      problem.value = asProblem(error);
    }
  }

  async function save(next: Hours | null): Promise<void> {
    take(await api.change({ hours: next }));
  }

  function clear(): void {
    hours.value = undefined;
    loaded.value = false;
    live.value = true;
    problem.value = null;
  }

  return { hours, loaded, live, problem, known, load, save, clear };
});
