// Who this browser is to a site: a visitor's token, a conversation, and the tickets that open its socket. Nothing is
// asked for before the chat is opened, and no socket is opened before the first message: until then the server holds
// nothing.
//
//   SE1  one browser profile has one session per site, however many windows open their first chat at once: a lock
//        where the browser has them, and in any case what another window has stored meanwhile wins
//   SE2  it asks as soon as the chat is open, so that the site's name and greeting are known, and gives the ticket
//        when there is something to say
//   SE3  a token that is good for nothing any more does not lock the visitor out
//   SE4  what nobody in particular wrote here goes on as the first proven visitor's, with what was not sent yet; not as that of
//        somebody who was forgotten here
//   SE5  storage that is cleared under an open page forgets nobody: the page stores who it is again as soon as it looks. Who was
//        forgotten leaves an empty place, which every window finds, also one that was asleep
//   SE6  what is no answer, like half of one, or the page that a service worker has for everything, changes nothing: it is
//        asked again
import type { Grant, GrantRefusal } from '../shared/connection.ts';
import { OUT, readJson } from './storage.ts';
import type { Store } from './storage.ts';

/** What is kept between pages. */
export interface Kept {
  token: string;
  conversation: string;
  /** A message was written: from now on every page connects. */
  started?: boolean | undefined;
  /** What the site says of itself. */
  site?: { name?: string; greeting?: string; color?: string; closed?: [from: number, until: number][] } | undefined;
}

/** The answer of `POST /v1/session`, or a problem. */
interface Answer extends Kept {
  ticket: string;
  code?: string;
  retry_after_ms?: number;
}

export interface SessionOptions {
  /** Of this visitor. */
  store: Store;
  /** Of nobody in particular; the same one until somebody is proven. */
  base: Store;
  proof(): string | undefined;
  /** Without a slash at the end. */
  origin: string;
  site: string;
  /** The session has become known or has changed. */
  changed(): void;
}

export type Session = ReturnType<typeof openSession>;

const ANSWER_WITHIN_MS = 15_000;
const BLOCKED = 4504;
export const REFUSED = 4500;
/** How long a window without locks waits to see whether another one has stored a session. */
const LOOK_AGAIN_MS = 150;
/** A ticket is good for fifteen minutes (docs/api.md); a shorter life in our eyes renews it early enough. */
const TICKET_MS = 10 * 60_000;

export function openSession({ store, base, origin, site, proof, changed }: SessionOptions) {
  /** Grows when it is over, so that an answer that is on its way brings nobody back. */
  let life = 0;
  let begin: () => void;
  let begun: Promise<void>;
  /** What stood in the storage last (SE5). */
  let last: Kept | undefined;
  const read = (from: Store) => {
    const found = readJson<Kept>(from, '');
    if (found?.token) return found;
  };
  const kept = () => {
    // Who was forgotten, here or in another window, leaves an empty place.
    if (last && store.get('') === undefined) keep(last);
    return (last = read(store));
  };
  /** What to go on with (SE4), as it stands in the storage: a request must see what another window took away meanwhile (SE1). */
  const known = () => read(store.get('') === undefined ? base : store);
  const keep = (what: Kept) => {
    store.set('', JSON.stringify(what));
    changed();
  };

  const request = async (tries = 2): Promise<Answer> => {
    const then = life;
    const before = known();
    const reply = await fetch(origin + '/v1/session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      credentials: 'omit',
      body: JSON.stringify({ site, token: before?.token, identity: (proof() || undefined)?.toString() }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const answer = (await reply.json()) as Answer;
    const { token, conversation, code, retry_after_ms: wait } = answer;
    // SE6
    if (then !== life || (reply.ok && !token)) throw {} satisfies GrantRefusal;
    const after = known();
    // SE1: another window was faster, or has forgotten the visitor.
    if (tries && before?.conversation !== after?.conversation && after?.conversation !== conversation) return request(tries - 1);
    if (!reply.ok) {
      // SE3: 400 is for a token that is none.
      if (reply.status < 402 && before && tries) {
        (read(store) ? store : base).set('', '');
        return request(tries - 1);
      }
      const passes = reply.status === 429 || reply.status >= 500;
      throw { stopCode: passes ? undefined : code === 'visitor_blocked' ? BLOCKED : REFUSED, retryAfterMs: wait } satisfies GrantRefusal;
    }
    // SE4
    if (!read(store) && before?.conversation === conversation) {
      base.set('', '');
      for (const name of base.names(OUT)) {
        store.set(name, base.get(name)!);
        base.remove(name);
      }
    }
    keep({ token, conversation, started: (after ?? before)?.started, site: answer.site });
    return answer;
  };

  const ask = async (): Promise<Answer> => {
    if (kept()) return request();
    let locked;
    try {
      return await navigator.locks.request(store.prefix, () => {
        locked = true;
        return request();
      });
    } catch (error) {
      if (locked) throw error;
      const answer = await request();
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      return kept()?.conversation === answer.conversation ? answer : request();
    }
  };

  /** The first message was written, here or in another window. */
  const start = () => {
    const what = kept();
    if (what && !what.started) keep({ ...what, started: true });
    begin();
  };

  /** The visitor was forgotten, or the chat is over: no answer that is on its way is stored, and nobody again. */
  const forgotten = () => {
    life++;
    last = undefined;
    begun = new Promise((resolve) => (begin = resolve));
  };
  forgotten();

  /** SE2; `wanted`: a message waits. */
  const grant = async (wanted: boolean): Promise<Grant> => {
    const { ticket, conversation } = await ask();
    const ends = Date.now() + TICKET_MS;
    if (wanted) start();
    if (!kept()?.started) {
      await begun;
      start();
      if (Date.now() > ends) return grant(true);
    }
    return { url: `${origin.replace(/^http/, 'ws')}/v1/rooms/${conversation}/socket`, ticket, ttlMs: ends - Date.now() };
  };

  return {
    kept,
    start,
    grant,
    forgotten,
  };
}
