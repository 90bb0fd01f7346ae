// What an intent is called for people: its title in the reader's language, else in the other one, else its name.

import { useI18n } from 'vue-i18n';
import type { Words } from '../api/types';

export function useIntentName(): (intent: { id: string; title: Words; }) => string {
  const { locale } = useI18n();
  return ({ id, title: { en, zh } }) => (locale.value.startsWith('zh') ? zh || en : en || zh) || id;
}

/** The reader's language as the bot knows it. */
export function useBotLocale(): () => 'en' | 'zh' {
  const { locale } = useI18n();
  return () => (locale.value.startsWith('zh') ? 'zh' : 'en');
}

/** What a class of a model is called, by the intents that it was taught. */
export function useTaughtName(learned: () => { intents: readonly string[]; taught: readonly { id: string; title: Words; }[]; }): (which: number) => string {
  const nameOf = useIntentName();
  return (which) => {
    const id = learned().intents[which] ?? '';
    return nameOf(learned().taught.find((intent) => intent.id === id) ?? { id, title: { en: '', zh: '' } });
  };
}
