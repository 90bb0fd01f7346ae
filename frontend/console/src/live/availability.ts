// What an agent has chosen to be, as this browser remembers it. The Desk has one switch for all of an agent's sockets and forgets it
// with the last of them, so it is told again after a reload; while there is a line, what the Desk says counts. That nobody is at this
// browser is no choice: it is told of this socket alone.

import { Availability } from '../../../shared/wire/types';
import type { SetAvailability } from '../../../shared/wire/types';
import { recall, remember } from '../session/preferences';

/** Two more ways to be away: `missed` the Desk chose, because conversations rang in vain, `idle` this browser did. */
export type Choice = 'online' | 'away' | 'invisible' | 'missed' | 'idle';

/** What an agent is by that, as far as this browser knows. */
export const TOLD: Readonly<Record<Choice, Availability>> = {
  online: Availability.ONLINE,
  away: Availability.AWAY,
  missed: Availability.AWAY,
  idle: Availability.AWAY,
  invisible: Availability.OFFLINE,
};

/** What the Desk is told: whoever is idle here may be at another device. */
export function wordOf(choice: Choice): SetAvailability {
  const idle = choice === 'idle';
  return { availability: idle ? Availability.ONLINE : TOLD[choice], idle };
}

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

/** The Desk tells within a second what has changed; after so long without a word it has not taken what it was told. */
export const TAKEN_WITHIN_MS = 5_000;

/**
 * What a choice becomes by what the Desk says, which has the last word: another device may have chosen, or the Desk itself, because
 * conversations rang in vain (`lostRing`: one was lost with this word). It says "away" of a line that slept, too, so without a
 * reason that is shown and not kept. Whoever is idle here stays so until they touch something, whatever was chosen elsewhere.
 */
export function settled(choice: Choice, said: Availability, lostRing: boolean): Choice {
  if (choice === 'idle' || said === TOLD[choice]) return choice;
  if (said === Availability.ONLINE) return 'online';
  if (said === Availability.OFFLINE) return 'invisible';
  if (choice === 'invisible') return 'away';
  return lostRing ? 'missed' : choice;
}
