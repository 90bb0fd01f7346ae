// Replies on their way. A first one takes the conversation before it is sent, and where another agent was faster it stays a
// draft. What goes is the reply as it was, whatever stands in the field by then: the agent may have begun a note, or look at
// something else. So this outlives the composer.

import { defineStore } from 'pinia';
import { reactive } from 'vue';
import { useRooms } from '../live/rooms-store';
import { useDrafts } from './drafts';

export const useReplies = defineStore('replies', () => {
  const rooms = useRooms();
  const drafts = useDrafts();
  /** Conversations of which a reply is on its way. */
  const underWay = reactive(new Set<string>());
  /** Who was faster, while the draft waits for a decision; '?' where the server names nobody. */
  const lostTo = reactive(new Map<string, string>());

  /** Sends it, if it may go; `mayGo` gives the name of who was faster. */
  async function send(conversation: string, reply: string, mayGo: () => Promise<string> = async () => ''): Promise<void> {
    const room = rooms.rooms.get(conversation);
    if (!room || !reply || underWay.has(conversation)) return;
    underWay.add(conversation);
    const release = rooms.hold(conversation);
    try {
      const faster = await mayGo();
      // The session is over: it is a draft for whoever signs in again.
      if (rooms.rooms.get(conversation) !== room) return;
      if (faster) {
        lostTo.set(conversation, faster);
        return;
      }
      lostTo.delete(conversation);
      room.sendMessage(reply);
      drafts.sent(conversation, reply);
    } finally {
      underWay.delete(conversation);
      release();
    }
  }

  return { underWay, lostTo, send, clear: () => lostTo.clear() };
});
