// Replies on their way. A first one takes the conversation before it is sent, and where another agent was faster it stays a
// draft. What goes is the reply as it was, whatever stands in the field by then: the agent may have begun a note, or look at
// something else. So this outlives the composer.
//
// A reply does not wait for a claim that can't be made. It has gone out, and nobody has the conversation: the claim is owed,
// across a reload of the tab too, until it is made or somebody has it.

import { defineStore } from 'pinia';
import { computed, reactive, watch } from 'vue';
import { asProblem } from '../api/problem';
import { useDesk } from '../live/desk-store';
import { useInbox } from '../live/inbox-store';
import { useRooms } from '../live/rooms-store';
import { keepOwed, recallOwed } from '../live/unsent';
import { useDrafts } from './drafts';

/** A claim that another agent has won. */
export interface Loss {
  /** Who was faster; '?' where the server names nobody. */
  to: string;
  /** The assignment that stood when it was made: nobody's. */
  epoch: number;
}

/** Whether a reply may go. */
export interface Leave {
  /** It may not: another agent was faster. */
  lost?: Loss;
  /** It may, and its conversation could not be claimed. */
  owes?: boolean;
}

/** After a claim that failed by itself. */
export const CLAIM_AGAIN_MS = 5_000;

export const useReplies = defineStore('replies', () => {
  const desk = useDesk();
  const inbox = useInbox();
  const rooms = useRooms();
  const drafts = useDrafts();
  /** Conversations of which a reply is on its way. */
  const underWay = reactive(new Set<string>());
  /** The claims that are lost, while the draft waits for a decision. */
  const lost = reactive(new Map<string, Loss>());
  /** Conversations whose claim is owed. */
  const owed = reactive(new Set<string>());
  /** Those of them that are being claimed, or not to be before a pause is over. */
  const waiting = reactive(new Map<string, ReturnType<typeof setTimeout> | undefined>());
  /** What the Desk may take for resolved until it has heard of the reply. */
  const doubted = new Set<string>();

  /** Sends it, if it may go. */
  async function send(conversation: string, reply: string, mayGo: () => Promise<Leave> = async () => ({})): Promise<void> {
    const room = rooms.rooms.get(conversation);
    if (!room || !reply || underWay.has(conversation)) return;
    underWay.add(conversation);
    const release = rooms.hold(conversation);
    try {
      const { lost: loss, owes } = await mayGo();
      // The session is over: it is a draft for whoever signs in again.
      if (rooms.rooms.get(conversation) !== room) return;
      if (loss) {
        lost.set(conversation, loss);
        return;
      }
      lost.delete(conversation);
      if (owes) owe(conversation);
      room.sendMessage(reply);
      drafts.sent(conversation, reply);
    } finally {
      underWay.delete(conversation);
      release();
    }
  }

  function owe(conversation: string): void {
    if (canClaim(conversation)) pause(conversation, CLAIM_AGAIN_MS);
    owed.add(conversation);
    keepOwed([...owed]);
  }

  /** It is claimed, or nobody has to any more. */
  function settle(conversation: string): void {
    if (!owed.delete(conversation)) return;
    keepOwed([...owed]);
    end(conversation);
    doubted.delete(conversation);
  }

  function pause(conversation: string, ms: number): void {
    end(conversation);
    waiting.set(conversation, setTimeout(() => waiting.delete(conversation), ms));
  }

  function end(conversation: string): void {
    clearTimeout(waiting.get(conversation));
    waiting.delete(conversation);
  }

  const isDeskLive = computed(() => desk.link.kind === 'live');

  /** A Room that is no longer held has taken the reply. */
  function canClaim(conversation: string): boolean {
    const room = rooms.rooms.get(conversation);
    return isDeskLive.value && (!room || room.link.value.kind === 'live');
  }

  const due = computed(() => [...owed].filter((conversation) => !waiting.has(conversation) && canClaim(conversation)));

  // What was kept may be of an earlier page, or of before a session of the same agent had ended.
  watch(isDeskLive, (is) => is && recallOwed().forEach((conversation) => owed.add(conversation)), { immediate: true });
  watch(due, (all) => all.forEach((conversation) => void claim(conversation)));

  async function claim(conversation: string): Promise<void> {
    if (inbox.all.get(conversation)?.assigneeId) return settle(conversation);
    waiting.set(conversation, undefined);
    try {
      await desk.claim(conversation);
      settle(conversation);
    } catch (error) {
      const { code, transient, retryAfterMs } = asProblem(error);
      const isEarly = code === 'conflict' && !doubted.has(conversation);
      if (isEarly) doubted.add(conversation);
      if (!transient && !isEarly) settle(conversation);
      else if (owed.has(conversation)) pause(conversation, Math.max(CLAIM_AGAIN_MS, retryAfterMs));
    }
  }

  /** The agent has signed out, or has to sign in again. */
  function clear(): void {
    lost.clear();
    owed.clear();
    for (const conversation of waiting.keys()) end(conversation);
    doubted.clear();
  }

  return { underWay, lost, send, clear };
});
