// Whether hours are open at a moment, and until when: the rules of src/core/hours.rs, with offsets that the browser
// knows instead of a table.

import type { Hours, Span } from '../api/types';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** So far is looked ahead, as the server does. */
export const AHEAD_DAYS = 60;

/** How many minutes east of UTC, at a moment. */
export type OffsetAt = (at: number) => number;

export interface OpenState {
  isOpen: boolean;
  /** When that changes; none if it does not within two months. */
  until: number | null;
}

/** The offsets of a zone; none if the browser does not know it. */
export function offsetsOf(timezone: string): OffsetAt | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
    });
  } catch {
    return null;
  }
  return (at) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const local = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute);
    return Math.round((local - Math.floor(at / MINUTE) * MINUTE) / MINUTE);
  };
}

/** How it stands `now`. */
export function openState(hours: Hours, now: number, offsetAt: OffsetAt): OpenState {
  const local = (at: number) => at + offsetAt(at) * MINUTE;
  const dayOf = (at: number) => Math.floor(local(at) / DAY);
  const dated = new Map(hours.exceptions.map(({ date, spans }) => [Date.parse(`${date}T00:00Z`) / DAY, spans]));
  // 1970-01-01 was a Thursday.
  const spansOf = (day: number): Span[] => dated.get(day) ?? hours.weekly[(((day + 3) % 7) + 7) % 7] ?? [];

  const isOpenAt = (at: number) => {
    const day = dayOf(at);
    const minute = Math.floor((local(at) - day * DAY) / MINUTE);
    return spansOf(day).some(({ from, to }) => from <= minute && minute < to);
  };

  /** When it is that time there: once, or twice where clocks go back, or never. */
  const moments = (time: number) => {
    const offsets = new Set([offsetAt(time - DAY), offsetAt(time + DAY)]);
    return [...offsets].map((offset) => time - offset * MINUTE).filter((at) => local(at) === time);
  };

  /** Moments at which a day's spans begin or end, and the clocks' change: a span may begin at a time that is left out. */
  const edges = (day: number) => {
    const times = spansOf(day).flatMap(({ from, to }) => [from, to]);
    const change = changeWithin(day * DAY - DAY, day * DAY + 2 * DAY, offsetAt);
    return [...times.flatMap((minute) => moments(day * DAY + minute * MINUTE)), ...(change !== null && dayOf(change) === day ? [change] : [])];
  };

  const isOpen = isOpenAt(now);
  const today = dayOf(now);
  // From yesterday: the day of a place may be another one than that of its offset a moment ago.
  for (let day = today - 1; day <= today + AHEAD_DAYS; day++) {
    const found = [...edges(day), ...edges(day + 1)].filter((at) => at > now && isOpenAt(at) !== isOpen);
    if (found.length > 0) return { isOpen, until: Math.min(...found) };
  }
  return { isOpen, until: null };
}

/** The minute at which the offset changes, if it does. */
function changeWithin(from: number, to: number, offsetAt: OffsetAt): number | null {
  const first = offsetAt(from);
  if (offsetAt(to) === first) return null;
  let [before, after] = [from, to];
  while (after - before > MINUTE) {
    const middle = before + Math.floor((after - before) / (2 * MINUTE)) * MINUTE;
    if (offsetAt(middle) === first) before = middle;
    else after = middle;
  }
  return after;
}
