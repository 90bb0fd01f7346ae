// Which conversations call an agent: their own, and of those that nobody has the ones that are theirs to take. What a bot
// has calls nobody. Pure.

import { Status } from '../../../shared/wire/types';
import type { InboxRow } from '../live/rows';
import type { Team } from '../api/types';

/** Whether a row calls an agent. Who is in no team hears all that nobody has; a team that is not known yet is everybody's. */
export function concernsOf(me: string, teams: readonly Team[]): (row: Pick<InboxRow, 'assigneeId' | 'team' | 'status'>) => boolean {
  const own = teams.filter(({ members }) => members.includes(me));
  const others = new Set(own.length > 0 ? teams.filter((team) => !own.includes(team)).map(({ id }) => id) : []);
  return ({ assigneeId, team, status }) => status !== Status.PENDING && (assigneeId === me || (assigneeId === '' && !others.has(team)));
}
