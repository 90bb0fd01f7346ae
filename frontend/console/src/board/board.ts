// What the board says, from the Desk's rows and presence: how long the lines are, and who carries how much. Pure.

import { Availability, Status } from '../../../shared/wire/types';
import type { AgentPresence, AnswersToday, AnswerTimes, DeskRow } from '../../../shared/wire/types';
import type { Team } from '../api/types';

/** The line of a team, or of what is everybody's. */
export interface Line {
  /** '': everybody's. */
  team: string;
  name: string;
  /** How many wait for an agent who takes them; what rings is among them. */
  waiting: number;
  /** Since when the first of them waits, by the server's clock; 0: nobody does. */
  since: number;
  open: number;
  /** How many agents are online who may be given one. */
  online: number;
  /** How long today's visitors waited for somebody; absent where the server does not say. */
  answers?: AnswerTimes;
}

export interface AgentLine {
  id: string;
  name: string;
  presence: 'online' | 'away' | 'offline';
  open: number;
  ringing: number;
  /** Names of their teams. */
  teams: string[];
}

export interface Board {
  /** Of the whole workspace. */
  all: Line;
  /** Everybody's, then the teams by name. */
  lines: Line[];
  /** Those who are here first, and of those the busiest. */
  agents: AgentLine[];
}

const PRESENCE: Partial<Record<Availability, AgentLine['presence']>> = { [Availability.ONLINE]: 'online', [Availability.AWAY]: 'away' };
const RANK = { online: 0, away: 1, offline: 2 };

/** The board. A row of a team that is not known yet counts as everybody's until it is. */
export function boardOf(rows: readonly DeskRow[], presences: readonly AgentPresence[], teams: readonly Team[], answers: AnswersToday | null = null): Board {
  const open = rows.filter(({ status }) => status === Status.OPEN);
  const known = new Set(teams.map(({ id }) => id));
  const byTeam = grouped(open, ({ team }) => (known.has(team) ? team : ''));
  const byAgent = grouped(open, ({ assignee }) => assignee?.id ?? '');
  const agents = presences.map((agent) => agentLine(agent, byAgent.get(agent.id) ?? [], teams)).sort(byLoad);
  const online = new Set(agents.filter(({ presence }) => presence === 'online').map(({ id }) => id));
  const none = { team: '', count: 0, medianMs: 0, p90Ms: 0 };
  const ofLine = (team: string) => (answers ? { answers: answers.lines.find((line) => line.team === team) ?? none } : {});
  const lineOf = (team: string, name: string, members: Iterable<string>, of: readonly DeskRow[] = []): Line => ({
    team,
    name,
    ...queueOf(of),
    open: of.length,
    online: [...members].filter((id) => online.has(id)).length,
  });
  const lines = teams.map(({ id, name, members }) => ({ ...lineOf(id, name, members, byTeam.get(id)), ...ofLine(id) }));
  const all = { ...lineOf('', '', online, open), ...(answers ? { answers: answers.all ?? none } : {}) };
  return { all, lines: [{ ...lineOf('', '', online, byTeam.get('')), ...ofLine('') }, ...lines], agents };
}

function grouped(rows: readonly DeskRow[], keyOf: (row: DeskRow) => string): Map<string, DeskRow[]> {
  const groups = new Map<string, DeskRow[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

function queueOf(rows: readonly DeskRow[]): { waiting: number; since: number; } {
  const times = rows.filter(({ followUp }) => !followUp).map(({ queuedAt }) => queuedAt).filter((at) => at > 0);
  return { waiting: times.length, since: times.length ? Math.min(...times) : 0 };
}

function agentLine({ id, name, availability }: AgentPresence, own: readonly DeskRow[], teams: readonly Team[]): AgentLine {
  const ringing = own.filter(({ ringUntil }) => ringUntil > 0).length;
  return {
    id,
    name,
    presence: PRESENCE[availability] ?? 'offline',
    open: own.length - ringing,
    ringing,
    teams: teams.filter(({ members }) => members.includes(id)).map((team) => team.name),
  };
}

function byLoad(a: AgentLine, b: AgentLine): number {
  return RANK[a.presence] - RANK[b.presence] || b.open - a.open || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
}
