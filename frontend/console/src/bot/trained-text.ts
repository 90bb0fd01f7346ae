// What is said when a training is done: whether visitors hear the new version, and how many of the owner's own examples are understood.
// Of the library's alone nothing is said: they are harder than what visitors write, and the figure would tell of another bot.

import { useI18n } from 'vue-i18n';
import { useSavedNotice } from '../settings/saved';
import { useBot } from './bot-store';
import { accuracyOf, ownOf } from './evaluation';
import { useTraining, type Lessons } from './training-store';

export function useTrainedText(): (lessons: Lessons) => string {
  const { t, locale } = useI18n();
  const bot = useBot();
  return ({ version, judged, intents, taught }) => {
    if (!bot.bot?.enabled) return t('bot.train_done_off', { version });
    const own = ownOf(judged, intents, taught);
    if (!own.length) return t('bot.train_done', { version });
    return t('bot.train_done_own', { version, n: accuracyOf(own).toLocaleString(locale.value, { maximumFractionDigits: 0 }) });
  };
}

/** Says it of what came of a training; whether there is something in use now. */
export function useTrainedNotice(): (trained: { live?: boolean; } | null | undefined) => boolean {
  const training = useTraining();
  const saved = useSavedNotice();
  const text = useTrainedText();
  return (trained) => {
    if (!trained || !training.learned) return false;
    saved(text(training.learned), trained.live);
    return true;
  };
}
