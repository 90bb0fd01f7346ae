// What an intent, an FAQ entry or an article was, beside what it is. Pure.

import type { ArticleDraft, FaqDraft, IntentDraft } from '../api/types';

/** What an editor sends, by what it edits. */
export interface Drafts {
  intent: IntentDraft;
  faq: FaqDraft;
  article: ArticleDraft;
}

export type PastKind = keyof Drafts;

/** What each member is called that two versions may differ in. */
const LABELS: { [kind in PastKind]: { [place: string]: string; }; } = {
  intent: {
    'title.en': 'bot.intent_title_en',
    'title.zh': 'bot.intent_title_zh',
    examples: 'bot.past_examples',
    library: 'bot.intent_library',
    does: 'bot.intent_does',
    'answer.en': 'bot.intent_answer_en',
    'answer.zh': 'bot.intent_answer_zh',
    picture: 'bot.intent_picture',
    article: 'bot.intent_article',
    handoff_team: 'bot.handoff_team',
    handoff_level: 'bot.intent_level',
    tags: 'bot.intent_tags',
    form: 'bot.form',
    action: 'bot.action',
    buttons: 'bot.intent_buttons',
  },
  faq: { question: 'bot.faq_question', answer: 'bot.faq_answer', locale: 'bot.faq_language' },
  article: { 'title.en': 'bot.article_title_en', 'title.zh': 'bot.article_title_zh', 'body.en': 'bot.article_body_en', 'body.zh': 'bot.article_body_zh', published: 'bot.article_publish' },
};

/** The names of texts of what two versions differ in, in the order of their fields. */
export function differing<K extends PastKind>(kind: K, one: Drafts[K], other: Drafts[K]): string[] {
  return Object.entries(LABELS[kind]).flatMap(([place, label]) => (at(one, place) === at(other, place) ? [] : [label]));
}

function at(draft: object, place: string): string | undefined {
  const found = place.split('.').reduce<unknown>((inside, name) => (inside as { [name: string]: unknown; })[name], draft);
  return JSON.stringify(found);
}

/** What a version says, for a look at it. */
export function wordsOf(was: Drafts[PastKind]): string {
  const texts = 'body' in was ? was.body : was.answer;
  return typeof texts === 'string' ? texts : texts.en || texts.zh;
}

/** What there is for an intent to name. */
export interface Named {
  intents: readonly string[];
  teams: readonly string[];
  articles: readonly string[];
  tags: readonly string[];
}

/** An intent as it was, without what it named and is gone since. */
export function withoutGone({ buttons, article, handoff_team, tags = [], ...rest }: IntentDraft, there: Named): IntentDraft {
  const kept = tags.filter((id) => there.tags.includes(id));
  return {
    ...rest,
    buttons: buttons.filter((id) => there.intents.includes(id)),
    ...(article && there.articles.includes(article) && { article }),
    ...(handoff_team && there.teams.includes(handoff_team) && { handoff_team }),
    ...(kept.length && { tags: kept }),
  };
}
