// The questions and answers, page by page until all are there, so that they can be searched.

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { faq as api } from '../api/routes';
import type { Faq } from '../api/types';
import { useLoaded } from '../session/use-loaded';
import type { IsLate } from '../session/use-loaded';

async function whole(isLate: IsLate): Promise<Faq[]> {
  const all: Faq[] = [];
  let after: string | undefined;
  do {
    const page = await api.list(after);
    all.push(...page.faq);
    after = page.after;
  } while (after && !isLate());
  return all;
}

export const useFaq = defineStore('faq', () => {
  /** Newest first. */
  const faq = ref<Faq[]>([]);
  const { loaded, problem, load, overtake } = useLoaded(whole, (found) => (faq.value = found ?? []));

  /** Takes one that was written: where it stood, or first. */
  function put(entry: Faq): void {
    overtake();
    const isKnown = faq.value.some(({ id }) => id === entry.id);
    faq.value = isKnown ? faq.value.map((one) => (one.id === entry.id ? entry : one)) : [entry, ...faq.value];
  }

  function drop(gone: string): void {
    overtake();
    faq.value = faq.value.filter(({ id }) => id !== gone);
  }

  return { faq, loaded, problem, load, put, drop };
});
