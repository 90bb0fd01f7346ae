// What an agent does to a conversation besides writing in it. Every refusal ends in words the agent can use.

import { ref, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { Status } from '../../../shared/wire/types';
import { asProblem, Problem } from '../api/problem';
import { visitors } from '../api/routes';
import { rememberMove } from '../attention/own-move';
import { isolated } from '../i18n/isolate';
import { useProblemText } from '../i18n/problem-text';
import { useTagged } from '../inbox/tagged-store';
import { useDesk } from '../live/desk-store';
import type { Receiver } from '../live/desk-store';
import { useInbox } from '../live/inbox-store';
import { isRecent } from '../live/recent';
import { Refused } from '../live/requests';
import { loadNow } from '../session/use-loaded';
import { useTags } from '../settings/tags-store';
import { useToasts } from '../ui/toasts';
import type { Facts } from './use-conversation';

/** Whether a claim went through, lost against another agent, or could not be made. */
export type ClaimResult = 'won' | 'lost' | 'failed';

/** So long it takes to see that a button has become the opposite one, and not to press it any more. */
const SEEN_MS = 1000;

export function useActions(facts: Facts) {
  const { t } = useI18n();
  const desk = useDesk();
  const inbox = useInbox();
  const tagged = useTagged();
  const tags = useTags();
  const toasts = useToasts();
  const problemText = useProblemText();
  const busy = ref(false);

  /** The sentence for a refusal; one that names the other agent where there is one. */
  function wordsOf(error: unknown): string {
    if (error instanceof Refused && error.code === 'already_assigned') {
      return error.holder ? t('conversation.taken_by', { name: isolated(error.holder) }) : t('conversation.taken_by_other');
    }
    return problemText(asProblem(error));
  }

  async function attempt(action: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    try {
      await action();
      return true;
    } catch (error) {
      toasts.show(wordsOf(error), 'problem');
      return false;
    } finally {
      busy.value = false;
    }
  }

  const take = () => attempt(() => desk.claim(facts.conversation));

  /** Takes the conversation before a first reply; the caller decides what a loss means. */
  async function claimFor(): Promise<{ result: ClaimResult; holder: string; }> {
    try {
      await desk.claim(facts.conversation);
      return { result: 'won', holder: '' };
    } catch (error) {
      const lost = error instanceof Refused && error.code === 'already_assigned';
      return { result: lost ? 'lost' : 'failed', holder: lost ? error.holder : '' };
    }
  }

  function release(): Promise<boolean> {
    return attempt(() => {
      rememberMove(facts.conversation);
      return desk.release(facts.conversation, facts.state.value.assignmentEpoch);
    });
  }

  /** Throws what the dialog has to show. `meant` is the assignment that the agent gives away. */
  async function transfer(to: Receiver, reason: string, meant: number): Promise<void> {
    // Before the first assignment it is 0, which the Desk takes for whichever stands by then.
    if (meant !== facts.state.value.assignmentEpoch) throw new Problem('stale_assignment', 409);
    rememberMove(facts.conversation);
    try {
      await desk.transfer(facts.conversation, meant, to, reason);
    } catch (error) {
      // Whoever may not move it any more could have when they began.
      throw asProblem(error).code === 'forbidden' ? new Problem('stale_assignment', 409) : error;
    }
  }

  function setStatus(status: Status, until = 0): Promise<boolean> {
    return attempt(async () => {
      rememberMove(facts.conversation);
      await facts.room.value?.setStatus(status, until);
    });
  }

  /** What turns something round, but for right after others have done so: that press was meant for what stood there before. */
  function toggle(is: () => boolean, turn: (on: boolean) => Promise<boolean>): () => Promise<boolean> {
    let turnedAt = -Infinity;
    watch(() => (facts.welcomed.value ? is() : undefined), (now, before) => {
      if (now !== undefined && before !== undefined && !busy.value) turnedAt = Date.now();
    }, { flush: 'sync' });
    return async () => {
      if (!isRecent(turnedAt, SEEN_MS)) return turn(!is());
      toasts.show(t('conversation.just_changed'));
      return false;
    };
  }

  const toggleResolved = toggle(() => facts.resolved.value, (on) => setStatus(on ? Status.RESOLVED : Status.OPEN));
  const snooze = (until: number) => setStatus(Status.SNOOZED, until);
  const wake = () => setStatus(Status.OPEN);

  const toggleMuted = toggle(() => facts.muted.value, (on) => attempt(async () => {
    await facts.room.value?.setMuted(on);
    inbox.markMuted(facts.conversation, on);
  }));

  /** Where there is no room for another tag, those that were deleted make some: nobody sees them, so nobody could take them off. */
  async function put(tag: string, on: boolean): Promise<void> {
    const room = facts.room.value;
    try {
      await room?.setTag(tag, on);
    } catch (error) {
      if (!room || !on || asProblem(error).code !== 'too_large') throw error;
      const held = facts.profile.value?.tags ?? [];
      // What is on it and not in a list that was asked for later is gone; but a list without this tag is not to be trusted.
      await loadNow(tags);
      const gone = held.filter((id) => tags.named([id]).length === 0);
      if (gone.length === 0 || tags.named([tag]).length === 0) throw error;
      for (const id of gone) await room.setTag(id, false);
      await room.setTag(tag, true);
    }
  }

  /** Several may be on their way: each is of its own. */
  async function setTag(tag: string, on: boolean): Promise<void> {
    try {
      await put(tag, on);
      tagged.heard(facts.conversation, tag, on);
    } catch (error) {
      toasts.show(asProblem(error).code === 'too_large' ? t('conversation.tags_full') : wordsOf(error), 'problem');
    }
  }

  /** Throws what the dialog has to show. */
  async function setBlocked(blocked: boolean): Promise<void> {
    await (blocked ? visitors.block : visitors.unblock)(facts.visitorId.value);
  }

  return { busy, take, claimFor, release, transfer, toggleResolved, snooze, wake, toggleMuted, setTag, setBlocked, wordsOf };
}

export type Actions = ReturnType<typeof useActions>;
