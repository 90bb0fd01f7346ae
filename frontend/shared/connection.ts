// One WebSocket that stays: it fetches tickets, proves that the line is alive, comes back after a cut and says
// honestly what it is doing. It queues nothing; what must not be lost lives in `conversation-log.ts`.
//
// Its rules (CN1 …) are named in the code and in the tests. Clock, timers, randomness, page and socket are given to
// it, so no test waits.
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
export class GrantRefused extends Error {
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

type TimerName = 'retry' | 'ping' | 'pong' | 'renew';

export class Connection<In extends { error?: Refusal }> {
  #state: LinkState = { kind: 'idle' };
  #socket: SocketLike | undefined;
  #attempts = 0;
  #liveSince = 0;
  /** No attempt before this time: the server said so. */
  #notBefore = 0;
  #grant: Grant | undefined;
  #grantEnds = 0;
  /** Grows with every attempt, so that what belongs to an earlier one is told apart. */
  #turn = 0;
  #timers = new Map<TimerName, number>();

  constructor(private readonly options: ConnectionOptions<In>) {}

  get state(): LinkState {
    return this.#state;
  }

  /** Connects, unless it is on its way or stopped. */
  start(): void {
    if (this.#state.kind === 'idle') this.#connect();
  }

  /** Ends the socket until `start`: for a page that goes away, or for good (CN12). */
  pause(): void {
    if (this.#state.kind === 'stopped') return;
    this.#drop();
    this.#set({ kind: 'idle' });
  }

  /** Starts over after a stop, with a new ticket and no memory of failures. */
  restart(): void {
    this.#drop();
    this.#grant = undefined;
    this.#attempts = 0;
    this.#connect();
  }

  /** Whether the frame went out. Nothing is kept for later (CN15). */
  send(frame: Init<ClientFrame>): boolean {
    if (!this.#socket) return false;
    try {
      this.#socket.send(this.options.encode(frame));
      return true;
    } catch {
      return false;
    }
  }

  /** Something suggests that the line came back or went away: find out at once (CN11). */
  check(): void {
    const { kind } = this.#state;
    if (kind === 'live') this.#ping(CHECK_WITHIN_MS);
    else if (kind === 'waiting' || kind === 'offline') {
      const wait = this.#notBefore - this.options.env.now();
      if (wait > 0) this.#wait(wait);
      else this.#connect();
    }
  }

  // ------------------------------------------------------------------------------------------------- connecting

  async #connect(): Promise<void> {
    this.#drop();
    const turn = this.#turn;
    this.#set({ kind: 'connecting' });
    let grant: Grant;
    try {
      grant = await this.#ticket(turn);
    } catch (error) {
      if (turn !== this.#turn) return;
      if (error instanceof GrantRefused) {
        if (error.stopCode !== undefined) return this.#stop(error.stopCode);
        this.#hold(error.retryAfterMs);
      }
      return this.#retry();
    }
    if (turn !== this.#turn) return;
    // CN2: the ticket is a subprotocol, so that no log of addresses holds it.
    let socket: SocketLike;
    try {
      socket = this.options.env.open(grant.url, [SUBPROTOCOL, 'ticket.' + grant.ticket]);
    } catch {
      return this.#retry();
    }
    socket.binaryType = 'arraybuffer';
    // CN1: what an earlier socket still says is ignored, because its handlers are taken off when it is dropped.
    socket.onopen = () => {
      this.#socket = socket;
      this.options.onOpen();
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#closed(code);
    this.#abandon = () => {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(1000);
    };
    // CN4: a line on which the first answer takes too long is dead.
    this.#timer('pong', ANSWER_WITHIN_MS, () => this.#retry());
  }

  #abandon = () => {};

  /**
   * CN3: a ticket serves again until shortly before its end, so coming back needs nobody but the Room. A socket that
   * never opens says nothing about its ticket: a refused ticket is told by a close code.
   */
  async #ticket(turn: number): Promise<Grant> {
    const { env, grant } = this.options;
    if (this.#grant && env.now() < this.#grantEnds - TICKET_MARGIN_MS) return this.#grant;
    const fresh = await grant(this.#grant !== undefined);
    return turn === this.#turn ? this.#keep(fresh) : fresh;
  }

  #keep(grant: Grant): Grant {
    this.#grant = grant;
    this.#grantEnds = this.options.env.now() + grant.ttlMs;
    return grant;
  }

  #receive(data: unknown): void {
    if (this.#state.kind === 'live') this.#stopTimer('pong');
    if (typeof data === 'string') return;
    let frame: In;
    try {
      frame = this.options.decode(new Uint8Array(data as ArrayBuffer));
    } catch {
      // CN14: after a frame that can't be read the order is unknown; a new socket resumes from the cursor.
      return this.#retry();
    }
    const { error } = frame;
    // CN8: a refusal of the whole socket says when to come back; one of a single frame is not for us.
    if (error && !error.clientId) this.#hold(error.retryAfterMs);
    if (!error && this.#state.kind === 'connecting') this.#live();
    this.options.onFrame(frame);
  }

  #live(): void {
    this.#stopTimer('pong');
    this.#liveSince = this.options.env.now();
    this.#set({ kind: 'live' });
    // CN5: the first ping comes at a random time, so that a restarted server is not pinged by all at once.
    this.#timer('ping', this.options.env.random() * PING_EVERY_MS, () => this.#ping(PONG_WITHIN_MS));
    this.#scheduleRenewal(this.#grantEnds - this.options.env.now());
  }

  /** CN6: any frame within the time proves the line. */
  #ping(within: number): void {
    this.#timer('ping', PING_EVERY_MS, () => this.#ping(PONG_WITHIN_MS));
    this.#timer('pong', within, () => this.#retry());
    try {
      this.#socket?.send('ping');
    } catch {
      this.#retry();
    }
  }

  // --------------------------------------------------------------------------------------------------- renewing

  /** CN13: the open socket gets its next ticket at 60 to 80 % of the time left. */
  #scheduleRenewal(left: number): void {
    this.#timer('renew', Math.max(1_000, left * (0.6 + 0.2 * this.options.env.random())), () => this.#renew());
  }

  async #renew(): Promise<void> {
    const turn = this.#turn;
    try {
      const grant = await this.options.grant(true);
      if (turn !== this.#turn) return;
      const { url } = this.#grant!;
      this.#keep(grant);
      if (grant.url !== url) return void this.#connect();
      this.send({ renew: { ticket: grant.ticket } });
      this.#scheduleRenewal(grant.ttlMs);
    } catch (error) {
      if (turn !== this.#turn) return;
      const wait = error instanceof GrantRefused ? error.retryAfterMs : 0;
      this.#timer('renew', Math.max(wait, (0.5 + this.options.env.random()) * BACKOFF_CAP_MS), () => this.#renew());
    }
  }

  // -------------------------------------------------------------------------------------------------- coming back

  /** CN9: 4500 to 4999 end it; CN10: 4010 needs another ticket; everything else comes back. */
  #closed(code: number): void {
    if (code >= 4500 && code <= 4999) return this.#stop(code);
    if (code === TICKET_EXPIRED) this.#grantEnds = 0;
    this.#retry();
  }

  /** CN7: full jitter up to a ceiling that doubles; ten seconds of life make it start from the bottom again. */
  #retry(): void {
    const { env } = this.options;
    if (this.#state.kind === 'live' && env.now() - this.#liveSince >= PONG_WITHIN_MS) this.#attempts = 0;
    this.#drop();
    const cap = env.hidden() ? BACKOFF_CAP_HIDDEN_MS : BACKOFF_CAP_MS;
    const ceiling = Math.min(cap, BACKOFF_BASE_MS * 2 ** Math.min(this.#attempts++, 20));
    this.#wait(Math.max(env.random() * ceiling, this.#notBefore - env.now()));
  }

  #wait(ms: number): void {
    const { env } = this.options;
    const now = env.now();
    const asked = this.#notBefore > now && { asked: true };
    this.#set({ kind: env.online() ? 'waiting' : 'offline', until: now + ms, ...asked });
    this.#timer('retry', ms, () => this.#connect());
  }

  #hold(ms: number): void {
    if (ms > 0) this.#notBefore = this.options.env.now() + ms;
  }

  #stop(code: number): void {
    this.#drop();
    this.#set({ kind: 'stopped', code });
  }

  #drop(): void {
    this.#turn++;
    for (const name of [...this.#timers.keys()]) this.#stopTimer(name);
    this.#socket = undefined;
    this.#abandon();
    this.#abandon = () => {};
  }

  #timer(name: TimerName, ms: number, run: () => void): void {
    this.#stopTimer(name);
    const start = () => {
      this.#timers.delete(name);
      run();
    };
    this.#timers.set(name, this.options.env.setTimer(start, ms));
  }

  #stopTimer(name: TimerName): void {
    const timer = this.#timers.get(name);
    if (timer === undefined) return;
    this.options.env.clearTimer(timer);
    this.#timers.delete(name);
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.options.onState(state);
  }
}
