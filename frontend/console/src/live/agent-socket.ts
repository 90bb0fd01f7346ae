// The agent's sockets: what the Desk's and the Rooms' have in common. One ticket opens them all, so it is fetched
// once and shared.

import { browserEnv, watchPage } from '../../../shared/browser-env';
import { GrantRefused, openConnection } from '../../../shared/connection';
import type { Connection, Grant, LinkState } from '../../../shared/connection';
import { ticketAgent, ticketLifetime } from '../../../shared/ticket';
import { codec } from '../../../shared/wire/codec';
import { FULL_TABLE } from '../../../shared/wire/table';
import type { AgentFrame } from '../../../shared/wire/types';
import { asProblem } from '../api/problem';
import { session } from '../api/routes';
import { loadAnew } from '../session/one-agent';
import { useSession } from '../session/store';
import { isRecent } from './recent';

/** Close codes that the console explains. */
export const CLOSED = { refused: 4500, revoked: 4501, replaced: 4503 } as const;

const wire = codec(FULL_TABLE);

interface Held {
  ticket: string;
  at: number;
  ttlMs: number;
}

/** A ticket younger than this is fresh enough for whoever asks for a new one. */
const FRESH_MS = 5_000;
/** One that ends sooner is not worth opening a socket with. */
const MARGIN_MS = 60_000;

/** Revoked again so soon after a new ticket: it is meant. */
const TRY_AGAIN_AFTER_MS = 10_000;

let held: Held | undefined;
let fetching: Promise<Held> | undefined;

async function fetchTicket(): Promise<Held> {
  const signedIn = useSession();
  const asker = signedIn.me?.id;
  try {
    const { ticket } = await session.ticket();
    const given = { ticket, at: Date.now(), ttlMs: ticketLifetime(ticket) };
    // Whoever asked has signed out meanwhile: who comes next does not find it here.
    if (signedIn.me?.id !== asker) return given;
    // Somebody else has signed in in another tab. What was written here is not to go out under their name, so no socket
    // comes up in this page any more.
    if (asker && ![asker, ''].includes(ticketAgent(ticket))) return await loadAnew();
    held = given;
    return given;
  } catch (error) {
    const problem = asProblem(error);
    if (problem.code === 'unauthorized') throw new GrantRefused(CLOSED.revoked);
    if (problem.transient) throw new GrantRefused(undefined, problem.retryAfterMs);
    throw new GrantRefused(CLOSED.refused);
  } finally {
    fetching = undefined;
  }
}

async function ticket(fresh: boolean): Promise<Held> {
  if (held && isRecent(held.at, fresh ? FRESH_MS : held.ttlMs - MARGIN_MS)) return held;
  fetching ??= fetchTicket();
  return fetching;
}

/** Forgets the ticket: it belongs to the agent who has just signed out. */
export function forgetTicket(): void {
  held = fetching = undefined;
}

// While the browser has put the page away nobody tells it who signs in: it asks when it comes back. Before any line's own listener.
globalThis.addEventListener?.('pagehide', forgetTicket);

function addressOf(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

interface Listener {
  onOpen(): void;
  onFrame(frame: AgentFrame): void;
  onState(state: LinkState): void;
  /** The session behind it has ended. */
  onRevoked(): void;
}

export interface AgentSocket {
  connection: Connection;
  close(): void;
}

/**
 * Opens a socket of this origin and lets the page drive it until `close`.
 *
 * A revoked socket need not mean a session that has ended: a change of password ends every ticket and gives this
 * browser a new session. So a new ticket is asked for once; without a session that is refused, and then it is over.
 */
export function openAgentSocket(path: string, listener: Listener): AgentSocket {
  let used = '';
  let triedAgainAt = -Infinity;

  function revokedFor(state: LinkState): boolean {
    if (state.kind !== 'stopped' || state.code !== CLOSED.revoked) return false;
    if (isRecent(triedAgainAt, TRY_AGAIN_AFTER_MS)) return true;
    triedAgainAt = Date.now();
    if (held?.ticket === used) held = undefined;
    // Not from within its own change of state.
    queueMicrotask(() => connection.state.kind === 'stopped' && connection.restart());
    return false;
  }

  const connection = openConnection<AgentFrame>({
    env: browserEnv,
    // A console in a hidden tab still has to call its agent.
    eager: true,
    async grant(fresh: boolean): Promise<Grant> {
      const { ticket: text, at, ttlMs } = await ticket(fresh);
      used = text;
      return { url: addressOf(path), ticket: text, ttlMs: at + ttlMs - Date.now() };
    },
    encode: (frame) => wire.encode('ClientFrame', frame),
    decode: (bytes) => wire.decode('AgentFrame', bytes),
    onOpen: () => listener.onOpen(),
    onFrame: (frame) => listener.onFrame(frame),
    onState: (state) => (revokedFor(state) ? listener.onRevoked() : listener.onState(state)),
  });
  const watch = new AbortController();
  watchPage(connection, watch.signal);
  connection.start();
  return {
    connection,
    close() {
      watch.abort();
      connection.pause();
    },
  };
}
