import { describe, expect, it } from 'vitest';
import type { Agent } from '../src/api/types';
import { profileDraftOf, profileOf } from '../src/settings/agent-profile';
import { languagesOf, wordsOf } from '../src/settings/words';

it.each([
  ['', []], [' VIP,returns ，大客户、VIP;', ['vip', 'returns', '大客户']], ['gift  wrapping\nvip', ['gift wrapping', 'vip']],
])('the words of %j', (text, wanted) => expect(wordsOf(text)).toEqual(wanted));

it.each([
  ['', []], ['en, zh-CN, ZH_tw', ['en', 'zh']], ['fr de，en', ['fr', 'de', 'en']], ['-', []],
])('the languages of %j', (text, wanted) => expect(languagesOf(text)).toEqual(wanted));

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

  it('is not there for an invitation, nor where the server is of before', () => {
    expect(profileDraftOf(null)).toBeNull();
    expect(profileDraftOf(agent({}))).toBeNull();
    expect(profileDraftOf(agent({ capacity: null }))).toEqual(draft());
  });

  it.each([
    [{ capacity: '0' }, 'capacity'], [{ capacity: '101' }, 'capacity'], [{ capacity: '1.5' }, 'capacity'], [{ languages: 'english' }, 'languages'], [{ languages: 'e1' }, 'languages'],
  ])('%j is refused for its %s', (given, wanted) => expect(refused(given)).toBe(wanted));
});
