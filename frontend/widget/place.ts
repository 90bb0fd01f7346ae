// What is said about the visitor's place in the line for an agent: what the server told last. Pure.
import type { ConversationLog } from '../shared/conversation-log.ts';
import { Status } from '../shared/wire/types.ts';
import { Say } from './locale/strings.ts';
import type { Strings } from './locale/strings.ts';
import type { Times } from './times.ts';

const MINUTE = 60_000;

/** Empty when nobody waits: there is no place, somebody has joined, or it is over. */
export function placeOf({ queue, state }: Pick<ConversationLog, 'queue' | 'state'>, now: number, strings: Strings, times: Times): string {
  if (!queue?.position || state?.assignee || state?.status === Status.RESOLVED) return '';
  if (queue.opensAt) return strings[Say.closed](`${times._day(queue.opensAt, now)} ${times._time(queue.opensAt)}`);
  return strings[Say.place](queue.position) + strings[Say.minutes](Math.ceil(queue.waitMs / MINUTE));
}
