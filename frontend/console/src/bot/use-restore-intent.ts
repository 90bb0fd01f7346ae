// Brings a deleted intent back under its name, without what it named and is gone since.

import { useI18n } from 'vue-i18n';
import { asProblem } from '../api/problem';
import { intents as api } from '../api/routes';
import type { IntentDraft, Past } from '../api/types';
import { isolated } from '../i18n/isolate';
import { loadNow } from '../session/use-loaded';
import { useSavedNotice } from '../settings/saved';
import { useTags } from '../settings/tags-store';
import { useTeams } from '../settings/teams-store';
import { useToasts } from '../ui/toasts';
import { useArticles } from './article-store';
import { useBot } from './bot-store';
import { useIntentName } from './name';
import { withoutGone } from './past';

const ids = (things: readonly { id: string; }[]) => things.map(({ id }) => id);

export function useRestoreIntent(): (one: Past<IntentDraft>) => Promise<void> {
  const { t } = useI18n();
  const bot = useBot();
  const teams = useTeams();
  const articles = useArticles();
  const tags = useTags();
  const toasts = useToasts();
  const saved = useSavedNotice();
  const nameOf = useIntentName();

  return async ({ id, was }) => {
    // What a colleague has made since is not gone, and what they deleted is.
    await Promise.all([bot, teams, articles, tags].map(loadNow));
    const draft = withoutGone(was, { intents: [id, ...ids(bot.intents)], teams: ids(teams.teams), articles: ids(articles.all), tags: ids(tags.tags) });
    const { picture, ...rest } = draft;
    let isBare = false;
    const { live, ...intent } = await api.put(id, draft, '').catch((error: unknown) => {
      // Which pictures there are, only the server knows.
      if (!picture || asProblem(error).field !== 'picture') throw error;
      isBare = true;
      return api.put(id, rest, '');
    });
    bot.put(intent);
    saved(t('bot.intent_restored', { name: isolated(nameOf(intent)) }), live);
    if (isBare) toasts.show(t('bot.past_picture_gone'), 'problem');
  };
}
