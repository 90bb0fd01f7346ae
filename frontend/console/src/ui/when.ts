// Times in the reader's language: the few characters of a list, the hour of a message, the name of a day.

import { useI18n } from 'vue-i18n';
import { ageOf, daysAgo } from '../live/relative-time';

const DAY = 86_400_000;

export function useWhen() {
  const { t, locale } = useI18n();

  const formats = new Map<string, Intl.DateTimeFormat>();
  function format(at: number, options: Intl.DateTimeFormatOptions): string {
    const key = locale.value + JSON.stringify(options);
    let found = formats.get(key);
    if (!found) formats.set(key, (found = new Intl.DateTimeFormat(locale.value, options)));
    return found.format(at);
  }

  /** The year, where it is another one. */
  const yearOf = (at: number, now: number): Intl.DateTimeFormatOptions => (new Date(at).getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' });

  /** `now`, `5 min`, `3 h`, `2 d`, or the date. */
  function age(at: number, now: number): string {
    const found = ageOf(at, now);
    if (found.unit === 'date') return format(at, { ...yearOf(at, now), month: 'short', day: 'numeric' });
    return found.unit === 'now' ? t('time.now') : t(`time.${found.unit}`, { n: found.n });
  }

  const hour = (at: number) => format(at, { hour: 'numeric', minute: '2-digit' });

  /** The day's name: today and yesterday by name, this week by weekday, the rest by date. */
  function day(at: number, now: number): string {
    const ago = daysAgo(at, now);
    if (ago === 0) return t('time.today');
    if (ago === 1) return t('time.yesterday');
    if (ago > 1 && ago < 7) return format(at, { weekday: 'long' });
    return format(at, { ...yearOf(at, now), weekday: 'short', month: 'long', day: 'numeric' });
  }

  /** Day and hour, as short as the distance allows. */
  function moment(at: number, now: number): string {
    const near = Math.abs(at - now) < 300 * DAY;
    const date: Intl.DateTimeFormatOptions = near ? {} : { year: 'numeric' };
    return format(at, { ...date, weekday: 'short', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' });
  }

  /** Everything, for a tooltip. */
  const full = (at: number) => format(at, { dateStyle: 'full', timeStyle: 'medium' });

  return { age, hour, day, moment, full };
}
