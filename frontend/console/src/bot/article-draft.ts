// An article in the editor, and what is missing before it is sent. Pure.

import type { ArticleDraft } from '../api/types';

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];
export const TITLE_LENGTH = 200;
export const BODY_LENGTH = 20_000;

/** A copy that can be changed; null: a new one. */
export function draftOf(article: ArticleDraft | null): ArticleDraft {
  if (!article) return { title: { en: '', zh: '' }, body: { en: '', zh: '' }, published: false };
  return { title: { ...article.title }, body: { ...article.body }, published: article.published };
}

export function trimmed({ title, body, published }: ArticleDraft): ArticleDraft {
  const both = ({ en, zh }: ArticleDraft['title']) => ({ en: en.trim(), zh: zh.trim() });
  return { title: both(title), body: both(body), published };
}

/** What is missing, and in which language; `shown` is asked for a title if there is none at all. Take a trimmed one. */
export function missingIn({ title, body, published }: ArticleDraft, shown: Language): { field: 'title' | 'body'; language: Language; } | null {
  if (!title.en && !title.zh) return { field: 'title', language: shown };
  for (const language of LANGUAGES) {
    if (published && !title[language] !== !body[language]) return { field: title[language] ? 'body' : 'title', language };
  }
  return null;
}
