// The times that a conversation can be put off until.

import { atHour, daysToMonday } from '../live/relative-time';

export interface SnoozeChoice {
  name: 'hour' | 'tomorrow' | 'week';
  until: number;
}

/** The choices at `now`. */
export function snoozeChoices(now: number): SnoozeChoice[] {
  return [
    { name: 'hour', until: now + 3_600_000 },
    { name: 'tomorrow', until: atHour(now, 1, 9) },
    { name: 'week', until: atHour(now, daysToMonday(now), 9) },
  ];
}
