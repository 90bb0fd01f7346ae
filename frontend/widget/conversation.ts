// One visitor's conversation in one window: the machine of `shared/conversation-log.ts`, its line to the Room, and what
// is stored so that nothing is lost with the page. It has no element of the page in it.
//
//   CO1  a message is stored before it is sent, and stays until the log has it
//   CO2  what another window stored is taken over: when the line opens, or when nobody has sent it for five seconds
//   CO3  a visitor whose credential was revoked begins again; what was not sent goes along
import { newClientId } from '../shared/client-id.ts';
import { Connection } from '../shared/connection.ts';
import type { ConnectionEnv, LinkState } from '../shared/connection.ts';
import { ConversationLog } from '../shared/conversation-log.ts';
import type { Effect } from '../shared/conversation-log.ts';
import type { Unsent } from '../shared/outbox.ts';
import { codec } from '../shared/wire/codec.ts';
import { VISITOR_TABLE } from '../shared/wire/table.ts';
import type { Context, Identify, Init, Message, ServerFrame } from '../shared/wire/types.ts';
import type { Session } from './session.ts';
import type { Identity } from './shell.ts';
import { readJson } from './storage.ts';
import type { Store } from './storage.ts';

const OUT = '.out.';
const READ = '.read';
const REVOKED = 4501;
/** Another window has so long to send what it wrote. */
export const ADOPT_AFTER_MS = 5_000;
/** A second revocation within this time is not answered by beginning again. */
const BEGIN_AGAIN_MS = 60_000;

const wire = codec(VISITOR_TABLE);

export interface ConversationOptions {
  env: ConnectionEnv;
  store: Store;
  session: Session;
  /** Where the visitor is. */
  context(): Init<Context>;
  /** The panel is open. */
  visible(): boolean;
  /** Something that is shown may have changed. */
  changed(): void;
  /** Somebody wrote to the visitor, just now or while the line was down. */
  arrived(message: Message): void;
  /** A message was refused for good. */
  failed(item: Unsent): void;
}

export class Conversation {
  log: ConversationLog;
  link: LinkState = { kind: 'idle' };
  #connection: Connection<ServerFrame>;
  #identity: Init<Identify> | undefined;
  /** The conversation that `log` is of. */
  #of = '';
  #timer = 0;
  #adoptTimer = 0;
  #beganAgainAt = -Infinity;

  constructor(private readonly options: ConversationOptions) {
    this.log = this.#newLog();
    this.#connection = this.#newConnection();
  }

  get state(): LinkState {
    return this.link;
  }

  start(): void {
    this.#connection.start();
  }

  pause(): void {
    this.#connection.pause();
  }

  check(): void {
    this.#connection.check();
  }

  /** After the line was stopped for good. */
  restart(): void {
    this.#connection.restart();
  }

  /** CO1 */
  write(text: string): void {
    const { env, session } = this.options;
    const item = { clientId: newClientId(), text, at: env.now() };
    this.#store(item);
    this.#do(this.log.write(item, env.now()));
    session.start();
    this.start();
  }

  retry(clientId: string): void {
    const { env, session } = this.options;
    const effects = this.log.retry(clientId, env.now());
    const item = this.log.outbox.items.find((one) => one.clientId === clientId);
    if (item) this.#store(item);
    this.#do(effects);
    session.start();
    this.start();
  }

  remove(clientId: string): void {
    this.log.outbox.remove(clientId);
    this.options.store.remove(OUT + clientId);
    this.options.changed();
  }

  older(): void {
    const effects = this.log.older();
    // Drawing asks for what is older: nothing new must not draw again.
    if (effects.length) this.#do(effects);
  }

  typing(on: boolean): void {
    this.#do(this.log.input(on, this.options.env.now()));
  }

  markRead(): void {
    const effects = this.log.markRead();
    const { last, tip } = this.log.run;
    if (last && this.log.read >= last && this.options.store.get(READ) !== `${last} ${tip}`) this.options.store.set(READ, `${last} ${tip}`);
    if (effects.length) this.#do(effects);
  }

  identify({ name, email, attributes = {} }: Identity): void {
    const texts = Object.entries(attributes).map(([key, value]) => [key, String(value)] as const);
    this.#identity = { name: String(name ?? ''), email: String(email ?? ''), attributes: new Map(texts) };
    if (this.link.kind === 'live') this.#connection.send({ identify: this.#identity });
  }

