// One WebSocket that stays: it fetches tickets, proves that the line is alive, comes back after a cut and says
// honestly what it is doing. It queues nothing; what must not be lost lives in `conversation-log.ts`.
//
// Its rules (CN1 …) stand in `docs/client-rules.md` and are named in the code and in the tests. Clock, timers,
// randomness, page and socket are given to it, so no test waits.
import type { ClientFrame, Error as Refusal, Init } from './wire/types.ts';

/** What opens the socket: an address and a ticket that is good for `ttlMs` from now. */
export interface Grant {
  url: string;
  ticket: string;
  ttlMs: number;
}

/** What the connection is doing. */
export type LinkState =
  /** Not started, or put aside with its page. */
  | { kind: 'idle' }
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** Tries again at `until`; `asked`: because the server said so (CN8). */
  | { kind: 'waiting'; until: number; asked?: boolean }
  /** The same, and the browser says that it has no network. */
  | { kind: 'offline'; until: number; asked?: boolean }
  /** For good; `code` is the close code that says why. */
  | { kind: 'stopped'; code: number };

/** The part of a WebSocket that is used here. */
export interface SocketLike {
  binaryType: string;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
}

/** Everything outside: `browserEnv` in the browser, a hand-driven one in tests. */
export interface ConnectionEnv {
  now(): number;
  /** From 0 up to 1. */
  random(): number;
  setTimer(run: () => void, ms: number): number;
  clearTimer(timer: number): void;
  open(url: string, protocols: string[]): SocketLike;
  online(): boolean;
  hidden(): boolean;
}

/** Thrown by a ticket supplier that was refused: with a close code to stop, or a time to come back. */
export interface GrantRefusal {
  readonly stopCode?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** The same as an error. */
export class GrantRefused extends Error implements GrantRefusal {
  constructor(readonly stopCode: number | undefined, readonly retryAfterMs = 0) {
    super('no ticket');
  }
}

export interface ConnectionOptions<In> {
  env: ConnectionEnv;
  /** Supplies a ticket; `fresh` asks for one that was not used before. */
  grant(fresh: boolean): Promise<Grant>;
  encode(frame: Init<ClientFrame>): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array): In;
  /** The socket is open: the place to send `hello`. */
  onOpen(): void;
  onFrame(frame: In): void;
  onState(state: LinkState): void;
  /** Comes back as fast where nobody looks. */
  eager?: boolean;
}

export const PING_EVERY_MS = 25_000;
export const PONG_WITHIN_MS = 10_000;
export const CHECK_WITHIN_MS = 3_000;
export const ANSWER_WITHIN_MS = 15_000;
export const BACKOFF_BASE_MS = 500;
export const BACKOFF_CAP_MS = 30_000;
export const BACKOFF_CAP_HIDDEN_MS = 300_000;
/** A ticket this near to its end opens no socket. */
export const TICKET_MARGIN_MS = 30_000;

const SUBPROTOCOL = 'bellhop.v1.proto';
const TICKET_EXPIRED = 4010;
const REPLACED = 4503;

type TimerName = 'retry' | 'ping' | 'pong' | 'renew';

export interface Connection {
  readonly state: LinkState;
  /** Connects, unless it is on its way or stopped for good. */
  start(): void;
  /** Ends the socket until `start`, which asks for a ticket anew: for a page that goes away, or for good (CN12, CN16). */
  pause(): void;
  /** Starts over after a stop, with a new ticket. */
  restart(): void;
  /** Whether the frame went out. Nothing is kept for later (CN15). */
  send(frame: Init<ClientFrame>): boolean;
  /** Something suggests that the line came back or went away, or somebody looks: find out at once (CN11, CN17). */
  check(): void;
}

