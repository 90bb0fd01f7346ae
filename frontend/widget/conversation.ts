// One visitor's conversation in one window: the machine of `shared/conversation-log.ts`, its line to the Room, and what
// is stored so that nothing is lost with the page. It has no element of the page in it.
//
//   CO1  a message is stored before it is sent, and stays until the log has it
//   CO2  what another window stored is taken over: when the line opens, or when nobody has sent it for five seconds
//   CO3  where another conversation is this visitor's now, this one is over; what was not sent goes along, as it is stored: whoever
//        was forgotten, perhaps while this page slept, leaves nothing
//   CO4  where the visitor is, and in which language, is said by `hello`, and by another one when it has changed: before the next
//        message
import { newClientId } from '../shared/client-id.ts';
import { openConnection } from '../shared/connection.ts';
import type { Connection, ConnectionEnv } from '../shared/connection.ts';
import { ConversationLog } from '../shared/conversation-log.ts';
import type { Effect } from '../shared/conversation-log.ts';
import type { Unsent } from '../shared/outbox.ts';
import { codec } from '../shared/wire/codec.ts';
import { VISITOR_TABLE } from '../shared/wire/table.ts';
import type { Context, Identify, Init, LeaveEmail, Message, ServerFrame } from '../shared/wire/types.ts';
import { REFUSED } from './session.ts';
import type { Session } from './session.ts';
import type { Identity } from './shell.ts';
import { OUT, READ, readJson } from './storage.ts';
import type { Store } from './storage.ts';

/** Another window has so long to send what it wrote. */
export const ADOPT_AFTER_MS = 5_000;

export interface ConversationOptions {
  env: ConnectionEnv;
  store: Store;
  session: Session;
  /** Where the visitor is. */
  context(): Init<Context>;
  /** Something that is shown may have changed. */
  changed(): void;
  /** Somebody wrote to the visitor, just now or while the line was down. */
  arrived(message: Message): void;
  /** A message was refused for good. */
  failed(): void;
  /** The visitor was forgotten, or has another conversation: what is held here is somebody else's, and this is over. */
  forgotten(): void;
  /** Whatever came. */
  heard(frame: ServerFrame): void;
}

/** As much of a text as the Room keeps. */
export const cut = (given: unknown) => String(given ?? '').slice(0, 500);

export type Conversation = ReturnType<typeof openConversation>;

