// What an answer that a person gave becomes before its owner has edited it. Pure.

import type { Intent } from '../api/types';
import { formOf, linesOf } from './intent-draft';
import type { IntentForm } from './intent-draft';

const TITLE_LENGTH = 80;
const ID_LENGTH = 40;

/** The language of a text, of those that the bot speaks. */
export function languageOf(text: string): 'en' | 'zh' {
  return /\p{Script=Han}/u.test(text) && !/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(text) ? 'zh' : 'en';
}

/** A name for an intent, of what a question has that a name may have. */
export function idOf(text: string): string {
  const plain = text.normalize('NFKD').toLowerCase().replace(/['’\p{Mark}]/gu, '');
  return plain.replace(/[^a-z0-9]+/gu, '_').replace(/^_/u, '').slice(0, ID_LENGTH).replace(/_$/u, '');
}

/** The intent, or a new one, with these questions among its examples and the answer before the one that it has. */
export function taught(intent: Intent | null, questions: readonly string[], answer: string): IntentForm {
  const form = formOf(intent);
  const lines = questions.map((text) => text.replace(/\s+/gu, ' ').trim());
  const [first = ''] = lines;
  if (!intent) {
    form.id = idOf(first);
    form.title[languageOf(first)] = [...first].slice(0, TITLE_LENGTH).join('');
  }
  const language = languageOf(answer);
  form.answer[language] = [answer, form.answer[language]].filter(Boolean).join('\n\n');
  form.examples = [...new Set([...linesOf(form.examples), ...lines])].filter(Boolean).join('\n');
  return form;
}
