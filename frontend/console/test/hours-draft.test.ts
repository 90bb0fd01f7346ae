import { describe, expect, it } from 'vitest';
import type { Hours } from '../src/api/types';
import { addException, addSpan, copyDay, draftOf, endOf, faultsOf, hoursOf, minuteOf, partOf, removeSpan, setOpen, timeOf, zoneOr } from '../src/hours/draft';
import type { DayDraft } from '../src/hours/draft';

const WEEK: Hours = {
  timezone: 'Europe/Berlin',
  weekly: [[{ from: 540, to: 720 }, { from: 780, to: 1080 }], [{ from: 0, to: 1440 }], [], [], [], [], []],
  exceptions: [{ date: '2026-12-26', spans: [{ from: 600, to: 720 }] }, { date: '2026-12-25', spans: [] }],
};

const day = (...spans: [string, string][]): DayDraft => ({ isOpen: true, spans: spans.map(([from, to], id) => ({ id, from, to })) });

/** The faults of a Monday's spans, one by one. */
function faults(...spans: [string, string][]) {
  const draft = draftOf(WEEK, 'UTC');
  draft.weekly[0] = { isOpen: true, spans: spans.map(([from, to], at) => ({ id: -1 - at, from, to })) };
  const found = faultsOf(draft);
  return spans.map((_, at) => found.get(-1 - at) ?? '');
}

describe('the fields of hours', () => {
  it('come back as they were, other days in order', () => {
    expect(hoursOf(draftOf(WEEK, 'UTC'))).toEqual({ ...WEEK, exceptions: [...WEEK.exceptions].reverse() });
    expect(faultsOf(draftOf(WEEK, 'UTC')).size).toBe(0);
  });

  it('begin with Monday to Friday in the browser’s zone, or with hours of others, and are none until they are set', () => {
    const draft = draftOf(null, 'Asia/Shanghai');
    expect([draft.isSet, draft.timezone, hoursOf(draft)]).toEqual([false, 'Asia/Shanghai', null]);
    draft.isSet = true;
    expect(hoursOf(draft)?.weekly.map((spans) => spans.length)).toEqual([1, 1, 1, 1, 1, 0, 0]);
    expect(hoursOf({ ...draftOf(null, 'UTC', WEEK), isSet: true })?.weekly).toEqual(WEEK.weekly);
  });

  it.each([[0, '00:00'], [540, '09:00'], [1439, '23:59'], [1440, '00:00']])('%i is %s', (minute, time) => expect(timeOf(minute)).toBe(time));

  it('end at the midnight after, not at the one before', () => {
    expect([minuteOf('00:00'), endOf('00:00'), endOf('00:01'), minuteOf(''), endOf('')]).toEqual([0, 1440, 1, null, null]);
  });

  it('are sent in order, closed days empty', () => {
    const draft = draftOf(WEEK, 'UTC');
    draft.weekly[0] = day(['13:00', '00:00'], ['09:00', '12:00']);
    draft.weekly[1]!.isOpen = false;
    expect(hoursOf(draft)?.weekly.slice(0, 2)).toEqual([[{ from: 540, to: 720 }, { from: 780, to: 1440 }], []]);
  });

  it.each([
    [[['09:00', '12:00'], ['12:00', '18:00']], ['', '']],
    [[['00:00', '00:00']], ['']],
    [[['', '12:00']], ['empty']],
    [[['09:00', '']], ['empty']],
    [[['09:00', '09:00']], ['backwards']],
    [[['22:00', '02:00']], ['backwards']],
    [[['09:00', '12:00'], ['11:00', '18:00']], ['', 'overlaps']],
    [[['13:00', '18:00'], ['09:00', '13:01']], ['', 'overlaps']],
    [[['09:00', '18:00'], ['10:00', '11:00'], ['20:00', '00:00']], ['', 'overlaps', '']],
  ] as [[string, string][], string[]][])('%j: %j', (spans, wanted) => expect(faults(...spans)).toEqual(wanted));

  it('of a closed day, and of hours that are not set, are nobody’s fault', () => {
    const draft = draftOf(WEEK, 'UTC');
    draft.weekly[0] = { ...day(['', '']), isOpen: false };
    expect(faultsOf(draft).size).toBe(0);
    draft.weekly[0].isOpen = true;
    expect(faultsOf(draft).size).toBe(1);
    expect(faultsOf({ ...draft, isSet: false }).size).toBe(0);
  });

  it('want a date for every other day, and each once', () => {
    const draft = draftOf(WEEK, 'UTC');
    const [one, other] = [addException(draft), addException(draft)];
    draft.exceptions.find(({ id }) => id === other)!.date = '2026-12-25';
    expect([...faultsOf(draft)]).toEqual([[one, 'no_date'], [other, 'twice']]);
  });
});

describe('a day', () => {
  it('that opens for the first time has usual hours, and its own again later', () => {
    const one: DayDraft = { isOpen: false, spans: [] };
    setOpen(one, true);
    expect(one.spans).toMatchObject([{ from: '09:00', to: '18:00' }]);
    one.spans[0]!.to = '12:00';
    setOpen(one, false);
    setOpen(one, true);
    expect(one.spans).toMatchObject([{ from: '09:00', to: '12:00' }]);
  });

  it.each([['12:00', '13:00', '18:00'], ['18:00', '19:00', '20:00'], ['22:00', '23:00', '00:00'], ['22:01', '', ''], ['00:00', '', ''], ['', '', '']])(
    'that ends at %s goes on from %s to %s',
    (end, from, to) => {
      const one = day(['09:00', end]);
      addSpan(one);
      expect(one.spans[1]).toMatchObject({ from, to });
    },
  );

  it('is closed without its last span', () => {
    const one = day(['09:00', '12:00'], ['13:00', '18:00']);
    removeSpan(one, 0);
    expect([one.isOpen, one.spans.length]).toEqual([true, 1]);
    removeSpan(one, 1);
    expect(one.isOpen).toBe(false);
  });

  it('is copied to others as it is, and is itself no copy', () => {
    const { weekly } = draftOf(WEEK, 'UTC');
    const before = weekly[0];
    copyDay(weekly, 0, [0, 1, 2]);
    expect(weekly[0]).toBe(before);
    expect(weekly[2]).toMatchObject({ isOpen: true, spans: [{ from: '09:00', to: '12:00' }, { from: '13:00', to: '18:00' }] });
    weekly[2]!.spans[0]!.from = '10:00';
    expect([weekly[0]!.spans[0]!.from, weekly[1]!.spans[0]!.from, weekly[3]!.isOpen]).toEqual(['09:00', '09:00', false]);
    copyDay(weekly, 3, [2]);
    expect(weekly[2]!.isOpen).toBe(false);
  });
});

it.each([['timezone: not a time zone', 'timezone'], ['weekly: each day', 'weekly'], ['exceptions: at most', 'exceptions'], ['something else: weekly', ''], ['', '']])(
  'what the server says (%j) is about %j',
  (detail, part) => expect(partOf(detail)).toBe(part),
);

it.each([['Asia/Shanghai', 'Asia/Shanghai'], ['Etc/Unknown', 'UTC'], ['+08:00', 'UTC'], [undefined, 'UTC']])('a browser in %j means %s', (name, zone) => expect(zoneOr(name)).toBe(zone));