export function openConversation({ env, store, session, context, changed, arrived, failed, forgotten, heard }: ConversationOptions) {
  const wire = codec(VISITOR_TABLE);
  let identity: Init<Identify> | undefined;
  /** The conversation that `log` is of. */
  let conversation: string | undefined;
  /** Where `hello` said last, on this line, that the visitor is. */
  let told = '';
  let timer!: number;
  let adoptTimer!: number;

  const put = ({ clientId, ...rest }: Unsent) => store.set(OUT + clientId, JSON.stringify(rest));

  /** What is not acknowledged, of every window, oldest first. */
  const unsent = (): Unsent[] =>
    store
      .names(OUT)
      .map((name) => ({ ...readJson<Unsent>(store, name)!, clientId: name.slice(OUT.length) }))
      .filter(({ text, at }) => text && at)
      .sort((a, b) => a.at - b.at);

  const [seq, id = ''] = (store.get(READ) ?? '').split(' ');
  const log = new ConversationLog(unsent(), { seq: Number(seq), id });

  /** Carries out what the machine wants, in its order, and asks to be called when it next wants something. */
  const perform = (effects: Effect[] = []) => {
    for (const effect of effects) {
      if (effect.kind === 'send') connection.send(effect.frame);
      else if (effect.kind === 'settled') store.remove(OUT + effect.clientId);
      else if (effect.kind === 'arrived') arrived(effect.message);
      else {
        put(effect.item);
        failed();
      }
    }
    env.clearTimer(timer);
    const { wakeAt } = log;
    // What is over is due at once.
    if (wakeAt) timer = env.setTimer(() => perform(log.tick(env.now())), wakeAt - env.now());
    changed();
  };

  const adopt = () => perform(log.adopt(unsent(), env.now()));

  const go = () => {
    session.start();
    connection.start();
  };

  /** CO4 */
  const _greet = () => {
    const here = context();
    // Not the title: many pages count in it.
    const place = here.pageUrl! + here.locale;
    if (place !== told && connection.send({ hello: { ...log.hello(), context: here } })) told = place;
  };

  const connection: Connection = openConnection<ServerFrame>({
    env,
    grant: () => session.grant(log.outbox.items.length > 0),
    encode: (frame) => wire.encode('ClientFrame', frame),
    decode: (bytes) => wire.decode('ServerFrame', bytes),
    onOpen() {
      const now = session.kept()?.conversation;
      // CO3
      if (conversation && conversation !== now) return forgotten();
      conversation = now;
      adopt();
      told = '';
      _greet();
      if (identity) connection.send({ identify: identity });
    },
    onFrame(frame) {
      perform(log.receive(frame, env.now()));
      heard(frame);
    },
    onState(state) {
      if (state.kind !== 'live') log.disconnected();
      perform();
    },
  });

  return {
    connection,
    log,

    /** CO1; `choice`: a button said it. */
    write(text: string, choice?: string) {
      const item = { clientId: newClientId(), text, choice, at: env.now() };
      put(item);
      _greet();
      perform(log.write(item, item.at));
      go();
    },

    retry(clientId: string) {
      perform(log.retry(clientId, env.now()));
      log.outbox.items.filter((one) => one.clientId === clientId).forEach(put);
      go();
    },

    remove(clientId: string) {
      log.outbox.remove(clientId);
      store.remove(OUT + clientId);
      changed();
    },

    older() {
      const effects = log.older();
      // Drawing asks for what is older: nothing new must not draw again.
      if (effects.length) perform(effects);
    },

    /** Wants to be answered by e-mail. Nothing is kept for later: whoever says it says it again. */
    leaveEmail(form: Init<LeaveEmail>) {
      connection.send({ leaveEmail: form });
      go();
    },

    /** The visitor ends it; without a line that is not possible, and writing begins it again. */
    leave: () => connection.send({ leave: { clientId: newClientId() } }),

    typing: (on: boolean) => perform(log.input(on, env.now())),

    markRead() {
      const effects = log.markRead();
      const { last, tip } = log.run;
      const mark = `${last} ${tip}`;
      if (tip && store.get(READ) !== mark) store.set(READ, mark);
      if (effects.length) perform(effects);
    },

    _greet,

    /** Whatever a page gives becomes a string. A frame that is too large would end every line, so what the Room does not keep is left away. */
    identify({ name, email, attributes }: Identity = {}, token?: string) {
      let room = 16_000;
      identity = {
        name: cut(name),
        email: cut(email),
        attributes: new Map(
          Object['entries'](attributes ?? {})
            .map((pair: [string, unknown]) => pair.map(cut) as [string, string])
            .sort()
            .filter((pair) => (room -= pair.join().length) > 0),
        ),
      };
      connection.send({ identify: identity });
      // What was signed before may have been what was refused.
      if (token && (connection.state as { code?: number }).code === REFUSED) connection.restart();
    },

    /** Goes on with what was begun, on this page or an earlier one; whether there is any. */
    resume() {
      const begun = session.kept()?.started || log.outbox.items.length;
      if (begun) go();
      return begun;
    },

    /** Another window has changed what is stored (CO2). */
    stored(name: string | undefined, value: string | null) {
      if (name === '') {
        if (!value) return forgotten();
        if (session.kept()?.started) session.start();
        changed();
      } else if (name?.startsWith(OUT)) {
        // It was sent, or removed, or is tried again there: a refusal that stands here is out of date.
        if (log.outbox.remove(name.slice(OUT.length))) changed();
        if (!value) return;
        env.clearTimer(adoptTimer);
        adoptTimer = env.setTimer(adopt, ADOPT_AFTER_MS);
      }
    },

    /** Without a line, what a timer still does comes to nothing. */
    destroy() {
      session.forgotten();
      connection.pause();
    },
  };
}
