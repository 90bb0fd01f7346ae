// A conversation as the list shows it, put together from what the Desk says live and what the API knows.
//
// The Desk is right about status and assignment. Its preview fields live in its memory and may be absent; the API
// fills them then. Resolved conversations leave the Desk, so they come from the API alone.

import { FollowUp, SenderKind, Status } from '../../../shared/wire/types';
import type { DeskRow } from '../../../shared/wire/types';
import type { Conversation, StatusName } from '../api/types';

/** One line of the list. Times are epoch milliseconds; 0 is "none". */
export interface InboxRow {
  id: string;
  site: string;
  visitorId: string;
  visitorName: string;
  status: Status;
  snoozedUntil: number;
  assigneeId: string;
  assigneeName: string;
  assignmentEpoch: number;
  createdAt: number;
  lastAt: number;
  preview: string;
  previewSender: SenderKind;
  unread: number;
  visitorOnline: boolean;
  waitingSince: number;
  /** It rings at its assignee until then, by the server's clock. */
  ringUntil: number;
  /** Its place in the queue: since when it waits for an agent who takes it. */
  queuedAt: number;
  /** By so many milliseconds its place in the queue lies before that. */
  movedUp: number;
  /** How much before others the visitor comes, 0 to 9. The Desk alone knows. */
  level: number;
  /** Nobody's, and its visitor does not wait in line: why. The Desk alone knows. */
  followUp: FollowUp;
  /** The e-mail address that the visitor has left to be answered at. */
  replyTo: string;
  /** Whose it is; '': everybody's. The Desk alone knows. */
  team: string;
  /** Whatever the visitor writes calls nobody. Such a one is resolved, so the API alone knows. */
  muted: boolean;
  /** Whether preview and unread are known at all. */
  complete: boolean;
}

/** Views that every workspace has. */
export type FixedView = 'mine' | 'unassigned' | 'follow_up' | 'all';
/** One of them, or the id of a team: what is that team's. */
export type View = FixedView | `team_${string}`;
/** A visitor who waits longer than this is marked. */
export const LONG_WAIT_MS = 5 * 60_000;

export type Sort = 'newest' | 'waiting';

const STATUS_NAMES: Record<StatusName, Status> = {
  pending: Status.PENDING,
  open: Status.OPEN,
  snoozed: Status.SNOOZED,
  resolved: Status.RESOLVED,
};

const SENDER_NAMES: Record<string, SenderKind> = {
  visitor: SenderKind.VISITOR,
  agent: SenderKind.AGENT,
  bot: SenderKind.BOT,
  system: SenderKind.SYSTEM,
};

/** The wire's number for a status of the API. */
export function statusOf(name: StatusName): Status {
  return STATUS_NAMES[name] ?? Status.STATUS_UNKNOWN;
}

function millis(text: string | null): number {
  return text ? Date.parse(text) || 0 : 0;
}

/** A row of the API. */
export function rowOfConversation(from: Conversation): InboxRow {
  const lastAt = millis(from.last_at);
  const previewSender = SENDER_NAMES[from.last_sender ?? ''] ?? SenderKind.SENDER_UNKNOWN;
  return {
    id: from.id,
    site: from.site,
    visitorId: from.visitor.id,
    visitorName: from.visitor.name,
    status: statusOf(from.status),
    snoozedUntil: millis(from.snoozed_until),
    assigneeId: from.assignee?.id ?? '',
    assigneeName: from.assignee?.name ?? '',
    assignmentEpoch: from.assignment_epoch,
    createdAt: millis(from.created_at),
    lastAt,
    preview: from.last_text ?? '',
    previewSender,
    unread: from.unread,
    visitorOnline: false,
    waitingSince: from.unread > 0 && previewSender === SenderKind.VISITOR ? lastAt : 0,
    ringUntil: 0,
    queuedAt: 0,
    movedUp: 0,
    level: 0,
    followUp: FollowUp.FOLLOW_UP_NONE,
    replyTo: '',
    team: '',
    muted: from.muted,
    complete: true,
  };
}

