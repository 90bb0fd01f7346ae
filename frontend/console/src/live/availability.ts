// What an agent has chosen to be. The Desk takes the best of an agent's windows and forgets it with the socket, so all
// windows have to say the same, after a reload, too.

import { Availability } from '../../../shared/wire/types';
import { recall, remember } from '../session/preferences';

/** Two more ways to be away: `missed` the Desk chose, because conversations rang in vain, `idle` this browser did. */
export type Choice = 'online' | 'away' | 'invisible' | 'missed' | 'idle';

/** What the Desk is told. */
export const TOLD: Readonly<Record<Choice, Availability>> = {
  online: Availability.ONLINE,
  away: Availability.AWAY,
  missed: Availability.AWAY,
  idle: Availability.AWAY,
  invisible: Availability.OFFLINE,
};

/** Remembers the id of the agent who is not online, and in which way if it is not simply away. */
const AWAY = 'away';
const WAYS: readonly Choice[] = ['invisible', 'missed', 'idle'];

/** What an agent has chosen in this browser. */
export function recallChoice(agent: string): Choice {
  const [who, why] = (recall(AWAY) ?? '').split(' ');
  if (!agent || who !== agent) return 'online';
  return WAYS.find((way) => way === why) ?? 'away';
}

/** Remembers it; the other windows hear of it as a change of the storage. */
export function rememberChoice(agent: string, choice: Choice): void {
  remember(AWAY, choice === 'online' ? null : choice === 'away' ? agent : `${agent} ${choice}`);
}

/** A ring that was lost and an agent who is away belong together when they are told no further apart. */
const TOGETHER_MS = 5_000;

/** Finds out that the Desk has set an agent to away because conversations rang in vain: it is not told in so many words. */
export class MissedWatch {
  private lostAt = -Infinity;
  private awayAt = -Infinity;

  /** Takes what an update has brought; whether this is it. */
  sees(lostRing: boolean, wentAway: boolean, now: number): boolean {
    if (lostRing) this.lostAt = now;
    if (wentAway) this.awayAt = now;
    if (!(Math.abs(this.lostAt - this.awayAt) <= TOGETHER_MS)) return false;
    this.lostAt = this.awayAt = -Infinity;
    return true;
  }
}
