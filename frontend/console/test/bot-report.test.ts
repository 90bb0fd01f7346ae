import { expect, it } from 'vitest';
import { daysOf, spanOf, totalOf } from '../src/bot/report';

const line = (key: string, answered: number) => ({ key, answered, asked: 1, handed_over: 2, stood_in: 1, conversations: 3, resolved: 1, helped: 2, not_helped: 1 });

it('a span begins at a midnight of the reader and has today in it', () => {
  const now = new Date(2026, 10, 27, 15, 30);
  for (const days of [1, 7, 30, 90]) {
    const { from, to } = spanOf(days, now);
    const begin = new Date(from);
    expect(to).toBe(now.getTime());
    expect([begin.getHours(), begin.getMinutes()]).toEqual([0, 0]);
    expect(Math.round((new Date(2026, 10, 27).getTime() - from) / 86_400_000)).toBe(days - 1);
  }
});

it('every line is of a moment of its own day', () => {
  const { from } = spanOf(7, new Date(2026, 10, 27, 1));
  const days = daysOf({ from, to: 0, days: [line('0', 1), line('6', 2)], intents: [] });
  expect(days.map(({ at, answered }) => [new Date(at).getDate(), answered])).toEqual([[27, 2], [21, 1]]);
});

it('a total is the sum of its days', () => {
  expect(totalOf([line('0', 1), line('6', 2)])).toEqual({ answered: 3, asked: 2, handed_over: 4, stood_in: 2, conversations: 6, resolved: 2, helped: 4, not_helped: 2 });
  expect(totalOf([])).toEqual({ answered: 0, asked: 0, handed_over: 0, stood_in: 0, conversations: 0, resolved: 0, helped: 0, not_helped: 0 });
});
