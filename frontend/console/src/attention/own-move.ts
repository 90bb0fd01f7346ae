// Who has just put a conversation into a queue is not called to it, in whatever window of the browser.

import { recall, remember } from '../session/preferences';

const MOVED = 'moved';
/** The Desk says sooner that it is done. */
const WITHIN_MS = 10_000;

/** The agent moves a conversation, now. */
export function rememberMove(conversation: string): void {
  remember(MOVED, `${conversation} ${Date.now()}`);
}

/** Whether it was the agent who has just moved a conversation. */
export function isOwnMove(conversation: string): boolean {
  const [moved, at] = (recall(MOVED) ?? '').split(' ');
  return moved === conversation && Math.abs(Date.now() - Number(at)) < WITHIN_MS;
}
