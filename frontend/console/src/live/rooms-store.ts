// The Rooms that this console holds a socket to: the open conversation, the agent's own ones, and any that still has
// something to send, also from before the tab was loaded anew.

import { defineStore } from 'pinia';
import { computed, ref, shallowReactive, watch } from 'vue';
import type { Message } from '../../../shared/wire/types';
import { Status } from '../../../shared/wire/types';
import { useSession } from '../session/store';
import { useInbox } from './inbox-store';
import { Room } from './room';
import { unsentConversations } from './unsent';

/** More of one's own conversations than this are heard of through the Desk alone. */
const OWN_ROOMS = 20;

type ArrivedListener = (room: Room, message: Message) => void;
type FailedListener = (room: Room) => void;

export const useRooms = defineStore('rooms', () => {
  const session = useSession();
  const inbox = useInbox();
  const rooms = shallowReactive(new Map<string, Room>());
  const openId = ref('');
  const held = new Set<string>();
  const arrivedListeners = new Set<ArrivedListener>();
  const failedListeners = new Set<FailedListener>();

  const openRoom = computed(() => rooms.get(openId.value));

  /** How many messages and notes wait here: what ends this tab for good loses them. */
  const unsent = computed(() => [...rooms.values()].reduce((sum, room) => (room.version.value >= 0 ? sum + room.unsent : sum), 0));

  const ownIds = computed(() => {
    const own = [...inbox.all.values()].filter((row) => row.assigneeId === session.me?.id && row.status === Status.OPEN);
    own.sort((a, b) => b.lastAt - a.lastAt);
    return own.slice(0, OWN_ROOMS).map((row) => row.id);
  });

  watch([ownIds, openId], sync);

  /** Opens those that are wanted and closes the others. */
  function sync(): void {
    if (!session.me) return;
    const wanted = new Set([...ownIds.value, ...held, ...unsentConversations()]);
    if (openId.value) wanted.add(openId.value);
    for (const id of wanted) if (!rooms.has(id)) rooms.set(id, connect(id));
    for (const [id, room] of rooms) {
      if (wanted.has(id) || room.unsent > 0) continue;
      room.close();
      rooms.delete(id);
    }
  }

  function connect(id: string): Room {
    return new Room(id, {
      onArrived: (room, message) => arrivedListeners.forEach((listener) => listener(room, message)),
      onFailed: (room) => failedListeners.forEach((listener) => listener(room)),
      onRevoked: () => session.end('expired'),
    });
  }

  /** The conversation that is on the screen; '' for none. */
  function show(conversation: string): void {
    openId.value = conversation;
    sync();
  }

  /** Keeps a Room until what this returns is called: something is about to be sent to it. */
  function hold(conversation: string): () => void {
    held.add(conversation);
    return () => {
      held.delete(conversation);
      sync();
    };
  }

  /** Hears of every message and note that is refused for good. Returns what ends it. */
  function whenFailed(listener: FailedListener): () => void {
    failedListeners.add(listener);
    return () => failedListeners.delete(listener);
  }

  /** Hears of every message of a visitor in the Rooms that are held. Returns what ends it. */
  function whenArrived(listener: ArrivedListener): () => void {
    arrivedListeners.add(listener);
    return () => arrivedListeners.delete(listener);
  }

  /** Starts those again whose lines the server has ended. */
  function restart(): void {
    for (const room of rooms.values()) if (room.link.value.kind === 'stopped') room.restart();
  }

  /** Closes all: nobody is signed in any more. */
  function closeAll(): void {
    for (const room of rooms.values()) room.close();
    rooms.clear();
    openId.value = '';
  }

  return { rooms, openId, openRoom, unsent, sync, show, hold, whenArrived, whenFailed, restart, closeAll };
});
