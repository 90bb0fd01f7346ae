// What is known of one conversation, wherever it is known from: its Room's socket, the Desk's list, the API.

import { computed, onScopeDispose, ref, watch } from 'vue';
import type { Outbox } from '../../../shared/outbox';
import { Status } from '../../../shared/wire/types';
import { useInbox } from '../live/inbox-store';
import { useNames } from '../live/names';
import { useRooms } from '../live/rooms-store';
import { timelineOf } from '../live/timeline';
import type { Pending } from '../live/timeline';
import { useSession } from '../session/store';
import { othersOf } from './others';

export type Facts = ReturnType<typeof useConversation>;

export function useConversation(conversation: string) {
  const inbox = useInbox();
  const names = useNames();
  const rooms = useRooms();
  const session = useSession();

  const room = computed(() => rooms.rooms.get(conversation));
  const row = computed(() => inbox.all.get(conversation));
  /** Anything read from the Room's logs depends on this: they change in place. */
  const version = computed(() => room.value?.version.value ?? 0);
  const link = computed(() => room.value?.link.value ?? { kind: 'idle' as const });
  const live = computed(() => link.value.kind === 'live');
  const welcomed = computed(() => version.value >= 0 && room.value?.log.welcomed === true);
  const profile = computed(() => (version.value >= 0 ? room.value?.notes.visitor : undefined));

  const visitorId = computed(() => profile.value?.id || row.value?.visitorId || '');
  /** What the visitor calls themselves; often nothing. */
  const givenName = computed(() => profile.value?.name || row.value?.visitorName || '');
  const visitorName = computed(() => names.visitor(givenName.value, visitorId.value));
  const blocked = computed(() => profile.value?.blocked === true);
  /** Whatever the visitor writes calls nobody. */
  const muted = computed(() => profile.value?.muted ?? row.value?.muted ?? false);
  const online = computed(() => {
    if (version.value < 0 || !live.value) return false;
    return room.value?.log.presence?.visitor ?? row.value?.visitorOnline ?? false;
  });

  /** Status and assignment: of the two that speak live, the one with the newer assignment. */
  const state = computed(() => {
    const held = version.value >= 0 && welcomed.value ? room.value?.log.state : undefined;
    const listed = row.value;
    const byRow = listed !== undefined && (!held || listed.assignmentEpoch > held.assignmentEpoch);
    return {
      status: held?.status ?? listed?.status ?? Status.OPEN,
      snoozedUntil: held?.snoozedUntil ?? listed?.snoozedUntil ?? 0,
      assigneeId: (byRow ? listed.assigneeId : held?.assignee?.id) ?? '',
      assigneeName: (byRow ? listed.assigneeName : held?.assignee?.name) ?? '',
      assignmentEpoch: byRow ? listed.assignmentEpoch : (held?.assignmentEpoch ?? 0),
    };
  });
  const mine = computed(() => state.value.assigneeId !== '' && state.value.assigneeId === session.me?.id);
  const resolved = computed(() => state.value.status === Status.RESOLVED);

  /** A Room that was never written to answers, but with nothing. */
  const missing = computed(() => {
    if (room.value?.refusal.value?.code === 'not_found') return true;
    return welcomed.value && version.value >= 0 && room.value?.log.run.last === 0 && !room.value.log.state;
  });

  // How far the agent had read when the conversation came on the screen, for the line above what is new.
  const readAtOpen = ref(0);
  const stop = watch(
    welcomed,
    (is) => {
      if (is && readAtOpen.value === 0) readAtOpen.value = room.value?.log.read ?? 0;
    },
    { immediate: true },
  );
  onScopeDispose(stop);

  const items = computed(() => {
    const held = room.value;
    if (version.value < 0 || !held) return [];
    return timelineOf({
      messages: held.log.run.entries,
      privates: held.notes.run.entries,
      older: held.log.run.older,
      olderNotes: held.notes.run.older,
      pendingMessages: pendingOf(held.log.outbox),
      pendingNotes: pendingOf(held.notes.outbox),
      me: held.log.you,
      growing: held.growing.text,
      readAtOpen: readAtOpen.value,
    });
  });

  const older = computed(() => version.value >= 0 && room.value?.hasOlder === true);
  /** Who else is writing now. */
  const typists = computed(() => (version.value >= 0 && live.value ? (room.value?.log.typing.list(Date.now()) ?? []) : []));
  /** Which other agents are here, and which of them write. */
  const others = computed(() => {
    const present = version.value >= 0 && live.value ? (room.value?.log.presence?.agents ?? []) : [];
    return othersOf(present, typists.value, session.me?.id ?? '', state.value.assigneeId);
  });
  const preview = computed(() => room.value?.preview.value ?? '');

  return {
    conversation, room, row, version, link, live, welcomed, profile, visitorId, givenName, visitorName, blocked, muted, online,
    state, mine, resolved, missing, items, older, typists, others, preview,
  };
}

function pendingOf(outbox: Outbox): Pending[] {
  return outbox.items.map(({ clientId, text, at, failed }) => ({
    clientId,
    text,
    at,
    state: failed === undefined ? 'sending' : 'failed',
    code: failed ?? '',
  }));
}
