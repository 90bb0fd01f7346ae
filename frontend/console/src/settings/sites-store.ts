// The workspace's sites: the settings change them, the inbox names them.

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { sites as api } from '../api/routes';
import type { Site } from '../api/types';

export const useSites = defineStore('sites', () => {
  const sites = ref<Site[]>([]);
  const loaded = ref(false);
  const problem = ref<Problem | null>(null);

  async function load(): Promise<void> {
    try {
      sites.value = (await api.list()).sites;
      loaded.value = true;
      problem.value = null;
    } catch (error) {
      problem.value = asProblem(error);
    }
  }

  /** Takes a site that was created or changed. */
  function put(site: Site): void {
    const others = sites.value.filter(({ id }) => id !== site.id);
    // Where it was seen, the answer to a change does not say. A new one was seen nowhere.
    const seen = sites.value.find(({ id }) => id === site.id)?.seen ?? null;
    sites.value = [...others, { seen, ...site }].sort((a, b) => a.created_at.localeCompare(b.created_at));
  }

  function clear(): void {
    sites.value = [];
    loaded.value = false;
  }

  const nameOf = (id: string) => sites.value.find((site) => site.id === id)?.name ?? '';

  return { sites, loaded, problem, load, put, clear, nameOf };
});
