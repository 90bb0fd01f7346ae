import { describe, expect, it } from 'vitest';
import type { ArticleDraft, FaqDraft, IntentDraft } from '../src/api/types';
import { differing, withoutGone, wordsOf } from '../src/bot/past';
import type { Drafts, PastKind } from '../src/bot/past';
import { en } from '../src/i18n/en';
import { bot } from '../src/i18n/en/bot';

const intent: Required<IntentDraft> = {
  title: { en: 'Refund', zh: '退款' },
  answer: { en: 'Soon.', zh: '' },
  picture: { en: 'a', zh: 'a' },
  does: 'answer',
  buttons: ['hours'],
  form: [{ key: 'order', kind: 'order', ask: { en: '', zh: '' } }],
  action: { url: 'https://shop.example/', verified: false },
  article: 'art_1',
  handoff_team: 'team_1',
  handoff_level: 3,
  tags: ['tag_1', 'tag_2'],
  examples: ['money back'],
  library: true,
};
const faq: FaqDraft = { locale: 'en', question: 'How?', answer: 'So.' };
const article: ArticleDraft = { title: { en: 'How', zh: '' }, body: { en: '', zh: '这样' }, published: true };
const drafts: Drafts = { intent, faq, article };

/** The draft with one member, or one language of it, changed. */
function changed(draft: object, name: string, language?: string): object {
  const old = (draft as { [name: string]: unknown; })[name];
  return { ...draft, [name]: language ? { ...(old as object), [language]: 'other' } : `${JSON.stringify(old)} other` };
}

const labelOf = (key: string) => key.split('.').reduce<unknown>((tree, name) => (tree as { [name: string]: unknown; })[name], { ...en, ...bot });

describe.each(Object.keys(drafts) as PastKind[])('two versions of one %s', (kind) => {
  const draft = drafts[kind];

  it('differ in each member that differs, by a name that there is', () => {
    for (const [name, value] of Object.entries(draft)) {
      const isWords = typeof value === 'object' && 'en' in value && name !== 'picture';
      for (const language of isWords ? ['en', 'zh'] : [undefined]) {
        const labels = differing(kind, draft, changed(draft, name, language) as typeof draft);
        expect([name, language, labels.length]).toEqual([name, language, 1]);
        expect(typeof labelOf(labels[0]!)).toBe('string');
      }
    }
  });

  it('do not differ from themselves', () => expect(differing(kind, draft, structuredClone(draft))).toEqual([]));
});

it('a member that one version lacks is a difference', () => {
  const { tags: _, picture: __, ...rest } = intent;
  expect(differing('intent', intent, rest)).toEqual(['bot.intent_picture', 'bot.intent_tags']);
});

it.each([[intent, 'Soon.'], [{ ...intent, answer: { en: '', zh: '稍等' } }, '稍等'], [faq, 'So.'], [article, '这样']])('what a version says', (was, words) => {
  expect(wordsOf(was)).toBe(words);
});

describe('an intent that is restored', () => {
  const all = { intents: ['hours'], teams: ['team_1'], articles: ['art_1'], tags: ['tag_1', 'tag_2'] };

  it('is as it was where all is there', () => expect(withoutGone(intent, all)).toEqual(intent));

  it('loses what is gone, and nothing else', () => {
    const { article: _, handoff_team: __, ...rest } = intent;
    expect(withoutGone(intent, { intents: [], teams: [], articles: [], tags: ['tag_2'] })).toEqual({ ...rest, buttons: [], tags: ['tag_2'] });
  });

  it('has no empty members', () => {
    expect('tags' in withoutGone(intent, { ...all, tags: [] })).toBe(false);
  });
});
