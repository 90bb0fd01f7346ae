import { describe, expect, it } from 'vitest';
import type { Agent } from '../src/api/types';
import { profileDraftOf, profileOf } from '../src/settings/agent-profile';
import { pointOf } from '../src/settings/geo-point';
import { languagesOf, wordsOf } from '../src/settings/words';

it.each([
  ['', []], [' VIP,returns ，大客户、VIP;', ['vip', 'returns', '大客户']], ['gift  wrapping\nvip', ['gift wrapping', 'vip']],
])('the words of %j', (text, wanted) => expect(wordsOf(text)).toEqual(wanted));

it.each([
  ['', []], ['en, zh-CN, ZH_tw', ['en', 'zh']], ['fr de，en', ['fr', 'de', 'en']], ['-', []],
])('the languages of %j', (text, wanted) => expect(languagesOf(text)).toEqual(wanted));

it.each([
  ['31.23, 121.47', 31.23, 121.47], [' -33.87,151.21 ', -33.87, 151.21], ['31.23°，121.47°', 31.23, 121.47], ['0 0', 0, 0], ['+90 -180', 90, -180],
])('the point of %j', (text, latitude, longitude) => expect(pointOf(text)).toEqual({ latitude, longitude }));

it.each(['', '31.23', '91, 0', '0, 181', '1, 2, 3', 'Berlin', '1e1, 2', '31,23, 121,47', 'NaN, 0'])('%j is no point', (text) => expect(pointOf(text)).toBeNull());

describe('an agent’s profile', () => {
  const agent = (given: Partial<Agent>): Agent => ({ id: 'agt_1', name: '', email: '', role: 'agent', state: 'active', created_at: '', ...given });
  const draft = (given = {}) => ({ capacity: '', languages: '', skills: '', ...given });
  const refused = (given: object) => {
    try {
      return profileOf(draft(given));
    } catch (error) {
      return (error as { field: string; }).field;
    }
  };

  it('is typed and sent', () => {
    const held = profileDraftOf(agent({ capacity: 3, languages: ['zh', 'en'], skills: ['vip'] }));
    expect(held).toEqual({ capacity: '3', languages: 'zh, en', skills: 'vip' });
    expect(profileOf(held!)).toEqual({ capacity: 3, languages: ['zh', 'en'], skills: ['vip'] });
    expect(profileOf(draft())).toEqual({ capacity: null, languages: [], skills: [] });
  });

  it('has a location where the server knows of one', () => {
    const held = profileDraftOf(agent({ capacity: 3, location: { latitude: 31.23, longitude: 121.47 } }));
    expect(held?.location).toBe('31.23, 121.47');
    expect(profileOf(held!).location).toEqual({ latitude: 31.23, longitude: 121.47 });
    const none = profileDraftOf(agent({ capacity: 3, location: null }));
    expect([none?.location, profileOf(none!).location]).toEqual(['', null]);
    expect(profileOf(draft())).not.toHaveProperty('location');
  });

  it('is not there for an invitation, nor where the server is of before', () => {
    expect(profileDraftOf(null)).toBeNull();
    expect(profileDraftOf(agent({}))).toBeNull();
    expect(profileDraftOf(agent({ capacity: null }))).toEqual(draft());
  });

  it.each([
    [{ capacity: '0' }, 'capacity'], [{ capacity: '101' }, 'capacity'], [{ capacity: '1.5' }, 'capacity'], [{ languages: 'english' }, 'languages'], [{ languages: 'e1' }, 'languages'], [{ location: 'Berlin' }, 'location'],
  ])('%j is refused for its %s', (given, wanted) => expect(refused(given)).toBe(wanted));
});
