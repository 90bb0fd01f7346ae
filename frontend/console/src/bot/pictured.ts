// The pictures of answers in the test chat. What judges there knows texts alone: so the text of an answer with a picture begins with a mark
// that names it, and what is said with that mark is said with the picture. Pure.

import type { Intent } from '../api/types';
import type { Verdict, Words } from './trainer';

/** What bears the mark, between characters that nobody writes. */
const MARK = /^\u{E000}(\w+) (en|zh)\u{E001}/u;

/** The answer as whoever judges gets it. */
export function markedAnswer({ id, answer, picture }: Pick<Intent, 'id' | 'answer' | 'picture'>): Words {
  const marked = (language: 'en' | 'zh') => (picture && answer[language].trim() ? `\u{E000}${id} ${language}\u{E001}${answer[language]}` : answer[language]);
  return { en: marked('en'), zh: marked('zh') };
}

/** What is said, and the picture under it. */
export function pictured(verdict: Verdict, intents: readonly Pick<Intent, 'id' | 'picture'>[]): Verdict {
  const [mark = '', id, language] = MARK.exec(verdict.text) ?? [];
  const picture = mark && intents.find((intent) => intent.id === id)?.picture;
  if (!picture) return { ...verdict, text: verdict.text.slice(mark.length) };
  const { hash, width, height, alt } = picture;
  const [own, other] = language === 'zh' ? [alt.zh, alt.en] : [alt.en, alt.zh];
  return { ...verdict, text: verdict.text.slice(mark.length), image: { hash, width, height, alt: own || other } };
}
