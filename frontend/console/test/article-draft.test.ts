import { expect, it } from 'vitest';
import type { Article } from '../src/api/types';
import { draftOf, missingIn, trimmed } from '../src/bot/article-draft';

const words = (en: string, zh: string) => ({ en, zh });

it('is a copy of what is there', () => {
  const article: Article = { id: 'art_1', title: words('Returns', ''), body: words('Soon', ''), published: true, updated_at: '' };
  const draft = draftOf(article);
  expect(draft).toEqual({ title: words('Returns', ''), body: words('Soon', ''), published: true });
  draft.title.en = 'Anew';
  expect(article.title.en).toBe('Returns');
  expect(draftOf(null).published).toBe(false);
});

it.each([
  [words('', ''), words('a', 'b'), false, 'zh', 'title zh'],
  [words(' ', '\n'), words('', ''), true, 'en', 'title en'],
  [words('a', ''), words(' ', ''), true, 'en', 'body en'],
  [words('a', ''), words('b', 'c'), true, 'en', 'title zh'],
  [words('a', 'b'), words('c', ' '), true, 'en', 'body zh'],
  [words('a', 'b'), words('c', ''), false, 'en', ''],
  [words('', 'b'), words('', 'c'), true, 'en', ''],
] as const)('of %j with %j, published %s, it misses (looking at %s) %j', (title, body, published, shown, missing) => {
  const found = missingIn(trimmed({ title, body, published }), shown);
  expect(found ? `${found.field} ${found.language}` : '').toBe(missing);
});
