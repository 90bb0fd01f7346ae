// Conversations with one tag, of whatever view and status, newest first. Which have it the API alone knows, in pages; what is live
// about them the list knows.

import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { conversations as api } from '../api/routes';
import { useInbox } from '../live/inbox-store';
import { rowOfConversation, sortRows } from '../live/rows';
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

  const rows = computed(() => sortRows([...found.value.values()].map(whole), 'newest'));

  /** As it is now; what the Desk does not say of it the API did. */
  function whole(row: InboxRow): InboxRow {
    const live = inbox.all.get(row.id);
    if (!live || live.complete) return live ?? row;
    const { lastAt, preview, previewSender, unread, waitingSince } = row;
    return { ...live, lastAt, preview, previewSender, unread, waitingSince, complete: true };
  }

  /** Filters by another tag; '': by none. */
  function choose(id: string): void {
    if (id === tag.value) return;
    tag.value = id;
    forget();
    if (id) void load();
  }

  function forget(): void {
    turn++;
    found.value = new Map();
    next.value = null;
    problem.value = null;
    answered.value = false;
    loading.value = false;
  }

  /** Asks for the first page, which is all that is shown then, or for the one after what is held. */
  async function load(before?: string): Promise<void> {
    const mine = ++turn;
    loading.value = true;
    problem.value = null;
    try {
      const answer = await api.list({ tag: tag.value, before, limit: PAGE });
      if (mine !== turn) return;
      const page = answer.conversations.map((one) => [one.id, rowOfConversation(one)] as const);
      found.value = new Map([...(before ? found.value : []), ...page]);
      next.value = answer.next || null;
      answered.value = true;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  async function loadMore(): Promise<void> {
    if (next.value && !loading.value) await load(next.value);
  }

  /** An agent has put a tag on a conversation here, or taken it off; the API learns of it a little later. */
  function heard(conversation: string, which: string, on: boolean): void {
    const row = inbox.all.get(conversation);
    if (which !== tag.value || !tag.value || (on && !row)) return;
    const now = new Map(found.value);
    if (on && row) now.set(conversation, row);
    else now.delete(conversation);
    found.value = now;
  }

  watch(() => session.me?.id, () => choose(''), { flush: 'sync' });

  return { tag, rows, loading, answered, problem, next, choose, load, loadMore, heard };
});
