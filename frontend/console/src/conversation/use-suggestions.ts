// What the bot would answer to the visitor's newest message, while it is people who answer.

import { computed, ref, watch } from 'vue';
import { SenderKind, Status } from '../../../shared/wire/types';
import { bot } from '../api/routes';
import type { Suggestion } from '../api/types';
import { placesIn } from '../bot/unfinished';
import { isRecent } from '../live/recent';
import type { TimelineItem } from '../live/timeline';
import type { Facts } from './use-conversation';

/** The bot reads no more of a message. */
const READ_CHARS = 400;
/** Where a bot has learnt nothing it is not asked again for so long. */
const LEARNS_MS = 5 * 60_000;
let nothingAt = 0;

/** The visitor's newest message, if nobody has answered it yet. */
export function questionOf(items: readonly TimelineItem[]): { key: string; text: string; } | undefined {
  const last = items.findLast((item) => item.kind === 'message');
  return last?.kind === 'message' && last.sender?.kind === SenderKind.VISITOR && last.text.trim() !== '' ? { key: last.key, text: last.text } : undefined;
}

/** Whether a draft may be sent unread by the field: the agent has written nothing, and nothing in it is left to be filled in. */
export const goesAtOnce = (written: string, draft: string) => written.trim() === '' && placesIn(draft).length === 0;

export function useSuggestions({ items, state, mine, live, profile, blocked, muted }: Facts) {
  const suggestions = ref<Suggestion[]>([]);
  const question = computed(() => {
    const { status, assigneeId } = state.value;
    const answers = status === Status.OPEN && (mine.value || assigneeId === '') && !blocked.value && !muted.value;
    // The profile comes a moment after the log, and with it the visitor's language.
    return answers && live.value && profile.value ? questionOf(items.value) : undefined;
  });

  watch(() => question.value?.key, async (key) => {
    suggestions.value = [];
    const asked = question.value;
    if (!asked || isRecent(nothingAt, LEARNS_MS)) return;
    try {
      const answer = await bot.suggest([...asked.text].slice(0, READ_CHARS).join(''), profile.value?.locale ?? '');
      if (!answer.learnt) nothingAt = Date.now();
      if (question.value?.key === key) suggestions.value = answer.suggestions.slice(0, 3);
    } catch {
      // They are a help, no more: the next message asks again.
    }
  }, { immediate: true });

  return suggestions;
}
