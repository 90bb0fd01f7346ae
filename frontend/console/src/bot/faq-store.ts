// The questions and answers, page by page until all are there, so that they can be searched.

import { defineStore } from 'pinia';
import { Problem } from '../api/problem';
import { faq as api } from '../api/routes';
import type { Faq } from '../api/types';
import type { IsLate } from '../session/use-loaded';
import { useKnownThings } from './known-things';

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

/** An entry as it stands now: there is no address of one alone. */
export async function entryNow(id: string): Promise<Faq> {
  let after: string | undefined;
  do {
    const page = await api.list(after);
    const found = page.faq.find((one) => one.id === id);
    if (found) return found;
    after = page.after;
  } while (after);
  throw new Problem('not_found', 404);
}

export const useFaq = defineStore('faq', () => {
  const { all: faq, ...rest } = useKnownThings(whole);
  return { faq, ...rest };
});
