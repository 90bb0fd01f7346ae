// Conversations with one tag, of whatever view and status, newest first. Which have it the API alone knows, in pages; what is live
// about them the list knows.

import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { conversations as api } from '../api/routes';
import { useInbox } from '../live/inbox-store';
import { asNow, rowOfConversation, sortRows } from '../live/rows';
import type { InboxRow } from '../live/rows';
import { useSession } from '../session/store';

const PAGE = 50;

export const useTagged = defineStore('tagged', () => {
  const session = useSession();
  const inbox = useInbox();
  /** The tag by which the list is filtered; '': by none. */
  const tag = ref('');
  const found = shallowRef(new Map<string, InboxRow>());
  const loading = ref(false);
  /** Whether the first page is there. */
  const answered = ref(false);
  const problem = ref<Problem | null>(null);
  /** Where the list goes on; null at its end. */
  const next = ref<string | null>(null);
  let turn = 0;
  /** Where the page begins that was asked for last. */
  let lastBefore: string | undefined;
  /** What was done here since the last answer was asked for: the API learns of it a little later. */
  const done = new Map<string, InboxRow | null>();

  const rows = computed(() => sortRows([...found.value.values()].map((row) => asNow(row, inbox.all.get(row.id))), 'newest'));

  /** Filters by another tag; '': by none. */
  function choose(id: string): void {
    if (id === tag.value) return;
    tag.value = id;
    forget();
    if (id) void load();
  }

  function forget(): void {
    turn++;
    done.clear();
    found.value = new Map();
    next.value = null;
    problem.value = null;
    answered.value = false;
    loading.value = false;
  }

  /** Asks for the page after what is held, or for the first one anew; of what is held, older ones than those stay. */
  async function load(before?: string): Promise<void> {
    const mine = ++turn;
    lastBefore = before;
    loading.value = true;
    problem.value = null;
    try {
      const answer = await api.list({ tag: tag.value, before, limit: PAGE });
      if (mine !== turn) return;
      const page = answer.conversations.map((one) => [one.id, rowOfConversation(one)] as const);
      const held = [...found.value].filter(([, row]) => before || goesOn(answer.next, page, row));
      // The end of what is held is further on.
      const isBehind = !before && held.length > 0;
      found.value = withDone(new Map([...held, ...page]));
      done.clear();
      if (!isBehind) next.value = answer.next || null;
      answered.value = true;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  /** Whether a row that is held stands behind the first page. */
  function goesOn(next: string | null | undefined, page: readonly (readonly [string, InboxRow])[], row: InboxRow): boolean {
    const oldest = Math.min(...page.map(([, one]) => one.lastAt));
    return !!next && row.lastAt < oldest;
  }

  function withDone(rows: Map<string, InboxRow>): Map<string, InboxRow> {
    for (const [id, row] of done) {
      if (row) rows.set(id, row);
      else rows.delete(id);
    }
    return rows;
  }

  /** Asks again for what could not be asked for. */
  const retry = () => load(lastBefore);

  async function loadMore(): Promise<void> {
    if (next.value && !loading.value) await load(next.value);
  }

  /** An agent has put a tag on a conversation here, or taken it off; the API learns of it a little later. */
  function heard(conversation: string, which: string, on: boolean): void {
    const row = inbox.all.get(conversation);
    if (which !== tag.value || !tag.value || (on && !row)) return;
    done.set(conversation, on && row ? row : null);
    found.value = withDone(new Map(found.value));
  }

  watch(() => session.me?.id, () => choose(''), { flush: 'sync' });

  return { tag, rows, loading, answered, problem, next, choose, load, loadMore, retry, heard };
});
