// Reaches an agent who looks elsewhere: the count in the title, the mark on the icon, the sound, the desktop notification. What
// rings calls them wherever they look.

import { computed, onScopeDispose, shallowReactive, watch } from 'vue';
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
import { isQueuedAnew, newlyUnread, tabOf, unreadFor } from './count';
import { isLooking, notifyDesktop } from './desktop';
import { setIcon } from './icon';
import { isLookedAt } from './one-window';
import { isOwnMove } from './own-move';
import { useBell } from './use-bell';
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
  const ring = useBell();

  const concerns = computed(() => concernsOf(session.me?.id ?? '', teams.teams));
  const unread = computed(() => unreadFor(inbox.all.values(), concerns.value));
  /** What others have given to this agent, who has yet to look at it. */
  const given = shallowReactive(new Set<string>());
  const unseen = computed(() => [...given].filter((id) => isUnseen(inbox.all.get(id))).length);
  const tab = computed(() => {
    const texts = { idle: t('app.console'), ringing: t('offers.window') };
    return tabOf(unread.value + unseen.value, offers.list.value.length, preferences, texts);
  });
  const stopTitle = watch(() => tab.value.title, (title) => (document.title = title), { immediate: true });
  const stopIcon = watch(() => tab.value.icon, setIcon, { immediate: true });
  useRinging(offers, () => void ring());
  const looked = useLooking((id) => given.delete(id));

  /** What is unread is counted already. */
  function isUnseen(row: InboxRow | undefined): boolean {
    return row?.assigneeId === session.me?.id && row?.status === Status.OPEN && row.unread === 0;
  }

  /** Whoever looks at it in another window need not look again. */
  async function give(id: string): Promise<void> {
    given.add(id);
    if (await isLookedAt(id)) given.delete(id);
  }

  async function call(conversation: string, title: string, text: string): Promise<void> {
    if (isLooking() && rooms.openId === conversation) return;
    if (await isLookedAt(conversation)) return;
    void ring();
    if (isLooking() || !preferences.desktop) return;
    notifyDesktop(title, text.slice(0, 200), conversation, () => {
      void router.push(`/inbox/all/${conversation}`);
    });
  }

  const nameOf = (row: InboxRow | undefined) => ({ name: isolated(names.visitor(row?.visitorName ?? '', row?.visitorId ?? '')) });

  const stopRooms = rooms.whenArrived((room, message) => {
    if (room.notes.visitor?.muted) return;
    const row = inbox.all.get(room.conversation);
    if (row?.assigneeId === '' && !concerns.value(row)) return;
    if (message.at <= (calledTo.get(room.conversation) ?? 0)) return;
    void call(room.conversation, t('inbox.new_message', nameOf(row)), message.text ?? '');
  });

  const stopGiven = desk.whenGiven((id) => {
    const row = inbox.all.get(id);
    if (looked.value !== id) void give(id);
    void call(id, t('inbox.given', nameOf(row)), row?.preview ?? '');
  });

  /** By conversation: up to which time the Desk's word has called for its messages. A Room that comes back tells of them again. */
  const calledTo = new Map<string, number>();

  /**
   * Whether a Room of ours tells of the last message of a row. One without a line may never. With the first welcome of a Room it may have
   * come, too: then nothing did.
   */
  function isHeard({ id, lastAt }: InboxRow): boolean {
    const room = rooms.rooms.get(id);
    return room?.log.welcomed === true && room.link.value.kind === 'live' && lastAt > room.historyTo;
  }

  /** Calls for what the Desk alone tells of a row. */
  function hear(was: InboxRow | undefined, row: InboxRow): void {
    // What rings at this agent calls by itself.
    if (!concerns.value(row) || (row.ringUntil > 0 && row.assigneeId !== '')) return;
    const isHandedOver = was?.status === Status.PENDING;
    const isQueued = !isHandedOver && row.unread <= (was?.unread ?? 0) && isQueuedAnew(was, row);
    // Whoever has put it there, or has just had it, knows of it.
    const isKnown = isQueued ? was?.assigneeId === session.me?.id || isOwnMove(row.id) : isHeard(row);
    if (isKnown && !isHandedOver) return;
    if (!isQueued) calledTo.set(row.id, row.lastAt);
    void call(row.id, t(isQueued ? 'inbox.queued' : 'inbox.new_message', nameOf(row)), row.preview);
  }

  // Conversations without a Room of ours are heard of through the Desk, and so is what comes into a queue, which is no message of
  // the visitor's. What the Desk says first is history.
  let before: ReadonlyMap<string, InboxRow> | null = null;
  const stopDesk = watch(
    () => [desk.loaded, inbox.all] as const,
    ([loaded, rows]) => {
      if (loaded && before) {
        for (const row of newlyUnread(before, rows)) hear(before.get(row.id), row);
      }
      before = loaded ? rows : null;
    },
  );

  onScopeDispose(() => {
    stopTitle();
    stopIcon();
    stopRooms();
    stopDesk();
    stopGiven();
    document.title = t('app.console');
    setIcon('icon.svg');
  });

  return { unread };
}
