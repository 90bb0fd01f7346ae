import { describe, expect, it } from 'vitest';
import type { Hours, Span } from '../src/api/types';
import { offsetsOf, openState } from '../src/hours/open-now';
import { allZones, findZones } from '../src/hours/zones';

const STEP = 600_000;
const at = (text: string) => Date.parse(`${text}Z`);
const text = (moment: number | null) => moment && new Date(moment).toISOString().slice(0, 16);
const week = (day: Span[], days = [0, 1, 2, 3, 4]): Span[][] => Array.from({ length: 7 }, (_, one) => (days.includes(one) ? day : []));
const berlin = (weekly: Span[][], exceptions: Hours['exceptions'] = []): Hours => ({ timezone: 'Europe/Berlin', weekly, exceptions });

function state(hours: Hours, now: string) {
  const { isOpen, until } = openState(hours, at(now), offsetsOf(hours.timezone)!);
  return [isOpen, text(until)];
}

describe('whether it is open', () => {
  const nine = berlin(week([{ from: 540, to: 1080 }]));

  // The server's own table: src/core/hours.rs.
  it.each([
    ['2026-11-26T07:59', false, '2026-11-26T08:00'],
    ['2026-11-26T08:00', true, '2026-11-26T17:00'],
    ['2026-11-26T16:59', true, '2026-11-26T17:00'],
    ['2026-11-26T17:00', false, '2026-11-27T08:00'],
    ['2026-11-27T17:00', false, '2026-11-30T08:00'],
    ['2026-11-29T12:00', false, '2026-11-30T08:00'],
    ['2026-07-01T06:59', false, '2026-07-01T07:00'],
    ['2026-07-01T07:00', true, '2026-07-01T16:00'],
    ['2026-03-27T17:00', false, '2026-03-30T07:00'],
    ['2026-10-23T16:00', false, '2026-10-26T08:00'],
  ])('in Berlin from nine to six at %s: %s until %s', (now, isOpen, until) => expect(state(nine, now)).toEqual([isOpen, until]));

  it('follows the clocks in the nights in which they change', () => {
    const night = berlin(week([{ from: 120, to: 180 }], [6]));
    expect(state(night, '2026-10-24T12:00')).toEqual([false, '2026-10-25T00:00']);
    expect(state(night, '2026-10-25T00:00')).toEqual([true, '2026-10-25T02:00']);
    expect(state(night, '2026-10-25T01:30')).toEqual([true, '2026-10-25T02:00']);
    expect(state(night, '2026-03-28T12:00')).toEqual([false, '2026-04-05T00:00']);
    const over = berlin(week([{ from: 150, to: 300 }], [6]));
    expect(state(over, '2026-03-28T12:00')).toEqual([false, '2026-03-29T01:00']);
  });

  it('takes other days for what they are', () => {
    const feast = berlin(nine.weekly, [{ date: '2026-12-25', spans: [] }, { date: '2026-12-26', spans: [{ from: 600, to: 720 }] }]);
    expect(state(feast, '2026-12-25T10:00')).toEqual([false, '2026-12-26T09:00']);
    expect(state(feast, '2026-12-26T09:00')).toEqual([true, '2026-12-26T11:00']);
  });

  it('goes on over midnight', () => {
    const late = berlin([[{ from: 1320, to: 1440 }], [{ from: 0, to: 120 }], [], [], [], [], []]);
    expect(state(late, '2026-11-30T21:30')).toEqual([true, '2026-12-01T01:00']);
  });

  it('is always, or never', () => {
    expect(state(berlin(week([{ from: 0, to: 1440 }], [0, 1, 2, 3, 4, 5, 6])), '2026-11-26T23:00')).toEqual([true, null]);
    expect(state(berlin(week([], [])), '2026-11-26T12:00')).toEqual([false, null]);
  });

  // Its edges lie at tens of minutes, so the plainest reading need not look more often.
  it('is right step by step around both changes', () => {
    for (const [from, to, date] of [['2026-10-23T00:00', '2026-10-27T00:00', '2026-10-25'], ['2026-03-27T00:00', '2026-03-31T00:00', '2026-03-29']] as const) {
      const hours = berlin(nine.weekly.map((day, one) => (one === 6 ? [{ from: 90, to: 200 }] : day)), [{ date, spans: [{ from: 100, to: 170 }] }]);
      const offsetAt = offsetsOf(hours.timezone)!;
      const isOpen = (now: number) => openState(hours, now, () => offsetAt(now)).isOpen;
      const expected: number[] = [];
      for (let now = at(from); now < at(to); now += STEP) if (isOpen(now) !== isOpen(now + STEP)) expected.push(now + STEP);
      const found: number[] = [];
      for (let now: number | null = at(from); now !== null && now < at(to); now = openState(hours, now, offsetAt).until) found.push(now);
      expect(found.slice(1).map(text)).toEqual(expected.map(text));
      expect(expected.length).toBeGreaterThan(4);
    }
  });
});

describe('time zones', () => {
  const zones = allZones('Mars/Olympus_Mons', 'zh-CN', at('2026-11-26T12:00'));
  const names = (words: string) => findZones(zones, words).map(({ name }) => name);

  it('hold the chosen one and UTC, whatever the browser lists', () => {
    expect(zones.find(({ name }) => name === 'Mars/Olympus_Mons')).toEqual({ name: 'Mars/Olympus_Mons', label: 'Mars / Olympus Mons', about: '' });
    expect(zones.filter(({ name }) => name === 'UTC').length).toBe(1);
  });

  it('are found by city, by words of their names in any order, and by what the reader calls their time', () => {
    expect(names('shangh')).toEqual(['Asia/Shanghai']);
    expect(names('new york')[0]).toBe('America/New_York');
    expect(names('york america')[0]).toBe('America/New_York');
    expect(names('中国')).toContain('Asia/Shanghai');
    expect(names('lond')[0]).toBe('Europe/London');
    expect(names('new y')).toEqual(['America/New_York']);
    expect(names('gmt+8 shanghai')).toEqual(['Asia/Shanghai']);
    expect(names('nowhere')).toEqual([]);
    expect(names(' ').length).toBe(zones.length);
  });

  it('that do not exist have no offsets', () => {
    expect(offsetsOf('Mars/Olympus_Mons')).toBe(null);
    expect(offsetsOf('Asia/Kathmandu')!(0)).toBe(330);
    expect(offsetsOf('America/St_Johns')!(at('2026-11-26T12:00'))).toBe(-210);
  });
});
