// The way from sign-up to the first answered visitor: which steps there are, and which are done. Each says so by what is
// there; nothing is ticked off. Pure.

import type { Agent, Conversation, Hours, Site, Team } from '../api/types';

export type StepName = 'site' | 'snippet' | 'agents' | 'team' | 'hours' | 'answer';

export interface Step {
  name: StepName;
  done: boolean;
}

/** What the server knows. */
export interface Facts {
  sites: readonly Site[];
  agents: readonly Agent[];
  teams: readonly Team[];
  /** Undefined: a server that is older than this console has none. */
  hours: Hours | null | undefined;
  answered: boolean;
}

/** The steps, in order. What the server can't tell is no step. */
export function stepsOf({ sites, agents, teams, hours, answered }: Facts): Step[] {
  const steps: Step[] = [{ name: 'site', done: sites.some(hasLook) }];
  if (sites.every(({ seen }) => seen !== undefined)) steps.push({ name: 'snippet', done: sites.some(({ seen }) => seen) });
  steps.push({ name: 'agents', done: agents.filter(({ state }) => state !== 'disabled').length > 1 });
  steps.push({ name: 'team', done: teams.length > 0 });
  if (hours !== undefined) steps.push({ name: 'hours', done: hours !== null });
  steps.push({ name: 'answer', done: answered });
  return steps;
}

function hasLook({ greeting, color }: Site): boolean {
  return greeting !== '' || color !== '';
}

/** Whether an agent has had the last word in one of these, or has one and has read all of it. */
export function isAnswered(conversations: readonly Conversation[]): boolean {
  return conversations.some(({ last_sender, assignee, unread }) => last_sender === 'agent' || (assignee !== null && unread === 0));
}

/** The page on which the owner tries a site as its visitors would. */
export function tryAddress(site: string, locale: string): string {
  return `/demo/try.html?lang=${encodeURIComponent(locale)}#${site}`;
}
