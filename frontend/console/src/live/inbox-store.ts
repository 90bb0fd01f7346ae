// The list of conversations for the chosen view: the Desk's live rows, completed by the API.

import { defineStore } from 'pinia';
import { computed, reactive, ref, shallowRef, triggerRef, watch } from 'vue';
import { Status } from '../../../shared/wire/types';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { conversations as api } from '../api/routes';
import type { StatusName } from '../api/types';
import { useSession } from '../session/store';
import { useDesk } from './desk-store';
import { inView, isFollowedUp, rowOfConversation, rowOfDesk, sortRows, statusOf, teamOf, unassignedFirst } from './rows';
import type { FixedView, InboxRow, Sort, View } from './rows';

/** What nobody has is a queue, and so is what is a team's. */
const SORTS: Record<FixedView | 'team', Sort> = { mine: 'newest', unassigned: 'waiting', follow_up: 'waiting', all: 'newest', team: 'waiting' };
/** How many rows without a preview are asked for one by one at a time. */
const FILL_AT_ONCE = 4;
/** After a row that could not be asked for. */
export const FILL_AGAIN_MS = 10_000;
/** So many that the Desk does not list are held, and ten times as many while such are shown; further ones the API tells. */
export const UNLISTED_KEPT = 1_000;

export const useInbox = defineStore('inbox', () => {
  const session = useSession();
  const desk = useDesk();
  const view = ref<View>('mine');
  const status = ref<StatusName>('open');
  /** The team whose conversations are shown; '' in another view. */
  const team = computed(() => teamOf(view.value));
  const sorts = reactive({ ...SORTS });
  const sortOf = computed(() => (team.value ? 'team' : (view.value as FixedView)));
  const sort = computed({ get: () => sorts[sortOf.value], set: (next) => (sorts[sortOf.value] = next) });
  /** The Desk holds all of the view: what is open, of a team or to be followed up. */
  const isDesks = computed(() => team.value !== '' || view.value === 'follow_up');
  const loading = ref(false);
  const problem = ref<Problem | null>(null);
  /** Where the API's list goes on; null at its end. */
  const next = ref<string | null>(null);
  const known = shallowRef(new Map<string, InboxRow>());
  /** Conversations that the agent has read further than the list knows yet: the last activity that was read. */
  const readAt = shallowRef(new Map<string, number>());
  const asked = new Set<string>();
  /** The API did not answer: until this is over no row is asked for, and then what is still without a preview. */
  let pause: ReturnType<typeof setTimeout> | undefined;
  /** It said itself how long: then nothing ends the pause early. */
  let isNamed = false;
  /** How often each row could not be asked for: those come after the others, which they would keep waiting. */
  const failures = new Map<string, number>();
  let turn = 0;
  /** The conversation that was opened last. */
  let lookedAt = '';
  /** Where the page begins that was asked for last. */
  let lastBefore: string | undefined;
  /** Another one after each `clear`: what was asked for before belongs to an agent who has signed out. */
  let life = 0;

  desk.whenLeft((left) => {
    // What leaves the Desk's list is resolved; the API learns of it a little later.
    for (const row of left) {
      const was = known.value.get(row.conversation);
      // The last one to leave is the last one here.
      known.value.delete(row.conversation);
      known.value.set(row.conversation, resolved(rowOfDesk(row, was)));
    }
    forgetFirst();
    triggerRef(known);
  });

  /** A tab is open for weeks: forgets those that left first, but for the one that is looked at. */
  function forgetFirst(): void {
    const most = status.value === 'resolved' ? 10 * UNLISTED_KEPT : UNLISTED_KEPT;
    const listed = new Set(desk.rows.map(({ conversation }) => conversation));
    const unlisted = [...known.value.keys()].filter((id) => !listed.has(id) && id !== lookedAt);
    for (const id of unlisted.slice(0, -most)) {
      known.value.delete(id);
      readAt.value.delete(id);
    }
  }

  desk.whenOutdated(() => {
    // Where a row stands is kept until the API has told what is in it.
    for (const [id, row] of all.value) known.value.set(id, { ...row, complete: false });
    askAgain();
  });

  // With the line the API may be back; where it is not, it is again a few that find out.
  watch(() => desk.link.kind === 'live', (is) => is && pause && askAgain(), { flush: 'sync' });

  /** Whoever shows the rows hears that there is something to ask for. */
  function askAgain(): void {
    if (!isNamed) endPause();
    triggerRef(known);
  }

  function endPause(): void {
    clearTimeout(pause);
    pause = undefined;
    isNamed = false;
    asked.clear();
  }

  function leaveAlone(retryAfterMs: number): void {
    if (pause && (isNamed || !retryAfterMs)) return;
    clearTimeout(pause);
    isNamed = retryAfterMs > 0;
    pause = setTimeout(() => {
      isNamed = false;
      askAgain();
    }, Math.max(FILL_AGAIN_MS, retryAfterMs));
  }

  function resolved(row: InboxRow): InboxRow {
    return { ...row, status: Status.RESOLVED, snoozedUntil: 0, unread: 0, waitingSince: 0, ringUntil: 0, queuedAt: 0, movedUp: 0, followUp: 0, replyTo: '' };
  }

  /** Every conversation that is known, by its id. */
  const all = computed(() => {
    const rows = new Map<string, InboxRow>();
    for (const row of desk.rows) rows.set(row.conversation, seen(rowOfDesk(row, known.value.get(row.conversation))));
    for (const [id, row] of known.value) {
      // Once the Desk has spoken, an open conversation that it does not list is one that the API is late about.
      if (!rows.has(id) && (row.status === Status.RESOLVED || !desk.loaded)) rows.set(id, seen(row));
    }
    return rows;
  });

  function seen(row: InboxRow): InboxRow {
    const read = readAt.value.get(row.id);
    return read !== undefined && row.lastAt <= read ? { ...row, unread: 0 } : row;
  }

  const me = computed(() => session.me?.id ?? '');

  const rows = computed(() => {
    const wanted = statusOf(status.value);
    const found = [...all.value.values()].filter((row) => row.status === wanted && inView(row, view.value, me.value));
    const sorted = sortRows(found, sort.value);
    return team.value && sort.value === 'waiting' ? unassignedFirst(sorted) : sorted;
  });

  /** How many open conversations each view holds. */
  const counts = computed(() => {
    const count = { mine: 0, unassigned: 0, follow_up: 0, all: 0 };
    for (const row of all.value.values()) {
      if (row.status !== Status.OPEN) continue;
      count.all++;
      if (isFollowedUp(row)) count.follow_up++;
      else if (row.assigneeId === '') count.unassigned++;
      else if (row.assigneeId === me.value) count.mine++;
    }
    return count;
  });

  /** How many conversations a bot has. */
  const withBot = computed(() => [...all.value.values()].filter((row) => row.status === Status.PENDING).length);

  /** How many open conversations each team has, and how many of them nobody has. */
  const teamCounts = computed(() => {
    const count = new Map<string, { open: number; unassigned: number; }>();
    for (const row of all.value.values()) {
      if (row.status !== Status.OPEN || !row.team) continue;
      const { open, unassigned } = count.get(row.team) ?? { open: 0, unassigned: 0 };
      count.set(row.team, { open: open + 1, unassigned: unassigned + (row.assigneeId === '' && !isFollowedUp(row) ? 1 : 0) });
    }
    return count;
  });

  function query(before?: string) {
    const assignee = view.value === 'mine' ? 'me' : view.value === 'unassigned' ? 'none' : undefined;
    return { status: status.value, assignee, before, limit: 50 };
  }

  /** Shows another view, and asks the API for its first page. */
  async function choose(nextView: View, nextStatus: StatusName): Promise<void> {
    view.value = nextView;
    // Only the Desk knows whose a conversation is, and it lists none that is resolved. What a bot has is no agent's.
    const isOpenOnly = view.value === 'follow_up' || (team.value !== '' && nextStatus === 'resolved') || (view.value === 'mine' && nextStatus === 'pending');
    status.value = isOpenOnly ? 'open' : nextStatus;
    next.value = null;
    if (isDesks.value) forgetAsked();
    else await load();
  }

  /** What was asked for another view does not come into this one. */
  function forgetAsked(): void {
    turn++;
    loading.value = false;
    problem.value = null;
  }

  /** Asks for the first page, or for the one after what is held. The Desk holds all that is a team's. */
  async function load(before?: string): Promise<void> {
    if (isDesks.value) return;
    const mine = ++turn;
    lastBefore = before;
    const begun = life;
    loading.value = true;
    problem.value = null;
    try {
      const answer = await api.list(query(before));
      if (begun !== life) return;
      for (const conversation of answer.conversations) known.value.set(conversation.id, rowOfConversation(conversation));
      triggerRef(known);
      if (mine === turn) next.value = answer.next || null;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  /** Asks again for what could not be asked for. */
  const retry = () => load(lastBefore);

  async function loadMore(): Promise<void> {
    if (next.value && !loading.value) await load(next.value);
  }

  /** Asks for what the Desk did not say of the rows on the screen, each once. */
  async function fill(visible: InboxRow[]): Promise<void> {
    const begun = life;
    const failed = ({ id }: InboxRow) => failures.get(id) ?? 0;
    const missing = visible.filter((row) => !row.complete && !asked.has(row.id)).sort((one, other) => failed(one) - failed(other));
    for (const row of missing) asked.add(row.id);
    for (let i = 0; i < missing.length && begun === life && !pause; i += FILL_AT_ONCE) {
      // A page may have brought some of them meanwhile.
      const still = missing.slice(i, i + FILL_AT_ONCE).filter(({ id }) => !known.value.get(id)?.complete);
      await Promise.all(still.map((row) => fillOne(row.id)));
    }
  }

  async function fillOne(conversation: string): Promise<void> {
    const begun = life;
    try {
      const found = (await api.one(conversation)).conversation;
      if (begun !== life) return;
      failures.delete(conversation);
      known.value.set(conversation, rowOfConversation(found));
      triggerRef(known);
    } catch (error) {
      const { transient, retryAfterMs } = asProblem(error);
      // What is refused for good stays without a preview until its Room speaks.
      if (!transient || begun !== life) return;
      failures.set(conversation, (failures.get(conversation) ?? 0) + 1);
      leaveAlone(retryAfterMs);
    }
  }

  /** Asks for one conversation that the list may not hold, so that its visitor and site are known. */
  async function ensure(conversation: string): Promise<void> {
    lookedAt = conversation;
    if (known.value.get(conversation)?.complete || all.value.get(conversation)?.complete) return;
    asked.add(conversation);
    await fillOne(conversation);
  }

  /** The agent has read everything up to this time in a conversation. */
  function markRead(conversation: string, at: number): void {
    if ((readAt.value.get(conversation) ?? -1) >= at) return;
    readAt.value.set(conversation, at);
    triggerRef(readAt);
  }

  /** The agent has muted a conversation, or does so no longer; the API learns of it a little later. */
  function markMuted(conversation: string, muted: boolean): void {
    const row = all.value.get(conversation);
    if (!row) return;
    known.value.set(conversation, { ...row, muted });
    triggerRef(known);
  }

  /** Forgets everything: the agent has signed out. */
  function clear(): void {
    life++;
    forgetAsked();
    known.value = new Map();
    readAt.value = new Map();
    endPause();
    failures.clear();
    next.value = null;
  }

  /** Another agent begins with what is open, in its own order. */
  function forget(): void {
    view.value = 'mine';
    status.value = 'open';
    Object.assign(sorts, SORTS);
  }

  return { view, team, status, sort, loading, problem, next, all, rows, counts, withBot, teamCounts, choose, load, loadMore, retry, fill, ensure, markRead, markMuted, clear, forget };
});
