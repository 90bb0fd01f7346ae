// The search over all messages: one question at a time, asked when the typing pauses.

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { conversations as api } from '../api/routes';
import type { SearchHit } from '../api/types';

const PAUSE_MS = 250;

export const useSearch = defineStore('search', () => {
  const query = ref('');
  const hits = ref<SearchHit[]>([]);
  const busy = ref(false);
  const problem = ref<Problem | null>(null);
  /** The query that `hits` answer; '' while nothing was asked. */
  const answered = ref('');
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turn = 0;

  async function ask(): Promise<void> {
    const mine = ++turn;
    const q = query.value.trim();
    busy.value = true;
    try {
      const found = (await api.search(q)).hits;
      if (mine !== turn) return;
      hits.value = found;
      answered.value = q;
      problem.value = null;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }

  watch(query, (text) => {
    clearTimeout(timer);
    if (text.trim()) timer = setTimeout(() => void ask(), PAUSE_MS);
    else forget();
  });

  function forget(): void {
    turn++;
    hits.value = [];
    answered.value = '';
    busy.value = false;
    problem.value = null;
  }

  function clear(): void {
    query.value = '';
    clearTimeout(timer);
    forget();
  }

  return { query, hits, busy, problem, answered, ask, clear };
});
