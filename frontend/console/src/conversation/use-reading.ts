// Marks a conversation as read when the agent can have read it: the page is visible and has the focus, the newest
// message is on the screen, and the log is whole.

import { onScopeDispose, watch } from 'vue';
import type { Ref } from 'vue';
import { useInbox } from '../live/inbox-store';
import type { Facts } from './use-conversation';

export function useReading(facts: Facts, atEnd: Readonly<Ref<boolean>>): void {
  const inbox = useInbox();

  function look(): void {
    if (document.visibilityState !== 'visible' || !document.hasFocus()) return;
    const room = facts.room.value;
    if (!room || !facts.welcomed.value || !atEnd.value) return;
    room.markRead();
    const last = room.log.run.entries.at(-1);
    if (last) inbox.markRead(facts.conversation, last.at);
  }

  watch([facts.version, atEnd, () => facts.row.value?.lastAt], look, { immediate: true, flush: 'post' });
  const watching = new AbortController();
  window.addEventListener('focus', look, { signal: watching.signal });
  document.addEventListener('visibilitychange', look, { signal: watching.signal });
  onScopeDispose(() => watching.abort());
}
