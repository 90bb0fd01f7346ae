// The notice that another agent was faster. It stands until the agent decides, and no longer than it is true: nobody has the
// conversation, or this agent does, or nothing is left to send.

import { computed, watch } from 'vue';
import { useDrafts } from './drafts';
import { useReplies } from './replies-store';
import type { Facts } from './use-conversation';

/** Who has the conversation while the reply waits for a decision; '' where none does, '?' where the server names nobody. */
export function useLost({ conversation, state, mine }: Facts) {
  const drafts = useDrafts();
  const replies = useReplies();
  const loss = computed(() => replies.lost.get(conversation));
  /** That nobody has it may be what stood there before the claim that has won: its news is late. */
  const isNews = computed(() => loss.value !== undefined && state.value.assignmentEpoch > loss.value.epoch);
  const isOver = computed(() => {
    if (!loss.value) return false;
    return !drafts.has(conversation, 'reply') || (isNews.value && (mine.value || state.value.assigneeId === ''));
  });
  watch(isOver, (is) => is && replies.lost.delete(conversation), { immediate: true });
  return computed(() => {
    if (!loss.value || isOver.value) return '';
    return (isNews.value && state.value.assigneeName) || loss.value.to;
  });
}
