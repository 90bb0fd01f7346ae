// How long ago something was, in the few characters that a list has room for.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Which words, and how many of the unit; or `date` for what is over a week ago. */
export type Age = { unit: 'now'; } | { unit: 'minutes' | 'hours' | 'days'; n: number; } | { unit: 'date'; };

/** The age of `at` at `now`. A time ahead of a clock that is a little late is "now". */
export function ageOf(at: number, now: number): Age {
  const passed = now - at;
  if (passed < MINUTE) return { unit: 'now' };
  if (passed < HOUR) return { unit: 'minutes', n: Math.floor(passed / MINUTE) };
  if (passed < DAY) return { unit: 'hours', n: Math.floor(passed / HOUR) };
  if (passed < 7 * DAY) return { unit: 'days', n: Math.floor(passed / DAY) };
  return { unit: 'date' };
}

/** The start of the local day of `at`, as its name among days. */
export function dayOf(at: number): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Whole local days from the day of `at` to the day of `now`. Summer time makes days of 23 and 25 hours. */
export function daysAgo(at: number, now: number): number {
  return Math.round((dayOf(now) - dayOf(at)) / DAY);
}

/** The next local `hour` o'clock that is at least `days` days ahead. */
export function atHour(now: number, days: number, hour: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, hour).getTime();
}

/** Days until the next Monday; a Monday's next one is a week away. */
export function daysToMonday(now: number): number {
  return (8 - new Date(now).getDay()) % 7 || 7;
}
