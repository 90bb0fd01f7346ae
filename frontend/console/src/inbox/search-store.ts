// The search for visitors, by name or address, and over all messages: one question at a time, asked when the typing pauses.

import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { conversations as api } from '../api/routes';
import type { Conversation, SearchHit } from '../api/types';
import { useInbox } from '../live/inbox-store';
import { asNow, rowOfConversation } from '../live/rows';
import type { InboxRow } from '../live/rows';

const PAUSE_MS = 250;
/** So many of the newest conversations that the API finds are looked through for visitors: it finds by messages, too. */
const FOUND = 50;
/** More visitors than these would push the messages away. */
const SHOWN = 5;

/** Whether a visitor is called so or has such an address. Pure. */
export function isCalled({ visitor: { name, email } }: Pick<Conversation, 'visitor'>, q: string): boolean {
  return [name, email].some((text) => text.toLowerCase().includes(q.toLowerCase()));
}

export const useSearch = defineStore('search', () => {
  const query = ref('');
  const inbox = useInbox();
  const hits = ref<SearchHit[]>([]);
  const called = shallowRef<InboxRow[]>([]);
  /** The newest conversations with visitors who are called so. */
  const visitors = computed(() => called.value.map((row) => asNow(row, inbox.all.get(row.id))));
  const busy = ref(false);
  const problem = ref<Problem | null>(null);
  /** The query that `visitors` and `hits` answer; '' while nothing was asked. */
  const answered = ref('');
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turn = 0;

  async function ask(): Promise<void> {
    const mine = ++turn;
    const q = query.value.trim();
    busy.value = true;
    try {
      const [list, found] = await Promise.all([api.list({ q, limit: FOUND }), api.search(q)]);
      if (mine !== turn) return;
      called.value = list.conversations.filter((one) => isCalled(one, q)).slice(0, SHOWN).map(rowOfConversation);
      hits.value = found.hits;
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
    called.value = [];
    answered.value = '';
    busy.value = false;
    problem.value = null;
  }

  function clear(): void {
    query.value = '';
    clearTimeout(timer);
    forget();
  }

  return { query, visitors, hits, busy, problem, answered, ask, clear };
});
