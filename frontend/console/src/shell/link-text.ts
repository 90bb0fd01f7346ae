// What the state of the live connection is called, and what the console does about it.

import type { LinkState } from '../../../shared/connection';
import { CLOSED } from '../live/agent-socket';

export interface LinkText {
  key: string;
  seconds: number;
  /** What a button offers, if anything helps. */
  action: 'try_now' | 'reconnect_here' | '';
}

/** The sentence for the banner; null while the console is live or has just begun to connect. */
export function linkTextOf(link: LinkState, now: number, wasLive: boolean): LinkText | null {
  switch (link.kind) {
    case 'live':
      return null;
    case 'idle':
    case 'connecting':
      return wasLive ? { key: 'live.waiting_now', seconds: 0, action: '' } : null;
    case 'offline':
      return { key: 'live.offline', seconds: 0, action: 'try_now' };
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((link.until - now) / 1000));
      return { key: seconds > 0 ? 'live.waiting' : 'live.waiting_now', seconds, action: 'try_now' };
    }
    case 'stopped':
      return { key: link.code === CLOSED.replaced ? 'live.replaced' : 'live.ended', seconds: 0, action: 'reconnect_here' };
  }
}
