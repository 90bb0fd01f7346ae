// The questions and answers, page by page until all are there, so that they can be searched. Forgotten with the session.

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { faq as api } from '../api/routes';
import type { Faq } from '../api/types';
import { useSession } from '../session/store';

export const useFaq = defineStore('faq', () => {
  const session = useSession();
  /** Newest first. */
  const faq = ref<Faq[]>([]);
  const loaded = ref(false);
  const problem = ref<Problem | null>(null);
  let turn = 0;

  async function load(): Promise<void> {
    const mine = ++turn;
    try {
      const all: Faq[] = [];
      let after: string | undefined;
      do {
        const page = await api.list(after);
        if (mine !== turn) return;
        all.push(...page.faq);
        after = page.after;
      } while (after);
      faq.value = all;
      loaded.value = true;
      problem.value = null;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    }
  }

  /** Takes one that was written: where it stood, or first. */
  function put(entry: Faq): void {
    turn++;
    const isKnown = faq.value.some(({ id }) => id === entry.id);
    faq.value = isKnown ? faq.value.map((one) => (one.id === entry.id ? entry : one)) : [entry, ...faq.value];
  }

  function drop(gone: string): void {
    turn++;
    faq.value = faq.value.filter(({ id }) => id !== gone);
  }

  watch(() => session.me?.id, () => {
    turn++;
    faq.value = [];
    loaded.value = false;
    problem.value = null;
  });

  return { faq, loaded, problem, load, put, drop };
});
