// What is said about the line to the server: honest, short, and nothing while all is well. Pure.
import type { LinkState } from '../shared/connection.ts';
import type { Strings } from './locale/strings.ts';

export interface LineInput {
  link: LinkState;
  /** Since when the link is as it is. */
  since: number;
  now: number;
  /** The site is known and nothing was written: there is no need for a line yet. */
  quiet: boolean;
  /** The server asked for a pause in sending until then; 0 when it did not. */
  heldUntil: number;
}

export interface Line {
  /** For a screen reader: it does not count down. */
  text: string;
  /** Seconds that are left, shown beside the text. */
  seconds?: number;
  /** The button: try now, or take the conversation over here. */
  action?: 'tryNow' | 'continueHere';
  /** Writing makes no sense. */
  closed?: boolean;
  /** When the line changes by itself. */
  again?: number;
}

/** A connection that takes no longer than this is not worth a word. */
const PATIENCE_MS = 1_200;
const REPLACED = 4503;
const BLOCKED = 4504;

/** The line, or nothing when there is nothing to say. */
export function lineOf({ link, since, now, quiet, heldUntil }: LineInput, strings: Strings): Line | undefined {
  switch (link.kind) {
    case 'stopped':
      if (link.code === BLOCKED) return { text: strings.blocked, closed: true };
      if (link.code === REPLACED) return { text: strings.elsewhere, action: 'continueHere' };
      return { text: strings.unavailable, action: 'tryNow' };
    case 'offline':
      return { text: strings.offline };
    case 'waiting': {
      const seconds = Math.max(1, Math.ceil((link.until - now) / 1000));
      const again = now + 1000;
      if (link.asked) return { text: strings.busy, seconds, again };
      return { text: strings.reconnecting, seconds, again, action: 'tryNow' };
    }
    case 'connecting':
      if (quiet) return undefined;
      return now - since < PATIENCE_MS ? { text: '', again: since + PATIENCE_MS } : { text: strings.connecting };
    case 'live':
      if (heldUntil > now) return { text: strings.slowDown, seconds: Math.ceil((heldUntil - now) / 1000), again: now + 1000 };
      return undefined;
    case 'idle':
      return undefined;
  }
}
