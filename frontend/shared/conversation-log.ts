// The client's half of one conversation, as a pure machine: frames and the writer's wishes go in, effects come out.
// It holds the public log, the outbox, receipts, state, presence and who is typing. It knows no socket, no storage, no
// clock and no page. Widget and console share it; an agent's notes are in `private-log.ts`.
//
// Its rules (CL1 …) stand in `docs/client-rules.md` and are named in the code and in the tests.
import { Outbox } from './outbox.ts';
import type { Unsent } from './outbox.ts';
import { Run } from './run.ts';
import type { Entry } from './run.ts';
import { TypingIn, TypingOut } from './typing.ts';
import { SenderKind } from './wire/types.ts';
import type { Ack, ClientFrame, ConversationState, Hello, Init, Message, Participant, Presence, Queue, Receipt } from './wire/types.ts';
import type { ServerFrame, Typing, Welcome } from './wire/types.ts';

/** What the owner of the machine has to do, in this order. */
export type Effect =
  | { kind: 'send'; frame: Init<ClientFrame> }
  /** It is in the log: a stored copy can go. */
  | { kind: 'settled'; clientId: string }
  /** It was refused for good: a stored copy should say so. */
  | { kind: 'failed'; item: Unsent }
  /** Somebody else wrote, just now or while we were away. */
  | { kind: 'arrived'; message: Message };

/** What was refused is asked for so much later than the server says, which may be at once. */
export const ASK_AGAIN_MS = 1_000;

/** How far an own message has got. */
export type Delivery = 'sent' | 'delivered' | 'read';

export class ConversationLog {
  readonly run = new Run<Message>();
  readonly typing = new TypingIn();
  readonly outbox: Outbox;
  logEpoch = 0;
  /** Nobody, until `welcome` says who. */
  you = { kind: SenderKind.SENDER_UNKNOWN, id: '' } as Participant;
  state: ConversationState | undefined;
  presence: Presence | undefined;
  /** The visitor's place in the line for an agent. */
  queue: Queue | undefined;
  /** Own cursors: how far this participant has received and read. */
  delivered = 0;
  read = 0;
  /** How far the server's clock is ahead of ours. */
  clockAhead = 0;
  /** A welcome was received at least once. */
  welcomed = false;
  /** How far the other side has got: whoever of it has got furthest. */
  #theirs = { delivered: 0, read: 0 };
  #typingOut = new TypingOut();
  #live = false;
  /** The read cursor rose while no frame could say it: `hello` may have been on its way already. */
  #unsaid = false;
  /** Older history is on its way. */
  paging = false;
  /** When it may be asked for again: the server could not answer. */
  #askAt: number | undefined;
  readonly #kept: Entry;

  /** `kept`: the last message that was read on an earlier visit (CL21). */
  constructor(unsent: Unsent[] = [], kept: Entry = { seq: 0, id: '' }) {
    this.#kept = kept;
    this.outbox = new Outbox(unsent);
  }

  /** CL1: the first frame on a socket. */
  hello(): Init<Hello> {
    const { logEpoch, delivered, read } = this;
    return { logEpoch, after: this.run.last, tip: this.run.tip, delivered, read };
  }

  /** The socket is gone. */
  disconnected(): void {
    this.#live = this.paging = false;
    this.outbox.closed();
    this.typing.clear();
  }

  /** Takes a frame from the server. */
  receive(frame: Pick<ServerFrame, 'welcome' | 'message' | 'ack' | 'receipt' | 'typing' | 'presence' | 'state' | 'queue' | 'page' | 'error'>, now: number): Effect[] {
    const out: Effect[] = [];
    if (frame.welcome) this.#welcome(frame.welcome, now, out);
    else if (frame.message) this.#message(frame.message, now, true, out);
    else if (frame.ack) this.#ack(frame.ack, now, out);
    else if (frame.receipt) this.#receipt(frame.receipt);
    else if (frame.typing) this.#typing(frame.typing, now);
    else if (frame.presence) this.presence = frame.presence;
    else if (frame.state) this.state = frame.state;
    else if (frame.queue) this.queue = frame.queue;
    else if (frame.page) {
      this.paging = false;
      if (frame.page.before === this.run.first) this.run.prepend(frame.page.messages, frame.page.more);
    }
    else if (frame.error?.clientId) {
      const failed = this.outbox.refuse(frame.error.clientId, frame.error, now);
      if (failed) out.push({ kind: 'failed', item: failed });
    }
    // CL6: what asks for a page has no name by which it could be refused.
    else if (frame.error && this.paging) this.#askAt = now + ASK_AGAIN_MS + frame.error.retryAfterMs;
    this.#sayDelivered(out);
    return out;
  }

  /** The writer sends a text. The owner stores it before it carries the effects out. */
  write(item: Unsent, now: number): Effect[] {
    this.#typingOut.sent();
    return this.outbox.add(item, now).map(sendEffect);
  }

  /** CL20: takes over what another window has stored; `client_id` makes it harmless that both send it. */
  adopt(items: Unsent[], now: number): Effect[] {
    return items.flatMap((item) => this.outbox.add(item, now)).map(sendEffect);
  }

  /** CL15 */
  retry(clientId: string, now: number): Effect[] {
    return this.outbox.retry(clientId, now).map(sendEffect);
  }