/** A connection at rest. */
export function openConnection<In extends { error?: Refusal }>(options: ConnectionOptions<In>): Connection {
  const { env } = options;
  const { now, random } = env;
  let state: LinkState = { kind: 'idle' };
  let socket: SocketLike | undefined;
  /** The socket takes frames. */
  let open = false;
  let attempts = 0;
  let liveSince = 0;
  /** No attempt before this time: the server said so. */
  let notBefore = 0;
  let grant: Grant | undefined;
  let grantEnds = 0;
  /** Grows with every attempt, so that what belongs to an earlier one is told apart. */
  let turn = 0;
  const timers: { [name in TimerName]?: number } = {};

  const set = (next: LinkState): void => {
    state = next;
    options.onState(next);
  };
  const stopTimer = (name: TimerName): void => env.clearTimer(timers[name]!);
  const timer = (name: TimerName, ms: number, run: () => void): void => {
    stopTimer(name);
    timers[name] = env.setTimer(run, ms);
  };
  const hold = (ms?: number): void => {
    if (ms) notBefore = now() + ms;
  };
  const keep = (given: Grant): void => {
    grant = given;
    grantEnds = now() + given.ttlMs;
  };

  const drop = (): void => {
    turn++;
    for (const name in timers) stopTimer(name as TimerName);
    open = false;
    if (!socket) return;
    // CN1: what an earlier socket still says is ignored, because its handlers are taken off when it is dropped.
    socket.onopen = socket.onmessage = socket.onclose = null;
    // A second time it does nothing.
    socket.close(1000);
  };

  const end = (next: LinkState): void => {
    drop();
    set(next);
  };

  // ------------------------------------------------------------------------------------------------- connecting

  const connect = async (): Promise<void> => {
    drop();
    const mine = turn;
    set({ kind: 'connecting' });
    try {
      // CN3: a ticket serves again until shortly before its end, so coming back needs nobody but the Room. A socket
      // that never opens says nothing about its ticket: a refused ticket is told by a close code.
      if (!grant || now() >= grantEnds - TICKET_MARGIN_MS) {
        const given = await options.grant(grant !== undefined);
        if (mine !== turn) return;
        keep(given);
      }
      const { url, ticket } = grant!;
      // CN2: the ticket is a subprotocol, so that no log of addresses holds it.
      socket = env.open(url, [SUBPROTOCOL, 'ticket.' + ticket]);
    } catch (error) {
      if (mine !== turn) return;
      const { stopCode, retryAfterMs } = error as GrantRefusal;
      if (stopCode) return end({ kind: 'stopped', code: stopCode });
      hold(retryAfterMs);
      return retry();
    }
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      open = true;
      options.onOpen();
    };
    socket.onmessage = receive;
    socket.onclose = closed;
    // CN4: a line on which the first answer takes too long is dead.
    timer('pong', ANSWER_WITHIN_MS, retry);
  };

  const receive = ({ data }: { data: unknown }): void => {
    if (state.kind === 'live') stopTimer('pong');
    if (typeof data === 'string') return;
    let frame: In;
    try {
      frame = options.decode(new Uint8Array(data as ArrayBuffer));
    } catch {
      // CN14: after a frame that can't be read the order is unknown; a new socket resumes from the cursor.
      return retry();
    }
    const { error } = frame;
    // CN8: a refusal of the whole socket says when to come back; one of a single frame is not for us.
    if (error) {
      if (!error.clientId) hold(error.retryAfterMs);
    } else if (state.kind === 'connecting') {
      stopTimer('pong');
      liveSince = now();
      // That time is over, also for a clock that is set back.
      notBefore = 0;
      set({ kind: 'live' });
      // CN5: the first ping comes at a random time, so that a restarted server is not pinged by all at once.
      nextPing(random());
      nextRenewal(grantEnds - liveSince);
    }
    options.onFrame(frame);
  };

  const nextPing = (part: number): void => timer('ping', part * PING_EVERY_MS, () => ping(PONG_WITHIN_MS));

  /** CN6: any frame within the time proves the line. */
  const ping = (within: number): void => {
    nextPing(1);
    timer('pong', within, retry);
    if (!put('ping')) retry();
  };

  const put = (data: string | Uint8Array<ArrayBuffer>): boolean => {
    try {
      socket!.send(data);
      return true;
    } catch {
      return false;
    }
  };
  const send = (frame: Init<ClientFrame>): boolean => open && put(options.encode(frame));

  // --------------------------------------------------------------------------------------------------- renewing

  /** CN13: the open socket gets its next ticket at 60 to 80 % of the time left. */
  const nextRenewal = (left: number): void => timer('renew', Math.max(1_000, left * (0.6 + 0.2 * random())), renew);

  const renew = async (): Promise<void> => {
    const mine = turn;
    try {
      const given = await options.grant(true);
      if (mine !== turn) return;
      const { url } = grant!;
      keep(given);
      if (given.url !== url) return void connect();
      send({ renew: { ticket: given.ticket } });
      nextRenewal(given.ttlMs);
    } catch (error) {
      if (mine !== turn) return;
      const { retryAfterMs = 0 } = error as GrantRefusal;
      timer('renew', Math.max(retryAfterMs, (0.5 + random()) * BACKOFF_CAP_MS), renew);
    }
  };

  // -------------------------------------------------------------------------------------------------- coming back

  /** CN9: 4500 to 4999, beyond which there is none, end it; CN10: 4010 needs another ticket; everything else comes back. */
  const closed = ({ code }: { code: number }): void => {
    if (code >= 4500) return end({ kind: 'stopped', code });
    if (code === TICKET_EXPIRED) grantEnds = 0;
    retry();
  };

  /** CN7: full jitter up to a ceiling that doubles; ten seconds of life make it start from the bottom again. */
  const retry = (): void => {
    if (state.kind === 'live' && now() - liveSince >= PONG_WITHIN_MS) attempts = 0;
    const ceiling = Math.min(env.hidden() && !options.eager ? BACKOFF_CAP_HIDDEN_MS : BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempts++);
    wait(Math.max(random() * ceiling, notBefore - now()));
  };

  const wait = (ms: number): void => {
    const at = now();
    end({ kind: env.online() ? 'waiting' : 'offline', until: at + ms, asked: notBefore > at });
    timer('retry', ms, connect);
  };

  const start = (): void => {
    if (state.kind === 'idle' || (state as { code?: number }).code === REPLACED) void connect();
  };
  /** Ends it, whatever its state, with no memory of tickets and failures. */
  const reset = (): void => {
    grant = undefined;
    attempts = 0;
    end({ kind: 'idle' });
  };

  return {
    get state() {
      return state;
    },
    start,
    // CN16: who the page is may have changed meanwhile, without a word to it.
    pause() {
      if (!(state as { code?: number }).code || (state as { code?: number }).code === REPLACED) reset();
    },
    restart() {
      reset();
      start();
    },
    send,
    check() {
      if (state.kind === 'live') ping(CHECK_WITHIN_MS);
      // (A name that the build shortens can't be asked for with `in`.)
      else if ((state as { until?: number }).until) {
        const left = notBefore - now();
        if (left > 0) wait(left);
        else void connect();
      }
      // CN17: it is the newest then, and the oldest one gives way, also one that is looked at: that one stays away until it
      // is shown again or gone on with.
      else if ((state as { code?: number }).code && !env.hidden()) start();
    },
  };
}
