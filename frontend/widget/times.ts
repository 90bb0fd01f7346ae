// Times and days in the reader's language and zone.
import { Say } from './locale/strings.ts';
import type { Strings } from './locale/strings.ts';

export interface Times {
  _time(at: number): string;
  _day(at: number, now: number): string;
}

export function timesOf(locale: string, strings: Strings): Times {
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'full' });
  return {
    _time: (at) => time.format(at),
    _day(at, now) {
      // From about noon to about noon: a day may have 23 or 25 hours.
      const noon = (of: number) => new Date(of).setHours(12);
      return [strings[Say.tomorrow], strings[Say.today], strings[Say.yesterday]][Math.round((noon(now) - noon(at)) / 86_400_000) + 1] ?? day.format(at);
    },
  };
}

/** The browser's own form of the language (en-GB, zh-TW …) where it has one, for how it writes times. */
export function regionOf(locale: string): string {
  return navigator.languages.find((one) => one.startsWith(locale.slice(0, 2))) ?? locale;
}