  /** Forgets visitor and conversation; the next message begins another one. */
  reset(): void {
    const { store, session } = this.options;
    session.forget();
    for (const name of [...store.names(OUT), READ]) store.remove(name);
    this.#identity = undefined;
    this.startOver();
  }

  /** Another window has forgotten the visitor. */
  startOver(): void {
    this.#connection.pause();
    this.#of = '';
    this.link = { kind: 'idle' };
    this.log = this.#newLog();
    this.#connection = this.#newConnection();
    if (this.options.visible()) this.start();
    this.options.changed();
  }

  /** Another window has changed what is stored (CO2). */
  stored(name: string, value: string | null): void {
    const { env, session } = this.options;
    if (name === '') {
      if (!value) {
        session.forgotten();
        return this.startOver();
      }
      if (session.started) session.start();
      this.options.changed();
    } else if (name.startsWith(OUT)) {
      // It was sent, or removed, or is tried again there: a refusal that stands here is out of date.
      if (this.log.outbox.remove(name.slice(OUT.length))) this.options.changed();
      env.clearTimer(this.#adoptTimer);
      if (value) this.#adoptTimer = env.setTimer(() => this.#adopt(), ADOPT_AFTER_MS);
    }
  }

  destroy(): void {
    this.#connection.pause();
    this.options.env.clearTimer(this.#timer);
    this.options.env.clearTimer(this.#adoptTimer);
  }

  // ------------------------------------------------------------------------------------------------------ inside

  #newConnection(): Connection<ServerFrame> {
    const { env, session } = this.options;
    return new Connection<ServerFrame>({
      env,
      grant: () => session.grant(this.log.outbox.items.length > 0),
      encode: (frame) => wire.encode('ClientFrame', frame),
      decode: (bytes) => wire.decode('ServerFrame', bytes),
      onOpen: () => this.#hello(),
      onFrame: (frame) => this.#do(this.log.receive(frame, env.now())),
      onState: (state) => this.#changed(state),
    });
  }

  #newLog(unsent: Unsent[] = this.#stored()): ConversationLog {
    const [seq, id = ''] = (this.options.store.get(READ) ?? '').split(' ');
    return new ConversationLog(unsent, { seq: Number(seq) || 0, id });
  }

  #hello(): void {
    const { session, context } = this.options;
    const conversation = session.kept?.conversation ?? '';
    if (this.#of && this.#of !== conversation) this.log = this.#newLog([...this.log.outbox.items]);
    this.#of = conversation;
    this.#adopt();
    this.#connection.send({ hello: { ...this.log.hello(), context: context() } });
    if (this.#identity) this.#connection.send({ identify: this.#identity });
  }

  #changed(state: LinkState): void {
    const { env } = this.options;
    this.link = state;
    if (state.kind !== 'live') this.log.disconnected();
    if (state.kind === 'stopped' && state.code === REVOKED && env.now() - this.#beganAgainAt > BEGIN_AGAIN_MS) {
      // CO3: the next request for a session is refused with 401 and made again without the token.
      this.#beganAgainAt = env.now();
      this.#connection.restart();
    }
    this.#plan();
    this.options.changed();
  }

  /** Carries out what the machine wants, in its order. */
  #do(effects: Effect[]): void {
    const { store } = this.options;
    for (const effect of effects) {
      if (effect.kind === 'send') this.#connection.send(effect.frame);
      else if (effect.kind === 'settled') store.remove(OUT + effect.clientId);
      else if (effect.kind === 'failed') {
        this.#store(effect.item);
        this.options.failed(effect.item);
      } else this.options.arrived(effect.message);
    }
    this.#plan();
    this.options.changed();
  }

  #plan(): void {
    const { env } = this.options;
    const { wakeAt } = this.log;
    env.clearTimer(this.#timer);
    if (wakeAt !== undefined) this.#timer = env.setTimer(() => this.#do(this.log.tick(env.now())), Math.max(0, wakeAt - env.now()));
  }

  #adopt(): void {
    this.#do(this.log.adopt(this.#stored(), this.options.env.now()));
  }

  #store({ clientId, ...rest }: Unsent): void {
    this.options.store.set(OUT + clientId, JSON.stringify(rest));
  }

  /** What is not acknowledged, of every window, oldest first. */
  #stored(): Unsent[] {
    const { store } = this.options;
    return store
      .names(OUT)
      .map((name) => ({ ...readJson<Omit<Unsent, 'clientId'>>(store, name)!, clientId: name.slice(OUT.length) }))
      .filter(({ text, at }) => typeof text === 'string' && typeof at === 'number')
      .sort((a, b) => a.at - b.at);
  }
}
