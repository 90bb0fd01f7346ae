// Who this browser is to a site: a visitor's token, a conversation, and the tickets that open its socket. Nothing is
// asked for before the chat is opened, and no socket is opened before the first message: until then the server holds
// nothing.
//
// One browser profile has one session per site, however many windows open their first chat at once (SE1): a lock
// where the browser has them, and in any case what another window has stored meanwhile wins.
import { GrantRefused } from '../shared/connection.ts';
import type { Grant } from '../shared/connection.ts';
import { ticketLifetime } from '../shared/ticket.ts';
import { readJson } from './storage.ts';
import type { Store } from './storage.ts';

/** What a site says of itself. */
export interface Site {
  name?: string;
  greeting?: string;
  color?: string;
}

/** What is kept between pages. */
export interface Kept {
  token: string;
  conversation: string;
  /** A message was written: from now on every page connects. */
  started?: boolean;
  site?: Site;
}

/** The answer of `POST /v1/session`. */
interface Answer {
  token: string;
  ticket: string;
  conversation: string;
  site?: Site;
}

/** The answer to a request for a session, as far as it is looked at. */
type Reply = Pick<Response, 'ok' | 'status' | 'json'>;

export interface SessionOptions {
  store: Store;
  /** Without a slash at the end. */
  origin: string;
  site: string;
  now(): number;
  post(url: string, body: string): Promise<Reply>;
  /** Runs one window of this browser at a time; throws before it runs where there are no locks. */
  lock<T>(name: string, run: () => Promise<T>): Promise<T>;
  pause(ms: number): Promise<void>;
  /** The session has become known or has changed. */
  changed(): void;
}

const BLOCKED = 4504;
const REFUSED = 4500;
/** How long a window without locks waits to see whether another one has stored a session. */
const LOOK_AGAIN_MS = 150;

export class Session {
  #begin!: () => void;
  #begun = new Promise<void>((resolve) => (this.#begin = resolve));
  /** Grows when the visitor is forgotten, so that an answer that is on its way brings nobody back. */
  #life = 0;

  constructor(private readonly options: SessionOptions) {}

  get kept(): Kept | undefined {
    const kept = readJson<Kept>(this.options.store, '');
    return kept?.token ? kept : undefined;
  }

  /** The first message was written, here or in another window. */
  start(): void {
    const { kept } = this;
    if (kept && !kept.started) this.#keep({ ...kept, started: true });
    this.#begin();
  }

  get started(): boolean {
    return !!this.kept?.started;
  }

  forget(): void {
    this.options.store.remove('');
    this.forgotten();
  }

  /** Another window has forgotten the visitor, and may have a new one already. */
  forgotten(): void {
    this.#life++;
    this.#begun = new Promise<void>((resolve) => (this.#begin = resolve));
  }

  /**
   * A ticket for the conversation's socket. It asks at once, so that the site's name and greeting are known, and gives
   * the ticket when there is something to say (SE2); `wanted` tells that a message waits.
   */
  async grant(wanted: boolean): Promise<Grant> {
    const { now, origin } = this.options;
    let answer = await this.#ask();
    let ends = now() + ticketLifetime(answer.ticket);
    if (wanted) this.start();
    if (!this.started) {
      await this.#begun;
      if (now() > ends - 60_000) {
        answer = await this.#ask();
        ends = now() + ticketLifetime(answer.ticket);
      }
      this.start();
    }
    const url = `${origin.replace(/^http/, 'ws')}/v1/rooms/${answer.conversation}/socket`;
    return { url, ticket: answer.ticket, ttlMs: ends - now() };
  }

  async #ask(): Promise<Answer> {
    const { kept } = this;
    if (kept) return this.#request(2);
    let locked = false;
    try {
      return await this.options.lock(this.options.store.prefix, () => {
        locked = true;
        return this.#request(2);
      });
    } catch (error) {
      if (locked) throw error;
      let answer = await this.#request(2);
      await this.options.pause(LOOK_AGAIN_MS);
      if (this.kept?.conversation !== answer.conversation) answer = await this.#request(2);
      return answer;
    }
  }

  async #request(tries: number): Promise<Answer> {
    const { store, site, origin, post } = this.options;
    const life = this.#life;
    const before = this.kept;
    const reply = await post(origin + '/v1/session', JSON.stringify({ site, token: before?.token }));
    const answer = await reply.json().catch(() => ({}));
    if (life !== this.#life) throw new GrantRefused(undefined);
    const after = this.kept;
    // SE1: another window was faster, or has forgotten the visitor.
    if (tries && before?.conversation !== after?.conversation && after?.conversation !== answer.conversation) return this.#request(tries - 1);
    if (!reply.ok) {
      const { code, retry_after_ms: wait = 0 } = answer as { code?: string; retry_after_ms?: number };
      // SE3: a token that is good for nothing any more must not lock the visitor out.
      if (reply.status === 401 && before && tries) {
        store.remove('');
        return this.#request(tries - 1);
      }
      const passes = reply.status === 429 || reply.status >= 500;
      throw new GrantRefused(code === 'visitor_blocked' ? BLOCKED : passes ? undefined : REFUSED, wait);
    }
    const { token, conversation, site: about } = answer as Answer;
    const { name, greeting, color } = about ?? {};
    this.#keep({ token, conversation, started: after?.started ?? before?.started, site: { name, greeting, color } });
    return answer as Answer;
  }

  #keep(kept: Kept): void {
    this.options.store.set('', JSON.stringify(kept));
    this.options.changed();
  }
}
