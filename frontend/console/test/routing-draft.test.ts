import { describe, expect, it } from 'vitest';
import { changeOf, draftOf, known, LEVELS, LIMITS, RANGES, SILENCE, WAITING, WEIGHTS, wrongFields } from '../src/settings/routing-draft';
import type { RoutingDraft } from '../src/settings/routing-draft';

const draft = (given: Partial<RoutingDraft> = {}): RoutingDraft => ({
  ...draftOf({ method: 'best_match', capacity: 5, ring_seconds: 30, gone_minutes: 10, overflow_minutes: 5, reopen_hours: 24, last_agent_days: 30, ageing_minutes: 10, reserved_slots: 0, idle_minutes: 0, idle_warning_minutes: 5, weights: { load: 60, idle: 40, language: 50, skill: 50 } }),
  ...given,
});

describe('the routing settings', () => {
  it.each([
    ['nothing', {}, []],
    ['the ends of the ranges', { capacity: '100', ring_seconds: '5', load: '0', idle: '100' }, []],
    ['beyond them', { capacity: '0', ring_seconds: '301', gone_minutes: '1441', load: '101', idle: ' 7 ' }, ['load', 'capacity', 'ring_seconds', 'gone_minutes']],
    ['no number', { capacity: '', ring_seconds: '1.5', idle: '-1', load: '1e1' }, ['load', 'idle', 'capacity', 'ring_seconds']],
    ['the new ones beyond theirs', { language: '101', skill: '101', overflow_minutes: '1441', reopen_hours: '721', last_agent_days: '366' }, ['language', 'skill', 'overflow_minutes', 'last_agent_days', 'reopen_hours']],
    ['those of levels beyond theirs', { ageing_minutes: '1441', reserved_slots: '-1' }, ['ageing_minutes', 'reserved_slots']],
    ['levels that always come first', { ageing_minutes: '0', reserved_slots: '100' }, []],
    ['a silence beyond its ranges', { idle_minutes: '43201', idle_warning_minutes: '61' }, ['idle_minutes', 'idle_warning_minutes']],
    ['a warning after the end', { idle_minutes: '5' }, ['idle_warning_minutes']],
    ['a warning before the end', { idle_minutes: '6' }, []],
    ['weights of nothing', { load: '0', idle: '0', language: '0', skill: '0' }, ['load', 'idle', 'language', 'skill']],
    ['one weight alone', { load: '0', idle: '0', language: '0' }, []],
    ['weights that are not used', { method: 'least_busy', load: '', idle: '0' }, []],
  ] as [string, Partial<RoutingDraft>, string[]][])('find fault with %s: %j', (_, given, wanted) => {
    expect(wrongFields(draft(given))).toEqual(wanted);
  });

  it('stand on the page once each, apart by whether they count where agents take conversations themselves', () => {
    expect([...WEIGHTS, ...LIMITS, ...WAITING, ...LEVELS, ...SILENCE].sort()).toEqual(Object.keys(RANGES).sort());
    expect(LIMITS).toEqual(['capacity', 'ring_seconds', 'overflow_minutes', 'last_agent_days']);
  });

  it('are sent as numbers where they are others than before, weights whole and only where they are used', () => {
    const before = draft();
    expect(changeOf(draft({ capacity: ' 5 ', load: '060' }), before)).toEqual({});
    expect(changeOf(draft({ capacity: ' 7 ', idle_minutes: '30' }), before)).toEqual({ capacity: 7, idle_minutes: 30 });
    expect(changeOf(draft({ load: '10' }), before)).toEqual({ weights: { load: 10, idle: 40, language: 50, skill: 50 } });
    expect(changeOf(draft({ method: 'manual', load: '' }), before)).toEqual({ method: 'manual' });
    expect(changeOf(draft(), draft({ method: 'manual' }))).toEqual({ method: 'best_match' });
  });

  it('are neither shown nor sent where the server is of before and would refuse them', () => {
    const older = draftOf({ method: 'best_match', capacity: 5, ring_seconds: 30, gone_minutes: 10, weights: { load: 0, idle: 40 } });
    expect(known(older, [...WEIGHTS, ...LIMITS, ...WAITING, ...LEVELS])).toEqual(['load', 'idle', 'capacity', 'ring_seconds', 'gone_minutes']);
    expect(wrongFields(older)).toEqual([]);
    expect(changeOf({ ...older, method: 'best_match', gone_minutes: '9', load: '1' }, { ...older, method: 'manual' })).toEqual({ method: 'best_match', gone_minutes: 9, weights: { load: 1, idle: 40 } });
    expect(wrongFields({ ...older, idle: '0' })).toEqual(['load', 'idle']);
  });
});
