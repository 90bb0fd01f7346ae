// The workspace's sites: the settings change them, the inbox names them.

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { sites as api } from '../api/routes';
import type { Site } from '../api/types';
import { useLoaded } from '../session/use-loaded';
import { useNewcomers } from './newcomers';

export const useSites = defineStore('sites', () => {
  const sites = ref<Site[]>([]);
  const { loaded, problem, load, refresh, overtake } = useLoaded(api.list, (found) => {
    sites.value = found?.sites ?? [];
    if (!found) forget();
  });
  const { learn, forget } = useNewcomers({ loaded, refresh }, () => sites.value);

  /** Takes a site that was created or changed. */
  function put(site: Site): void {
    overtake();
    const others = sites.value.filter(({ id }) => id !== site.id);
    // Where it was seen, the answer to a change does not say. A new one was seen nowhere.
    const seen = sites.value.find(({ id }) => id === site.id)?.seen ?? null;
    sites.value = [...others, { seen, ...site }].sort((a, b) => a.created_at.localeCompare(b.created_at));
  }

  const nameOf = (id: string) => sites.value.find((site) => site.id === id)?.name ?? '';

  return { sites, loaded, problem, load, refresh, put, learn, nameOf };
});
