// The client's copy of the Desk's list: a pure machine that takes frames and knows what to ask for next.
//
// A snapshot may come in pages. Until the last one is here the list is a mixture, so rows of the old list stay
// visible and are dropped at the end unless a page or an update named them; a connection lost in between starts over.
//
// An assignment that concerns this console is told at once, and the list follows within a second: until then its row
// is shown as that assignment has it.

import type { AgentPresence, AnswersToday, Assigned, DeskPage, DeskRow, DeskUpdate, DeskWelcome } from '../../../shared/wire/types';

/** A conversation that routing gave to an agent, who has yet to take it. */
export interface Ring {
  conversation: string;
  assignmentEpoch: number;
  /** By the server's clock. */
  ringUntil: number;
}

export class DeskList {
  readonly rows = new Map<string, DeskRow>();
  readonly agents = new Map<string, AgentPresence>();
  private epoch = 0;
  private rev = 0;
  /** Rows of the list before the snapshot, which no page has confirmed yet. Null: no snapshot is under way. */
  private unconfirmed: Set<string> | null = null;
  /** `hello` was said, and its answer is yet to come. */
  private asks = false;
  /** Rows of before a cut, of which the list of now has not spoken yet: what they say of messages may be hours old. */
  private readonly outdated = new Set<string>();
  /** Assignments that the list does not show yet. */
  private readonly ahead = new Map<string, Assigned>();

  /** How long visitors have waited today; null where the server does not say. */
  answers: AnswersToday | null = null;

  /** Whether a whole list has been taken. */
  loaded = false;

  /** The first frame of a connection: the cursor, or nothing when the list is not whole. */
  hello(): { deskEpoch: number; rev: number; } {
    this.asks = true;
    if (!this.loaded || this.unconfirmed) return { deskEpoch: 0, rev: 0 };
    return { deskEpoch: this.epoch, rev: this.rev };
  }

  /** Whether this snapshot follows a cut: what was known of messages until then is old. A new one on the same line only begins anew. */
  outdates(frame: DeskWelcome): boolean {
    return this.asks && this.epoch !== 0 && this.isFresh(frame);
  }

  private isFresh(frame: DeskWelcome): boolean {
    return frame.reset || frame.deskEpoch !== this.epoch;
  }

  /** Takes the answer to `hello`. Returns the cursor of the page to ask for, or ''. */
  welcome(frame: DeskWelcome): string {
    const fresh = this.isFresh(frame);
    if (this.outdates(frame)) for (const conversation of this.rows.keys()) this.outdated.add(conversation);
    this.asks = false;
    this.epoch = frame.deskEpoch;
    this.rev = frame.rev;
    this.unconfirmed = fresh ? new Set(this.rows.keys()) : this.unconfirmed;
    // What the Desk says now is newer than whatever it said on the socket before.
    this.ahead.clear();
    this.agents.clear();
    this.answers = frame.answers ?? null;
    for (const agent of frame.agents) this.agents.set(agent.id, agent);
    this.drop(frame.gone);
    return this.take(frame.rows, frame.next);
  }

  /** Takes a page of the snapshot. Returns the cursor of the next one, or ''. */
  page(frame: DeskPage): string {
    return this.take(frame.rows, frame.next);
  }

  /**
   * Takes a change. Returns the rows that left the list, as they were. On one socket the last word is the newest,
   * whatever its number: a Desk that slept may count from further back, when its clock had been ahead.
   */
  update(frame: DeskUpdate): DeskRow[] {
    if (frame.rev > this.rev) this.rev = frame.rev;
    for (const row of frame.rows) this.put(row, true);
    for (const agent of frame.agents) this.agents.set(agent.id, agent);
    if (frame.answers) this.answers = frame.answers;
    return this.drop(frame.gone);
  }

  /** Takes an assignment that was asked for, or that rings. */
  assigned(frame: Assigned): void {
    const { conversation, assignmentEpoch } = frame;
    const row = this.rows.get(conversation);
    const known = row ?? this.ahead.get(conversation);
    if (known && known.assignmentEpoch >= assignmentEpoch) return;
    this.ahead.set(conversation, frame);
    if (row) this.rows.set(conversation, withAssignment(row, frame));
  }

  /** What rings at an agent, in the order in which it ends. */
  ringingAt(agent: string): Ring[] {
    const unlisted = [...this.ahead.values()].filter(({ conversation }) => !this.rows.has(conversation));
    return [...this.rows.values(), ...unlisted]
      .filter(({ assignee, ringUntil }) => ringUntil > 0 && assignee?.id === agent)
      .map(({ conversation, assignmentEpoch, ringUntil }) => ({ conversation, assignmentEpoch, ringUntil }))
      .sort((a, b) => a.ringUntil - b.ringUntil || (a.conversation < b.conversation ? -1 : 1));
  }

  private take(rows: DeskRow[], next: string): string {
    for (const row of rows) this.put(row);
    if (next === '') {
      this.drop([...(this.unconfirmed ?? [])]);
      this.unconfirmed = null;
      this.loaded = true;
    }
    return next;
  }

  private put(row: DeskRow, isNews = false): void {
    const held = this.rows.get(row.conversation);
    const isOld = !isNews && held !== undefined && !this.unconfirmed?.has(row.conversation) && row.rev < held.rev;
    if (isOld) return;
    this.unconfirmed?.delete(row.conversation);
    const isOutdated = this.outdated.delete(row.conversation);
    const whole = held && !isOutdated && !row.hasPreview ? withPreviewOf(row, held) : row;
    const ahead = this.ahead.get(row.conversation);
    if (ahead && ahead.assignmentEpoch > row.assignmentEpoch) {
      this.rows.set(row.conversation, withAssignment(whole, ahead));
    } else {
      this.ahead.delete(row.conversation);
      this.rows.set(row.conversation, whole);
    }
  }

  private drop(conversations: string[]): DeskRow[] {
    const left: DeskRow[] = [];
    for (const conversation of conversations) {
      const row = this.rows.get(conversation);
      if (row) left.push(row);
      this.rows.delete(conversation);
      this.ahead.delete(conversation);
      this.unconfirmed?.delete(conversation);
      this.outdated.delete(conversation);
    }
    return left;
  }
}

/** A Desk that has just woken knows no previews; on an unbroken line, what was known of them still holds. */
function withPreviewOf(row: DeskRow, held: DeskRow): DeskRow {
  const { hasPreview, preview, previewSender, lastAt, unread, visitorOnline, waitingSince } = held;
  return { ...row, hasPreview, preview, previewSender, lastAt, unread, visitorOnline, waitingSince };
}

/** Whoever has it and lets nothing ring does not wait in the queue. */
function withAssignment(row: DeskRow, { assignee, assignmentEpoch, ringUntil }: Assigned): DeskRow {
  const { assignee: _, ...rest } = row;
  const place = assignee && ringUntil === 0 ? { queuedAt: 0, movedUp: 0 } : {};
  return { ...rest, ...(assignee ? { assignee } : {}), assignmentEpoch, ringUntil, ...place };
}
