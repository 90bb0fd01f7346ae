// The bot's report as the reader's calendar has it. Pure.

import type { BotReport, Turns } from '../api/types';

export const DAYS = [7, 30, 90] as const;
const DAY = 86_400_000;

/** The last days, today among them: from their first midnight to the moment. */
export function spanOf(days: number, now: Date): { from: number; to: number; } {
  return { from: new Date(now.getFullYear(), now.getMonth(), now.getDate() - days + 1).getTime(), to: now.getTime() };
}

/** Newest first, with a moment of the day: its noon, so that a change of the clocks moves it to no other. */
export function daysOf({ from, days }: BotReport): (Turns & { at: number; })[] {
  return days.map((line) => ({ ...line, at: from + (Number(line.key) + 0.5) * DAY })).reverse();
}

/** Each conversation is counted on one day. */
export function totalOf(days: readonly Turns[]): Omit<Turns, 'key'> {
  const total = { answered: 0, asked: 0, handed_over: 0, stood_in: 0, conversations: 0, resolved: 0, helped: 0, not_helped: 0 };
  for (const line of days) for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += line[name];
  return total;
}
