// To whom a conversation may go: agents and teams, those first who are there. Pure.

import type { Agent, Team } from '../api/types';

export type PresenceName = 'online' | 'away' | 'offline';

export interface AgentChoice {
  id: string;
  name: string;
  presence: PresenceName;
}

export interface TeamChoice {
  id: string;
  name: string;
  /** How many of its members are online. */
  online: number;
}

/** Who has the conversation and whose it is now; '' for nobody. A pending one is the bot's, and waits in no queue. */
export interface Now {
  assigneeId: string;
  team: string;
  isPending: boolean;
}

const RANK = { online: 0, away: 1, offline: 2 };

/** Active agents other than who has it. */
export function agentChoices(agents: readonly Agent[], { assigneeId }: Now, presenceOf: (id: string) => PresenceName): AgentChoice[] {
  return agents
    .filter(({ id, state }) => state === 'active' && id !== assigneeId)
    .map(({ id, name }) => ({ id, name, presence: presenceOf(id) }))
    .sort((a, b) => RANK[a.presence] - RANK[b.presence] || a.name.localeCompare(b.name));
}

/** All teams but the one in whose queue it waits already. */
export function teamChoices(teams: readonly Team[], { assigneeId, team, isPending }: Now, presenceOf: (id: string) => PresenceName): TeamChoice[] {
  return teams
    .filter(({ id }) => assigneeId !== '' || isPending || id !== team)
    .map(({ id, name, members }) => ({ id, name, online: members.filter((member) => presenceOf(member) === 'online').length }))
    .sort((a, b) => Number(b.online > 0) - Number(a.online > 0) || a.name.localeCompare(b.name));
}

/** Those whose name holds the words, and the one that is chosen: what will happen stays in sight. */
export function matching<T extends { id: string; name: string; }>(choices: readonly T[], words: string, chosen: string): T[] {
  const wanted = words.trim().toLowerCase();
  return choices.filter(({ id, name }) => id === chosen || name.toLowerCase().includes(wanted));
}
