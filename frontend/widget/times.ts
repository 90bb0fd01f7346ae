// Times and days in the reader's language and zone.
import type { Strings } from './locale/strings.ts';

export class Times {
  #time: Intl.DateTimeFormat;
  #day: Intl.DateTimeFormat;
  #year: Intl.DateTimeFormat;
  #full: Intl.DateTimeFormat;
  #list: Intl.ListFormat;

  constructor(locale: string, private readonly strings: Strings) {
    const make = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
    this.#time = make({ hour: 'numeric', minute: '2-digit' });
    this.#day = make({ weekday: 'long', month: 'long', day: 'numeric' });
    this.#year = make({ year: 'numeric', month: 'long', day: 'numeric' });
    this.#full = make({ dateStyle: 'full', timeStyle: 'short' });
    this.#list = new Intl.ListFormat(locale);
  }

  time(at: number): string {
    return this.#time.format(at);
  }

  /** Day and time. */
  full(at: number): string {
    return this.#full.format(at);
  }

  day(at: number, now: number): string {
    const then = new Date(at);
    const today = new Date(now);
    const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
    if (then.toDateString() === today.toDateString()) return this.strings.today;
    if (then.toDateString() === yesterday.toDateString()) return this.strings.yesterday;
    return (then.getFullYear() === today.getFullYear() ? this.#day : this.#year).format(at);
  }

  /** Names, joined as the language joins them. */
  names(names: string[]): string {
    return this.#list.format(names);
  }
}

/** The browser's own form of the language (en-GB, zh-TW …) where it has one, for how it writes times. */
export function regionOf(locale: string, languages: readonly string[] = navigator.languages): string {
  return languages.find((one) => one.slice(0, 2) === locale.slice(0, 2)) ?? locale;
}
