// What is said when a training is done: whether visitors hear the new version.

import { useI18n } from 'vue-i18n';
import { useBot } from './bot-store';

export function useTrainedText(): (version: number) => string {
  const { t } = useI18n();
  const bot = useBot();
  return (version) => t(bot.bot?.enabled ? 'bot.train_done' : 'bot.train_done_off', { version });
}
