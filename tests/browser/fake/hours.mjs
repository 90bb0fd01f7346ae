// What business hours may hold, after src/core/hours.rs and src/api/teams.rs.
import { Refusal } from './refusal.mjs';

const isSpan = ({ from, to }) => Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= 1440;
const isDay = (spans) => spans.length <= 6 && spans.every(isSpan) && spans.every(({ from }, at) => at === 0 || spans[at - 1].to <= from);
const isDate = (date) => /^\d{4}-\d\d-\d\d$/u.test(date) && new Date(`${date}T00:00Z`).toJSON()?.slice(0, 10) === date;

function isZone(name) {
  try {
    return /^[A-Z]/u.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** Refuses what is wrong, in the server's order. null is none. */
export function checkHours(hours = null) {
  if (hours === null) return;
  const { timezone, weekly, exceptions, ...rest } = hours;
  if (Object.keys(rest).length > 0 || weekly.length !== 7) throw new Refusal(400, 'bad_request');
  if (![...weekly, ...exceptions.map(({ spans }) => spans)].every(isDay)) throw wrong('weekly: each day at most 6 spans of minutes, in order, from 0 up to 1440');
  if (exceptions.length > 200 || !exceptions.every(({ date }) => isDate(date))) throw wrong('exceptions: at most 200 dates such as 2026-12-25');
  if (!isZone(timezone)) throw wrong('timezone: not a time zone such as Europe/Berlin');
}

const wrong = (detail) => new Refusal(400, 'bad_request', { field: 'hours', detail });
