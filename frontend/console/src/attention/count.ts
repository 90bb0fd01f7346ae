// How many messages want the agent's attention, and how the window's tab says so: by title and icon.

import type { InboxRow } from '../live/rows';
import { isFollowedUp } from '../live/rows';
import { Status } from '../../../shared/wire/types';

/** Unread messages in the conversations that concern the agent. */
export function unreadFor(rows: Iterable<InboxRow>, concerns: (row: InboxRow) => boolean): number {
  let count = 0;
  for (const row of rows) {
    if (concerns(row) && row.status !== Status.RESOLVED && row.status !== Status.SNOOZED) count += row.unread;
  }
  return count;
}

/** The title of the window: the number first, because a tab shows little more. */
export function titleWith(count: number, title: string): string {
  if (count === 0) return title;
  return `(${count > 99 ? '99+' : count}) ${title}`;
}

/** What a tab shows of the unread messages and of what rings, as far as the agent wants it. */
export function tabOf(unread: number, rings: number, wants: { title: boolean; icon: boolean; }, texts: { idle: string; ringing: string; }): { title: string; icon: 'icon.svg' | 'icon-waiting.svg'; } {
  const title = wants.title ? titleWith(unread, rings > 0 ? texts.ringing : texts.idle) : texts.idle;
  return { title, icon: wants.icon && unread + rings > 0 ? 'icon-waiting.svg' : 'icon.svg' };
}

/** Whether a conversation has come into the queue of those whom it may concern: given up, given to a team, awake or open again. */
export function isQueuedAnew(was: InboxRow | undefined, row: InboxRow): boolean {
  return was?.queuedAt === 0 && row.queuedAt > 0 && row.assigneeId === '' && !isFollowedUp(row);
}

/**
 * Rows with more unread messages than `before`, which have come into a queue, though all may have been read, or which a bot has
 * just handed over: with unread messages, or to nobody yet. Of messages a row that was not complete tells nothing.
 */
export function newlyUnread(before: ReadonlyMap<string, InboxRow>, after: ReadonlyMap<string, InboxRow>): InboxRow[] {
  const found: InboxRow[] = [];
  for (const [id, row] of after) {
    const was = before.get(id);
    if (was === row) continue;
    if (isQueuedAnew(was, row)) found.push(row);
    if (!row.complete || found.at(-1) === row) continue;
    const isHandedOver = was?.status === Status.PENDING && row.status === Status.OPEN;
    if (row.unread === 0 && !(isHandedOver && row.assigneeId === '')) continue;
    if (was ? was.complete && (row.unread > was.unread || isHandedOver) : row.status !== Status.RESOLVED) found.push(row);
  }
  return found;
}
