// The browser as `connection.ts` wants it, and the page events that tell a connection to look.
import type { Connection, ConnectionEnv } from './connection.ts';

/** Clock, timers, randomness and sockets of this page. */
export const browserEnv: ConnectionEnv = {
  now: Date.now,
  random: Math.random,
  setTimer: (run, ms) => setTimeout(run, ms) as unknown as number,
  clearTimer: (timer) => clearTimeout(timer),
  open: (url, protocols) => new WebSocket(url, protocols),
  online: () => navigator.onLine,
  hidden: () => document.hidden,
};

/** Adds listeners that go when the signal comes. */
export const listenUntil = (signal: AbortSignal) => (target: EventTarget, type: string, run: (event: any) => void) => target.addEventListener(type, run, { signal });

/**
 * Lets the page drive the connection (CN11, CN12): checks it when the network, the tab or the machine wakes, puts it
 * aside when the page goes, so that the page may enter the back/forward cache, and brings it back with the page.
 */
export function watchPage(connection: Connection, signal: AbortSignal): void {
  const on = listenUntil(signal);
  on(window, 'online', connection.check);
  on(window, 'offline', connection.check);
  on(document, 'visibilitychange', connection.check);
  on(document, 'resume', connection.check);
  // Until the page goes again nothing asks.
  let aside: boolean;
  on(window, 'pagehide', () => {
    aside = connection.state.kind !== 'idle';
    connection.pause();
  });
  on(window, 'pageshow', () => aside && connection.start());
}
