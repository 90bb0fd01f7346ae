// What is said about the line to the server: honest, short, and nothing while all is well. (The style sheet shows it after
// a second: a connection that takes no longer is not worth a word.) Pure.
import type { LinkState } from '../shared/connection.ts';
import { Say } from './locale/strings.ts';
import type { Strings } from './locale/strings.ts';

export interface Line {
  /** For a screen reader: it does not count down. */
  _text: string;
  /** Shown beside the text: when it goes on, which changes every second. */
  _rest?: string | undefined;
  /** The button: try now, or take the conversation over here. */
  _action?: string;
  /** Writing makes no sense. */
  _closed?: boolean;
}

const REPLACED = 4503;
const BLOCKED = 4504;

/**
 * The line, or nothing when there is nothing to say. `quiet`: the site is known and nothing was written, so that there is no need
 * for a line yet; `heldUntil`: the server asked for a pause in sending until then, 0 when it did not.
 */
export function lineOf(link: LinkState, now: number, quiet: boolean | undefined, heldUntil: number, strings: Strings): Line | undefined {
  const until = (text: string, at: number): Line => {
    const seconds = Math.max(1, Math.ceil((at - now) / 1000));
    return { _text: text, _rest: ` · ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}` };
  };
  if (link.kind === 'stopped') {
    if (link.code === BLOCKED) return { _text: strings[Say.blocked], _closed: true };
    if (link.code === REPLACED) return { _text: strings[Say.elsewhere], _action: strings[Say.continueHere] };
    return { _text: strings[Say.unavailable], _action: strings[Say.tryAgain] };
  }
  if (link.kind === 'offline') return { _text: strings[Say.offline] };
  if (link.kind === 'waiting') return link.asked ? until(strings[Say.busy], link.until) : { ...until(strings[Say.reconnecting], link.until), _action: strings[Say.tryAgain] };
  if (link.kind === 'connecting' && !quiet) return { _text: strings[Say.connecting] };
  return heldUntil > now ? until(strings[Say.slowDown], heldUntil) : undefined;
}
