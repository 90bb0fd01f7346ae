// Business hours while they are being changed: fields hold what time inputs hold, and each says what is wrong with it.
// At the end of a span `00:00` is the midnight after, as there is no 24:00 in a time input.

import type { Hours, Span } from '../api/types';

/** What the server takes. */
export const SPANS_MAX = 6;
export const EXCEPTIONS_MAX = 200;

export const DAY_MINUTES = 24 * 60;

/** `id` is the list's, and the faults'. */
export interface SpanDraft { id: number; from: string; to: string; }

/** Spans that a closed day keeps are for whoever opens it again. */
export interface DayDraft { isOpen: boolean; spans: SpanDraft[]; }

export interface ExceptionDraft extends DayDraft { id: number; date: string; }

export interface HoursDraft {
  /** false: no hours are set, and the rest is what one would begin with. */
  isSet: boolean;
  timezone: string;
  /** Monday first. */
  weekly: DayDraft[];
  exceptions: ExceptionDraft[];
}

/** `empty`: a time is missing; `backwards`: it ends before it begins; `overlaps`: with another one of its day. */
export type Fault = 'empty' | 'backwards' | 'overlaps' | 'no_date' | 'twice';

let lastId = 0;
const newId = () => ++lastId;

/** 540 is `09:00`, and 1440 `00:00`. */
export function timeOf(minute: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
}

/** `09:00` is 540; none if a part of it is missing. */
export function minuteOf(time: string): number | null {
  const [, hour, minute] = /^(\d\d):(\d\d)/u.exec(time) ?? [];
  return hour && minute ? Number(hour) * 60 + Number(minute) : null;
}

/** The same as an end. */
export const endOf = (time: string): number | null => minuteOf(time) || (minuteOf(time) === null ? null : DAY_MINUTES);

const spanDraft = ({ from, to }: Span): SpanDraft => ({ id: newId(), from: timeOf(from), to: timeOf(to) });
const dayDraft = (spans: Span[]): DayDraft => ({ isOpen: spans.length > 0, spans: spans.map(spanDraft) });

/** What a day is open that has not been before. */
const USUAL: Span = { from: 9 * 60, to: 18 * 60 };

/** A zone's name as the server takes it; what a browser that does not know its own says is none. */
export function zoneOr(name: string | undefined): string {
  return name && /^[A-Z]/u.test(name) && name !== 'Etc/Unknown' ? name : 'UTC';
}

/** The fields for hours as they stand. Where there are none: for those that one may `begin` with, or Monday to Friday. */
export function draftOf(hours: Hours | null, zone: string, begin: Hours | null = null): HoursDraft {
  const week = Array.from({ length: 7 }, (_, day) => (day < 5 ? [USUAL] : []));
  const { timezone, weekly, exceptions } = hours ?? begin ?? { timezone: zone, weekly: week, exceptions: [] };
  const sorted = [...exceptions].sort((a, b) => a.date.localeCompare(b.date));
  return {
    isSet: hours !== null,
    timezone,
    weekly: weekly.map(dayDraft),
    exceptions: sorted.map(({ date, spans }) => ({ id: newId(), date, ...dayDraft(spans) })),
  };
}

const spanOf = ({ from, to }: SpanDraft): Span => ({ from: minuteOf(from) ?? 0, to: endOf(to) ?? 0 });
const byBegin = (one: Span, other: Span) => one.from - other.from;
const spansOf = ({ isOpen, spans }: DayDraft): Span[] => (isOpen ? spans.map(spanOf).sort(byBegin) : []);

/** What is sent; of a draft without faults. Hours that stand stay as they are where only the order of their other days is another one. */
export function hoursOf({ isSet, timezone, weekly, exceptions }: HoursDraft, stands: Hours | null = null): Hours | null {
  if (!isSet) return null;
  const hours = { timezone, weekly: weekly.map(spansOf), exceptions: exceptions.map((it) => ({ date: it.date, spans: spansOf(it) })) };
  return stands && JSON.stringify(hours) === JSON.stringify(hoursOf(draftOf(stands, timezone))) ? stands : hours;
}

function faultsOfDay({ isOpen, spans }: DayDraft): [number, Fault][] {
  if (!isOpen) return [];
  const overlaps = (one: SpanDraft, at: number) => {
    const { from, to } = spanOf(one);
    return spans.slice(0, at).map(spanOf).some((other) => from < other.to && other.from < to);
  };
  return spans.flatMap((one, at): [number, Fault][] => {
    const [from, to] = [minuteOf(one.from), endOf(one.to)];
    if (from === null || to === null) return [[one.id, 'empty']];
    if (from >= to) return [[one.id, 'backwards']];
    return overlaps(one, at) ? [[one.id, 'overlaps']] : [];
  });
}

/** What is wrong with which span or other day, by its `id`. */
export function faultsOf({ isSet, weekly, exceptions }: HoursDraft): Map<number, Fault> {
  if (!isSet) return new Map();
  const dates = exceptions.flatMap(({ id, date }, at): [number, Fault][] => {
    if (!/^\d{4}-\d\d-\d\d$/u.test(date)) return [[id, 'no_date']];
    return exceptions.slice(0, at).some((other) => other.date === date) ? [[id, 'twice']] : [];
  });
  return new Map([...[...weekly, ...exceptions].flatMap(faultsOfDay), ...dates]);
}

/** Opens or closes a day; one that has never been open has usual hours then. */
export function setOpen(day: DayDraft, isOpen: boolean): void {
  day.isOpen = isOpen;
  if (isOpen && day.spans.length === 0) day.spans.push(spanDraft(USUAL));
}

/** One more span: an hour after the last one, if the day is long enough. Gives its id. */
export function addSpan(day: DayDraft): number {
  const end = endOf(day.spans.at(-1)?.to ?? '');
  const from = end === null ? DAY_MINUTES : end + 60;
  const fits = from + 60 <= DAY_MINUTES;
  const span = fits ? spanDraft({ from, to: Math.max(from + 60, Math.min(USUAL.to, DAY_MINUTES)) }) : { id: newId(), from: '', to: '' };
  day.spans.push(span);
  return span.id;
}

/** Takes a span away; a day without any is closed. */
export function removeSpan(day: DayDraft, id: number): void {
  day.spans = day.spans.filter((span) => span.id !== id);
  if (day.spans.length === 0) day.isOpen = false;
}

/** Makes days of the week like one of them. */
export function copyDay(weekly: DayDraft[], from: number, to: readonly number[]): void {
  const source = weekly[from];
  if (!source) return;
  for (const at of to) {
    if (at !== from) weekly[at] = { isOpen: source.isOpen, spans: source.spans.map((span) => ({ ...span, id: newId() })) };
  }
}

/** A day that is to be unlike others: closed, until somebody opens it. Gives its id. */
export function addException(draft: HoursDraft): number {
  const id = newId();
  draft.exceptions.push({ id, date: '', isOpen: false, spans: [] });
  return id;
}

/** Which part of the hours the server's words are about. */
export function partOf(detail: string): 'timezone' | 'weekly' | 'exceptions' | '' {
  const part = detail.split(':', 1)[0];
  return part === 'timezone' || part === 'weekly' || part === 'exceptions' ? part : '';
}