  /** CL7: asks for older history, unless there is none or an answer is on its way. */
  older(): Effect[] {
    // CL6
    if (!this.run.older || !this.#live || this.paging) return [];
    this.paging = true;
    return [say({ page: { before: this.run.first } })];
  }

  /** The reader has seen everything that is here. */
  markRead(): Effect[] {
    if (this.run.last <= this.read) return [];
    this.read = this.run.last;
    this.delivered = Math.max(this.delivered, this.read);
    return (this.#unsaid = !this.#live) ? [] : [say({ read: { seq: this.read } })];
  }

  /** CL17: the writer types, or emptied the field. */
  input(on: boolean, now: number): Effect[] {
    if (!this.#live) return [];
    const told = this.#typingOut.input(on, now);
    return told === undefined ? [] : [say({ typing: { on: told } })];
  }

  /** When `tick` wants to be called. */
  get wakeAt(): number | undefined {
    // What is undefined is sorted to the end, without being compared.
    return [this.outbox.wakeAt, this.#askAt, ...this.typing.ends].sort((a, b) => a! - b!)[0];
  }

  /** Does what is due. Calling it too often does nothing. */
  tick(now: number): Effect[] {
    this.typing.tick(now);
    // No moment is after one that there is not. Whoever shows the log asks again.
    if (now >= this.#askAt!) {
      this.paging = false;
      this.#askAt = undefined;
    }
    return this.outbox.tick(now).map(sendEffect);
  }

  /** CL8: how far an own message has got on the other side. */
  delivery(seq: number): Delivery {
    const { delivered, read } = this.#theirs;
    return read >= seq ? 'read' : delivered >= seq ? 'delivered' : 'sent';
  }

  /** Messages of the other side that were not read. */
  get unread(): number {
    return this.run.entries.filter((one) => one.seq > this.read && this.#fromOther(one)).length;
  }

  // ------------------------------------------------------------------------------------------------------ frames

  #welcome(welcome: Welcome, now: number, out: Effect[]): void {
    const away = this.welcomed && !welcome.reset && (this.logEpoch === 0 || this.logEpoch === welcome.logEpoch);
    const known = this.run.last;
    if (welcome.reset || welcome.logEpoch !== this.logEpoch) {
      // CL2
      this.run.clear();
      if (!away) {
        this.delivered = this.read = 0;
        this.#theirs = { delivered: 0, read: 0 };
      }
    }
    this.logEpoch = welcome.logEpoch;
    this.you = welcome.you ?? this.you;
    this.state = welcome.state;
    this.presence = welcome.presence;
    this.queue = welcome.queue;
    this.clockAhead = welcome.now ? welcome.now - now : 0;
    this.paging = false;
    welcome.receipts.forEach((receipt) => this.#receipt(receipt));
    for (const message of welcome.messages) this.#message(message, now, away && message.seq > known, out);
    this.welcomed = this.#live = true;
    // CL21: the Room keeps cursors lazily, so one that was said just before the page went may be lost there.
    const { seq, id } = this.#kept;
    if (seq > this.read && this.run.entries.some((one) => one.seq === seq && one.id === id)) {
      this.read = seq;
      this.#unsaid = true;
    }
    // CL10
    if (this.#unsaid) out.push(say({ read: { seq: this.read } }));
    this.#unsaid = false;
    out.push(...this.outbox.opened(now).map(sendEffect));
  }

  /** CL3, CL4: the next entry is taken, one that is held is dropped, one further on begins anew (CL5). */
  #message(message: Message, now: number, announce: boolean, out: Effect[]): void {
    if (message.clientId && this.outbox.settle(message.clientId, now)) out.push({ kind: 'settled', clientId: message.clientId });
    if (!this.run.append(message)) return;
    if (message.sender) this.typing.heard(message.sender, false, now);
    if (announce && this.#fromOther(message)) out.push({ kind: 'arrived', message });
  }

  /** CL11: the sending socket gets no echo, so the message is made from what was sent. */
  #ack({ clientId, seq, at, id }: Ack, now: number, out: Effect[]): void {
    const item = this.outbox.settle(clientId, now);
    if (!item) return;
    this.run.append({ seq, id, sender: this.you, at, clientId, text: item.text, choices: [], rating: 0 });
    out.push({ kind: 'settled', clientId });
  }

  #receipt({ participant, delivered, read }: Receipt): void {
    const held = this.#isYou(participant) ? this : this.#opposite(participant) && this.#theirs;
    if (!held) return;
    held.delivered = Math.max(held.delivered, delivered, read);
    held.read = Math.max(held.read, read);
  }

  #typing({ on, participant }: Typing, now: number): void {
    if (participant && !this.#isYou(participant)) this.typing.heard(participant, on, now);
  }

  /** CL10: said when there is something of the other side to confirm. */
  #sayDelivered(out: Effect[]): void {
    if (!this.#live || !this.run.entries.some((one) => one.seq > this.delivered && this.#fromOther(one))) return;
    this.delivered = this.run.last;
    out.push(say({ delivered: { seq: this.delivered } }));
  }

  #fromOther({ sender, text }: Message): boolean {
    return text !== undefined && this.#opposite(sender);
  }

  #isYou(who: Participant | undefined): boolean {
    return who?.kind === this.you.kind && who.id === this.you.id;
  }

  /** Nobody is on no side: as good as on ours. */
  #opposite({ kind }: Participant = this.you): boolean {
    return this.you.kind === SenderKind.VISITOR ? kind !== SenderKind.VISITOR && kind !== SenderKind.SYSTEM : kind === SenderKind.VISITOR;
  }
}

const say = (frame: Init<ClientFrame>): Effect => ({ kind: 'send', frame });
const sendEffect = ({ clientId, text, choice }: Unsent): Effect => say({ send: { clientId, text, choice } });
