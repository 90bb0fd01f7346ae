// Switches the bot on from wherever it is said that it is off.

import { useI18n } from 'vue-i18n';
import { bot as api } from '../api/routes';
import { useSavedNotice } from '../settings/saved';
import { useSubmit } from '../ui/submit';
import { useBot } from './bot-store';

export function useSwitchOn() {
  const { t } = useI18n();
  const bot = useBot();
  const saved = useSavedNotice();
  const { busy, problem, run } = useSubmit();

  async function switchOn(): Promise<void> {
    await run(async () => {
      const { live, ...is } = await api.change({ enabled: true });
      bot.bot = is;
      saved(t('bot.switched_on'), live);
    });
  }

  return { busy, problem, switchOn };
}
