// What the log shows, as data: days, bubbles in groups, lines that tell what happened, and how far an own message has
// got. Pure, and complete: a row that is equal to the one before is drawn already.
import type { ConversationLog } from '../shared/conversation-log.ts';
import { ActivityKind, SenderKind, Status } from '../shared/wire/types.ts';
import type { Activity, Participant } from '../shared/wire/types.ts';
import { Say } from './locale/strings.ts';
import type { Strings } from './locale/strings.ts';
import type { Times } from './times.ts';

export interface Row {
  key: string;
  kind: 'bubble' | 'typing' | 'event' | 'day';
  text: string;
  own?: boolean;
  /** Begins a group of one writer. */
  first?: boolean;
  /** Who wrote it: for the drawn face, and for a screen reader. */
  name?: string;
  /** What stands under it, beginning with the time. */
  meta?: string[];
  /** Was refused for good. */
  failed?: boolean;
  clientId?: string;
}

export interface RowsInput {
  log: ConversationLog;
  /** There is a line, so that what is unsent is being sent. */
  live: boolean;
  /** By the server's clock. */
  now: number;
  /** The site's name and greeting. */
  title: string;
  greeting: string;
  /** The history is on its way. */
  _loading: boolean;
}

/** Messages of one writer stand together when no more time lies between them. */
const GROUP_MS = 5 * 60_000;

/** All rows, oldest first. */
export function rowsOf({ log, live, now, title, greeting, _loading }: RowsInput, strings: Strings, times: Times): Row[] {
  const rows: Row[] = [];
  let day = '';
  /** The bubble before, its writer and its time. */
  let before: Row | undefined;
  let group = '';
  let groupAt = 0;
  let lastOwn: Row | undefined;

  const begin = (at: number) => {
    const text = times._day(at, now);
    if (text === day) return;
    day = text;
    before = undefined;
    rows.push({ key: 'd' + text, kind: 'day', text });
  };
  const bubble = (row: Pick<Row, 'key' | 'text' | 'own' | 'name' | 'failed' | 'clientId'>, at: number, writer: string, status = '') => {
    begin(at);
    const joins = before && group === writer && at - groupAt < GROUP_MS && !before.failed && !row.failed;
    // What is older is at least as far as the newest.
    if (joins) before!.meta = [];
    const { own, name, failed } = row;
    const meta = failed ? [status] : [own ? '' : name!, times._time(at), status].filter(Boolean);
    before = { kind: 'bubble', ...row, first: !joins, meta };
    group = writer;
    groupAt = at;
    rows.push(before);
    if (own && !failed) {
      lastOwn?.meta!.splice(1);

      lastOwn = before;
    }
  };

  // A warning is over with what comes after it.
  const tell = ({ kind, subject, endsAt }: Activity, isLast: boolean) =>
    endsAt ? isLast && strings[Say.idle](times._time(endsAt)) : kind === ActivityKind.JOINED ? strings[Say.joined](nameOf(subject, strings)) : kind === ActivityKind.LEFT && strings[Say.left](nameOf(subject, strings));

  if (_loading) rows.push({ key: 'l', kind: 'event', text: strings[Say.loading] });
  else if (greeting) rows.push({ key: 'g', kind: 'bubble', text: greeting, name: title, first: true });
  for (const { seq, clientId, at, text, activity, sender } of log.run.entries) {
    if (text === undefined) {
      const said = activity && tell(activity, seq === log.run.last);
      if (!said) continue;
      begin(at);
      before = undefined;
      rows.push({ key: 's' + seq, kind: 'event', text: said });
    } else {
      const own = sender?.kind === SenderKind.VISITOR;
      const delivery = own ? log.delivery(seq) : undefined;
      const status = delivery && strings[delivery === 'read' ? Say.itRead : delivery === 'delivered' ? Say.itDelivered : Say.itSent];
      bubble({ key: own && clientId ? 'c' + clientId : 's' + seq, own, name: own ? strings[Say.theVisitor] : nameOf(sender, strings), text }, at, sender!.kind + sender!.id, status);
    }
  }
  for (const { clientId, text, at, failed } of log.outbox.items) {
    const status = strings[failed ? Say.failed : live ? Say.sending : Say.waiting];
    const row = { key: 'c' + clientId, own: true, name: strings[Say.theVisitor], text, failed: !!failed, clientId };
    bubble(row, Math.max(at + log.clockAhead, before ? groupAt : 0), SenderKind.VISITOR + '', status);
  }
  // That it is resolved is a state, not an entry: how the team files a conversation is its own affair.
  if (log.state?.status === Status.RESOLVED) rows.push({ key: 'r', kind: 'event', text: strings[Say.resolved] });
  const typist = log.typing.list(now - log.clockAhead)[0];
  if (typist) {
    const name = nameOf(typist, strings);
    rows.push({ key: 't', kind: 'typing', text: strings[Say.isTyping](name), name, first: true });
  }
  return rows;
}

/** Who it is, for the visitor. */
export function nameOf(participant: Participant | undefined, strings: Strings): string {
  return participant?.name || strings[participant?.kind === SenderKind.BOT ? Say.bot : Say.someone];
}