/** A row of the Desk, its absent preview filled from `known` where that is not empty; where it is, its place is. */
export function rowOfDesk(desk: DeskRow, known?: InboxRow): InboxRow {
  const filled = desk.hasPreview || !known?.complete;
  return {
    id: desk.conversation,
    site: desk.site,
    visitorId: desk.visitor,
    visitorName: desk.visitorName || known?.visitorName || '',
    status: desk.status,
    snoozedUntil: desk.snoozedUntil,
    assigneeId: desk.assignee?.id ?? '',
    assigneeName: desk.assignee?.name ?? '',
    assignmentEpoch: desk.assignmentEpoch,
    createdAt: desk.createdAt,
    lastAt: desk.hasPreview ? desk.lastAt : (known?.lastAt ?? desk.lastAt),
    preview: filled ? desk.preview : known.preview,
    previewSender: filled ? desk.previewSender : known.previewSender,
    unread: filled ? desk.unread : known.unread,
    visitorOnline: desk.visitorOnline,
    waitingSince: filled ? desk.waitingSince : known.waitingSince,
    ringUntil: desk.ringUntil,
    queuedAt: desk.queuedAt,
    movedUp: desk.movedUp,
    level: desk.level,
    followUp: desk.followUp,
    replyTo: desk.replyTo,
    team: desk.team,
    muted: known?.muted === true,
    complete: desk.hasPreview || known?.complete === true,
  };
}

/** A row of the API's as the list has it now; what the Desk does not say of it the API did. */
export function asNow(row: InboxRow, live: InboxRow | undefined): InboxRow {
  if (!live || live.complete) return live ?? row;
  const { lastAt, preview, previewSender, unread, waitingSince } = row;
  return { ...live, lastAt, preview, previewSender, unread, waitingSince, complete: true };
}

/** The team whose view it is; '' for another view. */
export function teamOf(view: View): string {
  return view.startsWith('team_') ? view : '';
}

/** Whether a row belongs to the chosen view. */
export function inView(row: InboxRow, view: View, me: string): boolean {
  if (view === 'mine') return row.assigneeId === me;
  if (view === 'follow_up') return isFollowedUp(row);
  // Where nobody waits nobody has to hurry.
  if (view === 'unassigned') return row.assigneeId === '' && !isFollowedUp(row);
  return view === 'all' || row.team === view;
}

/** Nobody's, and its visitor has left an address or has gone. */
export function isFollowedUp(row: Pick<InboxRow, 'followUp'>): boolean {
  return row.followUp !== FollowUp.FOLLOW_UP_NONE;
}

/** Since when somebody waits, for an agent or for an answer; 0: nobody does. */
export function waitsSince(row: InboxRow): number {
  return row.queuedAt || row.waitingSince;
}

/** Where a row stands among those that wait: in the queue whoever has a level stands before their time. Null: it does not wait. */
function placeOf(row: InboxRow): number | null {
  if (row.queuedAt) return row.queuedAt - row.movedUp;
  return row.waitingSince || null;
}

/** The rows in the order that the agent has chosen. The id decides between equals, so that nothing jumps. */
export function sortRows(rows: InboxRow[], sort: Sort): InboxRow[] {
  const activity = (row: InboxRow) => row.lastAt || row.createdAt;
  const byActivity = (a: InboxRow, b: InboxRow) => activity(b) - activity(a) || (a.id < b.id ? -1 : 1);
  if (sort === 'newest') return [...rows].sort(byActivity);
  const place = (row: InboxRow) => placeOf(row) ?? Number.MAX_SAFE_INTEGER;
  return [...rows].sort((a, b) => place(a) - place(b) || byActivity(a, b));
}

/** What nobody has comes first, each part in the order in which it was. */
export function unassignedFirst(rows: InboxRow[]): InboxRow[] {
  return [...rows.filter((row) => row.assigneeId === ''), ...rows.filter((row) => row.assigneeId !== '')];
}
