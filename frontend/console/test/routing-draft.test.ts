import { describe, expect, it } from 'vitest';
import { changeOf, draftOf, wrongFields } from '../src/settings/routing-draft';
import type { RoutingDraft } from '../src/settings/routing-draft';

const draft = (given: Partial<RoutingDraft> = {}): RoutingDraft => ({
  ...draftOf({ method: 'best_match', capacity: 5, ring_seconds: 30, gone_minutes: 10, weights: { load: 60, idle: 40 } }),
  ...given,
});

describe('the routing settings', () => {
  it.each([
    ['nothing', {}, []],
    ['the ends of the ranges', { capacity: '100', ring_seconds: '5', load: '0', idle: '100' }, []],
    ['beyond them', { capacity: '0', ring_seconds: '301', gone_minutes: '1441', load: '101', idle: ' 7 ' }, ['load', 'capacity', 'ring_seconds', 'gone_minutes']],
    ['no number', { capacity: '', ring_seconds: '1.5', idle: '-1', load: '1e1' }, ['load', 'idle', 'capacity', 'ring_seconds']],
    ['weights of nothing', { load: '0', idle: '0' }, ['load', 'idle']],
    ['weights that are not used', { method: 'least_busy', load: '', idle: '0' }, []],
  ] as [string, Partial<RoutingDraft>, string[]][])('find fault with %s: %j', (_, given, wanted) => {
    expect(wrongFields(draft(given))).toEqual(wanted);
  });

  it('are sent as numbers, weights whole and only where they are used', () => {
    expect(changeOf(draft({ capacity: ' 7 ', load: '10' }))).toEqual({ method: 'best_match', capacity: 7, ring_seconds: 30, gone_minutes: 10, weights: { load: 10, idle: 40 } });
    expect(changeOf(draft({ method: 'manual' }))).toEqual({ method: 'manual', capacity: 5, ring_seconds: 30, gone_minutes: 10 });
  });
});
