// The pictures of answers in the test chat. What judges there knows texts alone: so the text of an answer with a picture begins with a mark
// that names it, and what is said with that mark is said with the picture. Pure.

import type { Intent } from '../api/types';
import { imageOf } from './intent-draft';
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
  const said = { ...verdict, text: verdict.text.slice(mark.length) };
  const { en, zh } = intents.find((intent) => mark && intent.id === id)?.picture ?? { en: '', zh: '' };
  const image = imageOf(language === 'zh' ? zh || en : en || zh);
  return image ? { ...said, image } : said;
}
