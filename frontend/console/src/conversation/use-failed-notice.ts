// An agent who looks at something else is told that what they wrote was refused, and led to where they decide about it.

import { onScopeDispose } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { isolated } from '../i18n/isolate';
import { useInbox } from '../live/inbox-store';
import { useNames } from '../live/names';
import { useRooms } from '../live/rooms-store';
import { useToasts } from '../ui/toasts';

export function useFailedNotice(): void {
  const { t } = useI18n();
  const router = useRouter();
  const inbox = useInbox();
  const names = useNames();
  const rooms = useRooms();
  const toasts = useToasts();

  onScopeDispose(rooms.whenFailed(({ conversation, notes }) => {
    if (rooms.openId === conversation) return;
    const row = inbox.all.get(conversation);
    const name = names.visitor(notes.visitor?.name || row?.visitorName || '', notes.visitor?.id || row?.visitorId || '');
    const look = () => void router.push(`/inbox/all/${conversation}`);
    toasts.show(t('conversation.not_sent', { name: isolated(name) }), 'problem', { label: t('conversation.not_sent_look'), run: look });
  }));
}
