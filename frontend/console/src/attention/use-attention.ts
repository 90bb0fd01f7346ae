// Reaches an agent who looks elsewhere: the count in the title, the mark on the icon, the sound, the desktop notification. What
// rings calls them wherever they look.

import { computed, onScopeDispose, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { Status } from '../../../shared/wire/types';
import { isolated } from '../i18n/isolate';
import { useDesk } from '../live/desk-store';
import { useInbox } from '../live/inbox-store';
import { useNames } from '../live/names';
import { useRooms } from '../live/rooms-store';
import type { InboxRow } from '../live/rows';
import type { Offers } from '../offers/use-offers';
import { usePreferences } from '../session/preferences';
import { useSession } from '../session/store';
import { useTeams } from '../settings/teams-store';
import { concernsOf } from './concern';
import { newlyUnread, tabOf, unreadFor } from './count';
import { isLooking, notifyDesktop } from './desktop';
import { setIcon } from './icon';
import { holdSoundLock, isLookedAt } from './one-window';
import { playBell } from './sound';
import { useLooking } from './use-looking';
import { useRinging } from './use-ringing';

export function useAttention(offers: Offers) {
  const { t } = useI18n();
  const router = useRouter();
  const desk = useDesk();
  const inbox = useInbox();
  const names = useNames();
  const rooms = useRooms();
  const session = useSession();
  const teams = useTeams();
  const preferences = usePreferences();
  const lock = holdSoundLock();

  const concerns = computed(() => concernsOf(session.me?.id ?? '', teams.teams));
  const unread = computed(() => unreadFor(inbox.all.values(), concerns.value));
  const tab = computed(() => {
    const texts = { idle: t('app.console'), ringing: t('offers.window') };
    return tabOf(unread.value, offers.list.value.length, preferences, texts);
  });
  const stopTitle = watch(() => tab.value.title, (title) => (document.title = title), { immediate: true });
  const stopIcon = watch(() => tab.value.icon, setIcon, { immediate: true });
  useRinging(offers, lock);
  useLooking();

  async function call(conversation: string, visitorName: string, text: string): Promise<void> {
    if (isLooking() && rooms.openId === conversation) return;
    if (await isLookedAt(conversation)) return;
    if (preferences.sound && lock.isHeld()) void playBell();
    if (isLooking() || !preferences.desktop) return;
    notifyDesktop(t('inbox.new_message', { name: isolated(visitorName) }), text.slice(0, 200), conversation, () => {
      void router.push(`/inbox/all/${conversation}`);
    });
  }

  const stopRooms = rooms.whenArrived((room, message) => {
    if (room.notes.visitor?.muted) return;
    const row = inbox.all.get(room.conversation);
    if (row?.assigneeId === '' && !concerns.value(row)) return;
    void call(room.conversation, names.visitor(row?.visitorName ?? '', row?.visitorId ?? ''), message.text ?? '');
  });

  // Conversations without a Room of ours are heard of through the Desk, and so is what a bot hands over, which is no message of
  // the visitor's. What the Desk says first is history.
  let before: ReadonlyMap<string, InboxRow> | null = null;
  const stopDesk = watch(
    () => [desk.loaded, inbox.all] as const,
    ([loaded, rows]) => {
      if (loaded && before) {
        for (const row of newlyUnread(before, rows)) {
          const isHeard = rooms.rooms.has(row.id) && before.get(row.id)?.status !== Status.PENDING;
          if (concerns.value(row) && !isHeard) void call(row.id, names.visitor(row.visitorName, row.visitorId), row.preview);
        }
      }
      before = loaded ? rows : null;
    },
  );

  onScopeDispose(() => {
    stopTitle();
    stopIcon();
    stopRooms();
    stopDesk();
    lock.release();
    document.title = t('app.console');
    setIcon('icon.svg');
  });

  return { unread };
}
