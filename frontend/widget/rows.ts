// What the log shows, as data: days, bubbles in groups, lines that tell what happened, and how far an own message has
// got. Pure.
import type { ConversationLog } from '../shared/conversation-log.ts';
import { ActivityKind, SenderKind, Status } from '../shared/wire/types.ts';
import type { Activity, Message } from '../shared/wire/types.ts';
import type { Strings } from './locale/strings.ts';

/** How far an own message has got; `waiting` while there is no line, `sending` while there is. */
export type Progress = 'waiting' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

export interface Bubble {
  kind: 'bubble';
  key: string;
  own: boolean;
  name: string;
  text: string;
  /** By the server's clock. */
  at: number;
  /** Begins or ends a group of one writer. */
  first: boolean;
  last: boolean;
  /** Shown under it; absent where a later message says enough. */
  progress?: Progress;
  /** Code of the refusal. */
  failed?: string;
  clientId: string;
}

export type Row =
  | Bubble
  | { kind: 'day'; key: string; at: number }
  | { kind: 'event'; key: string; text: string };

/** Messages of one writer stand together when no more time lies between them. */
const GROUP_MS = 5 * 60_000;

/** All rows, oldest first. `live`: there is a line, so that what is unsent is being sent. */
export function rowsOf(log: ConversationLog, live: boolean, strings: Strings): Row[] {
  const rows: Row[] = [];
  const { clockAhead } = log;
  let day = '';
  let before: Bubble | undefined;
  let group = '';
  let lastOwn: Bubble | undefined;
  let reached = 0;
  const begin = (at: number) => {
    const date = new Date(at).toDateString();
    if (date === day) return;
    day = date;
    before = undefined;
    rows.push({ kind: 'day', key: 'd' + date, at });
  };
  const bubble = (made: Omit<Bubble, 'kind' | 'first' | 'last'>, writer: string) => {
    begin(made.at);
    const joins = before && group === writer && made.at - before.at < GROUP_MS && before.progress !== 'failed' && !made.failed;
    if (joins) before!.last = false;
    before = { kind: 'bubble', ...made, first: !joins, last: true };
    group = writer;
    rows.push(before);
  };
  for (const message of log.run.entries) {
    const { seq, clientId, at, text, sender } = message;
    if (text === undefined) {
      const said = message.activity && tell(message.activity, strings);
      if (!said) continue;
      begin(at);
      before = undefined;
      rows.push({ kind: 'event', key: 's' + seq, text: said });
      continue;
    }
    const own = sender?.kind === SenderKind.VISITOR;
    const key = own && clientId ? 'c' + clientId : 's' + seq;
    bubble({ key, own, name: own ? strings.you : nameOf(message, strings), text, at, clientId }, sender!.kind + sender!.id);
    if (own) {
      lastOwn = before!;
      reached = seq;
    }
  }
  // Only the newest says how far it has got: what is older is at least as far.
  if (lastOwn) lastOwn.progress = log.delivery(reached);
  for (const { clientId, text, at, failed } of log.outbox.items) {
    const made = { key: 'c' + clientId, own: true, name: strings.you, text, at: Math.max(at + clockAhead, before?.at ?? 0), clientId, failed };
    if (failed === undefined) {
      delete lastOwn?.progress;
      bubble({ ...made, progress: live ? 'sending' : 'waiting' }, SenderKind.VISITOR + '');
      lastOwn = before;
    } else bubble({ ...made, progress: 'failed' }, SenderKind.VISITOR + '');
  }
  return rows;
}

/** Who wrote it, for the visitor. */
export function nameOf({ sender }: Pick<Message, 'sender'>, strings: Strings): string {
  return sender?.name || strings.someone;
}

function tell({ kind, actor, subject, status }: Activity, strings: Strings): string {
  const name = subject?.name || strings.someone;
  switch (kind) {
    case ActivityKind.JOINED:
      return strings.joined(name);
    case ActivityKind.LEFT:
      return strings.left(name);
    case ActivityKind.STATUS_CHANGED:
      if (status === Status.RESOLVED) return strings.resolved;
      // Whoever writes into a resolved conversation needs not be told that it is open again.
      return status === Status.OPEN && actor?.kind === SenderKind.AGENT ? strings.reopened : '';
    case ActivityKind.ACTIVITY_UNKNOWN:
    case ActivityKind.ASSIGNED:
    case ActivityKind.RELEASED:
    case ActivityKind.VISITOR_BLOCKED:
    case ActivityKind.VISITOR_UNBLOCKED:
      return '';
  }
  return '';
}
