// The workspace's hours, as far as the settings know them: the page changes them, a team's begin with them, and where the
// server has none, nothing of hours is shown.

import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { routing as api } from '../api/routes';
import type { Hours, RoutingAnswer } from '../api/types';
import { useSession } from '../session/store';
import { useLoaded } from '../session/use-loaded';

export const useHours = defineStore('hours', () => {
  const session = useSession();
  /** null: always open. Undefined: not asked yet, or a server that is older than this console. */
  const hours = ref<Hours | null>();
  /** false: saved, but the Desk has not said yet that it goes by it. */
  const live = ref(true);
  const known = computed(() => hours.value !== undefined);
  const { loaded, problem, load, overtake } = useLoaded(api.get, take);

  function take(answer: RoutingAnswer | undefined): void {
    hours.value = answer?.hours;
    live.value = answer?.live ?? true;
  }

  async function save(change: { hours?: Hours | null; }): Promise<void> {
    const asker = session.me?.id;
    const answer = await api.change(change);
    if (session.me?.id !== asker) return;
    overtake();
    take(answer);
  }

  return { hours, loaded, live, problem, known, load, save };
});
