// What is said about the line to the server: honest, short, and nothing while all is well. (The style sheet shows it after
// a second: a connection that takes no longer is not worth a word.) Pure.
import type { LinkState } from '../shared/connection.ts';
import type { Strings } from './locale/strings.ts';

export interface LineInput {
  link: LinkState;
  now: number;
  /** The site is known and nothing was written: there is no need for a line yet. */
  quiet: boolean;
  /** The server asked for a pause in sending until then; 0 when it did not. */
  heldUntil: number;
}

export interface Line {
  /** For a screen reader: it does not count down. */
  text: string;
  /** Shown beside the text: when it goes on. */
  rest?: string | undefined;
  /** The button: try now, or take the conversation over here. */
  action?: string;
  /** Writing makes no sense. */
  closed?: boolean;
  /** In how many milliseconds the line changes by itself. */
  again?: number;
}

const REPLACED = 4503;
const BLOCKED = 4504;

/** The line, or nothing when there is nothing to say. */
export function lineOf({ link, now, quiet, heldUntil }: LineInput, strings: Strings): Line | undefined {
  const until = (text: string, at: number): Line => {
    const seconds = Math.max(1, Math.ceil((at - now) / 1000));
    return { text, rest: ` · ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`, again: 1000 };
  };
  if (link.kind === 'stopped') {
    if (link.code === BLOCKED) return { text: strings._blocked, closed: true };
    if (link.code === REPLACED) return { text: strings._elsewhere, action: strings._continueHere };
    return { text: strings._unavailable, action: strings._tryAgain };
  }
  if (link.kind === 'offline') return { text: strings._offline };
  if (link.kind === 'waiting') return link.asked ? until(strings._busy, link.until) : { ...until(strings._reconnecting, link.until), action: strings._tryAgain };
  if (link.kind === 'connecting' && !quiet) return { text: strings._connecting };
  return link.kind === 'live' && heldUntil > now ? until(strings._slowDown, heldUntil) : undefined;
}
