// An agent's second log of a conversation: notes and internal activity. It stands beside `conversation-log.ts`, obeys
// the same rules with a cursor of its own, and is never part of what a visitor loads. Pure.
import { ASK_AGAIN_MS } from './conversation-log.ts';
import type { Effect } from './conversation-log.ts';
import { Outbox } from './outbox.ts';
import type { Unsent } from './outbox.ts';
import { Run } from './run.ts';
import { Log, SenderKind } from './wire/types.ts';
import type { AgentFrame, Participant, PrivateMessage, VisitorProfile } from './wire/types.ts';

export class PrivateLog {
  readonly run = new Run<PrivateMessage>();
  readonly outbox: Outbox;
  /** What is known of the visitor; only agents are told. */
  visitor: VisitorProfile | undefined;
  /** Nobody, until `welcome` says who. */
  #you = { kind: SenderKind.SENDER_UNKNOWN, id: '' } as Participant;
  #logEpoch = 0;
  /** The last public seq, after which a note of ours is shown. */
  #head = 0;
  #live = false;
  #paging = false;
  /** When older notes may be asked for again: the server could not answer. */
  #askAt: number | undefined;

  constructor(unsent: Unsent[] = []) {
    this.outbox = new Outbox(unsent);
  }

  /** CL1: the cursor for `hello.after_private`. */
  get after(): number {
    return this.run.last;
  }

  /** CL1: the id of that entry, for `hello.tip_private`: it proves that the log is still the same. */
  get tip(): string {
    return this.run.tip;
  }

  /** The socket is gone. */
  disconnected(): void {
    this.#live = this.#paging = false;
    this.outbox.closed();
  }

  /** Takes every frame that the conversation's machine takes. */
  receive(frame: AgentFrame, now: number): Effect[] {
    const out: Effect[] = [];
    if (frame.welcome) {
      // CL2: both logs live and die together.
      if (frame.welcome.reset || frame.welcome.logEpoch !== this.#logEpoch) this.run.clear();
      this.#logEpoch = frame.welcome.logEpoch;
      this.#you = frame.welcome.you ?? this.#you;
      this.#head = frame.welcome.head;
    } else if (frame.message) this.#head = Math.max(this.#head, frame.message.seq);
    else if (frame.ack) this.#head = Math.max(this.#head, frame.ack.seq);
    else if (frame.visitor) this.visitor = frame.visitor;
    else if (frame.privateWelcome) {
      this.visitor = frame.privateWelcome.visitor;
      for (const message of frame.privateWelcome.messages) this.#message(message, now, out);
      this.#live = true;
      this.#paging = false;
      out.push(...this.outbox.opened(now).map(noteEffect));
    } else if (frame.privateMessage) this.#message(frame.privateMessage, now, out);
    else if (frame.noteAck) {
      const { clientId, seq, at, id } = frame.noteAck;
      const item = this.outbox.settle(clientId, now);
      if (item) {
        this.run.append({ seq, id, sender: this.#you, at, clientId, follows: this.#head, note: item.text });
        out.push({ kind: 'settled', clientId });
      }
    } else if (frame.privatePage) {
      this.#paging = false;
      if (frame.privatePage.before === this.run.first) this.run.prepend(frame.privatePage.messages, frame.privatePage.more);
    } else if (frame.error?.clientId) {
      const item = this.outbox.refuse(frame.error.clientId, frame.error, now);
      if (item) out.push({ kind: 'failed', item });
      // CL6
    } else if (frame.error && this.#paging) this.#askAt = now + ASK_AGAIN_MS + frame.error.retryAfterMs;
    return out;
  }

  /** The agent writes a note. */
  write(item: Unsent, now: number): Effect[] {
    return this.outbox.add(item, now).map(noteEffect);
  }

  /** CL15 */
  retry(clientId: string, now: number): Effect[] {
    return this.outbox.retry(clientId, now).map(noteEffect);
  }

  /** CL7 */
  older(): Effect[] {
    const { first, older } = this.run;
    if (!older || !this.#live || this.#paging) return [];
    this.#paging = true;
    return [{ kind: 'send', frame: { page: { log: Log.PRIVATE, before: first } } }];
  }

  get wakeAt(): number | undefined {
    return [this.outbox.wakeAt, this.#askAt].sort((a, b) => a! - b!)[0];
  }

  tick(now: number): Effect[] {
    if (now >= this.#askAt!) {
      this.#paging = false;
      this.#askAt = undefined;
    }
    return this.outbox.tick(now).map(noteEffect);
  }

  #message(message: PrivateMessage, now: number, out: Effect[]): void {
    if (message.clientId && this.outbox.settle(message.clientId, now)) out.push({ kind: 'settled', clientId: message.clientId });
    this.run.append(message);
  }
}

function noteEffect({ clientId, text }: Unsent): Effect {
  return { kind: 'send', frame: { note: { clientId, text } } };
}
