// One conversation, live: its socket, its two logs, and the timer that they ask for. The logs are plain machines that
// change in place; `version` grows with every change, and what is shown depends on it.

import { ref, shallowRef } from 'vue';
import { newClientId } from '../../../shared/client-id';
import type { LinkState } from '../../../shared/connection';
import { ConversationLog } from '../../../shared/conversation-log';
import type { Effect } from '../../../shared/conversation-log';
import { Growing } from '../../../shared/growing';
import { PrivateLog } from '../../../shared/private-log';
import { SenderKind } from '../../../shared/wire/types';
import type { AgentFrame, Message, Rated, Status } from '../../../shared/wire/types';
import { segment } from '../api/segment';
import { Problem } from '../api/problem';
import { openAgentSocket } from './agent-socket';
import type { AgentSocket } from './agent-socket';
import { Requests } from './requests';
import { hintPicture } from '../ui/pictures';
import { keepUnsent, recallUnsent } from './unsent';

export interface RoomListener {
  /** The visitor wrote, just now or while the socket was away. */
  onArrived(room: Room, message: Message): void;
  /** A message or note of the agent's was refused for good; it waits for what they decide. */
  onFailed(room: Room): void;
  /** The session behind its socket has ended. */
  onRevoked(): void;
}

export class Room {
  readonly log: ConversationLog;
  readonly notes: PrivateLog;
  readonly growing = new Growing();
  readonly version = ref(0);
  readonly link = shallowRef<LinkState>({ kind: 'idle' });
  /** Why the server closed the door on the whole conversation. */
  readonly refusal = shallowRef<Problem | null>(null);
  /** When the last entry came of those that were there at first: of these `onArrived` has told nothing. */
  historyTo = 0;
  /** What the visitor has typed so far, where the site lets agents see it. */
  readonly preview = ref('');
  private readonly socket: AgentSocket;
  private readonly requests = new Requests<void>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly conversation: string,
    private readonly listener: RoomListener,
  ) {
    const kept = recallUnsent(conversation);
    this.log = new ConversationLog(kept.messages);
    this.notes = new PrivateLog(kept.notes);
    this.socket = openAgentSocket(`/v1/rooms/${segment(conversation)}/socket`, {
      onOpen: () => this.greet(),
      onFrame: (frame) => this.take(frame),
      onState: (state) => this.follow(state),
      onRevoked: () => listener.onRevoked(),
    });
  }

  /** How much of the agent's own is still on its way, or was refused and waits for what they decide. */
  get unsent(): number {
    return this.log.outbox.items.length + this.notes.outbox.items.length;
  }

  sendMessage(text: string): void {
    const now = Date.now();
    this.carryOut(this.log.write({ clientId: newClientId(), text, at: now }, now));
  }

  sendNote(text: string): void {
    const now = Date.now();
    this.carryOut(this.notes.write({ clientId: newClientId(), text, at: now }, now));
  }

  /** Sends a refused message or note again. */
  retry(clientId: string): void {
    const now = Date.now();
    this.carryOut([...this.log.retry(clientId, now), ...this.notes.retry(clientId, now)]);
  }

  /** Gives a refused message or note up. */
  discard(clientId: string): void {
    this.log.outbox.remove(clientId);
    this.notes.outbox.remove(clientId);
    this.carryOut([]);
  }

  /** Whether either log has entries before those that are here: notes may go further back than the page of messages around them. */
  get hasOlder(): boolean {
    return this.log.run.older || this.notes.run.older;
  }

  /** Asks for older entries of both logs, as far as the private ones belong there. */
  older(): void {
    const effects = this.log.older();
    const oldestPrivate = this.notes.run.entries[0];
    if (oldestPrivate && oldestPrivate.follows >= this.log.run.first - 1) effects.push(...this.notes.older());
    // Nothing to ask is no change: whoever looks at the log would ask again, for ever.
    if (effects.length > 0) this.carryOut(effects);
  }

  /** The agent has seen everything; call it only when that is so. */
  markRead(): void {
    const effects = this.log.markRead();
    if (effects.length > 0) this.carryOut(effects);
  }

  /** The agent types a reply, or emptied the field. */
  input(on: boolean): void {
    const effects = this.log.input(on, Date.now());
    if (effects.length > 0) this.carryOut(effects);
  }

  /** Resolves when the Room has carried it out. */
  setStatus(status: Status, snoozedUntil = 0): Promise<void> {
    return this.requests.make((clientId) => this.send({ setStatus: { clientId, status, snoozedUntil } }));
  }

  /** Resolves when the Room has carried it out. */
  setMuted(on: boolean): Promise<void> {
    return this.requests.make((clientId) => this.send({ mute: { clientId, on } }));
  }

  /** Resolves when the Room has carried it out. */
  setTag(tag: string, on: boolean): Promise<void> {
    return this.requests.make((clientId) => this.send({ tag: { clientId, tag, on } }));
  }

  tryNow(): void {
    this.socket.connection.check();
  }

  restart(): void {
    this.refusal.value = null;
    this.socket.connection.restart();
  }

  close(): void {
    clearTimeout(this.timer);
    this.requests.cut();
    this.socket.close();
  }

  private send(frame: Parameters<AgentSocket['connection']['send']>[0]): boolean {
    return this.link.value.kind === 'live' && this.socket.connection.send(frame);
  }

  private greet(): void {
    this.socket.connection.send({ hello: { ...this.log.hello(), afterPrivate: this.notes.after, tipPrivate: this.notes.tip } });
  }

  private follow(state: LinkState): void {
    this.link.value = state;
    if (state.kind === 'live') this.refusal.value = null;
    else this.gone();
  }

  private gone(): void {
    this.requests.cut();
    this.log.disconnected();
    this.notes.disconnected();
    this.preview.value = '';
    this.version.value++;
  }

  private take(frame: AgentFrame): void {
    const now = Date.now();
    if (frame.done) this.requests.answer(frame.done.clientId, undefined);
    if (frame.error) this.refused(frame.error);
    if (frame.typing?.participant?.kind === SenderKind.VISITOR) {
      this.preview.value = frame.typing.on ? frame.typing.preview : '';
    }
    this.growing.receive(frame);
    const isNew = !this.log.welcomed;
    // Before the log, which turns a page round.
    meet(frame);
    const effects = [...this.log.receive(frame, now), ...this.notes.receive(frame, now)];
    if (isNew && this.log.welcomed) this.historyTo = this.log.run.entries.at(-1)?.at ?? 0;
    for (const rated of frame.welcome?.rated ?? [frame.rated]) if (rated) this.rate(rated);
    this.carryOut(effects);
  }

  /** What is not here is told with the page that it is on. */
  private rate({ seq, rating }: Rated): void {
    const message = this.log.run.entries.find((entry) => entry.seq === seq);
    if (message) message.rating = rating;
  }

  private refused(error: NonNullable<AgentFrame['error']>): void {
    if (error.clientId) this.requests.refuse(error);
    else this.refusal.value = new Problem(error.code, 0, error.message, '', error.retryAfterMs);
  }

  private carryOut(effects: Effect[]): void {
    this.version.value++;
    keepUnsent(this.conversation, this.log.outbox.items, this.notes.outbox.items);
    for (const effect of effects) {
      if (effect.kind === 'send') this.socket.connection.send(effect.frame);
      else if (effect.kind === 'arrived') this.listener.onArrived(this, effect.message);
      else if (effect.kind === 'failed') this.listener.onFailed(this);
    }
    this.schedule();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const times = [this.log.wakeAt, this.notes.wakeAt].filter((time) => time !== undefined);
    if (times.length === 0) return;
    this.timer = setTimeout(() => this.tick(), Math.max(0, Math.min(...times) - Date.now()));
  }

  private tick(): void {
    const now = Date.now();
    this.carryOut([...this.log.tick(now), ...this.notes.tick(now)]);
  }
}

/** Who is here, has it or has come brings a picture, the newest first: of those who are not at their console nothing else tells it. */
function meet({ welcome, page, message, state, presence }: AgentFrame): void {
  const messages = [...((welcome ?? page)?.messages ?? []), message].reverse();
  const told = [...((presence ?? welcome?.presence)?.agents ?? []), (state ?? welcome?.state)?.assignee, ...messages.map((one) => one?.activity?.subject)];
  for (const one of told) if (one) hintPicture(one.id, one.picture);
}
