// What decides whom the console calls and what it shows them is changed by others: who is in which team, what the agent may
// do, and which tags and sites there are. So is the console itself, by a release. It is asked for again when the line is back after a cut, and when somebody turns to a page that has not
// asked for some minutes.

import { onScopeDispose, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { useDesk } from '../live/desk-store';
import { isRecent } from '../live/recent';
import { useSession } from '../session/store';
import { useSites } from '../settings/sites-store';
import { useTags } from '../settings/tags-store';
import { useTeams } from '../settings/teams-store';
import { useToasts } from '../ui/toasts';
import { lookForNewer } from './newer';

const OLD_MS = 5 * 60_000;

export function useFresh(): void {
  const desk = useDesk();
  const session = useSession();
  const teams = useTeams();
  const tags = useTags();
  const sites = useSites();
  const toasts = useToasts();
  const { t } = useI18n();
  /** A page begins with asking for everything. */
  let askedAt = Date.now();
  let wasLive = false;
  /** The notice of a newer console: told once, for whoever puts it away has read it. */
  let told = 0;

  async function askForConsole(): Promise<void> {
    if ((await lookForNewer()) && !told) {
      told = toasts.show(t('app.newer'), 'info', { label: t('app.reload'), run: () => location.reload() });
    }
  }

  function ask(): void {
    askedAt = Date.now();
    void session.look();
    void teams.refresh();
    void tags.refresh();
    void sites.refresh();
    void askForConsole();
  }

  watch(() => desk.link.kind === 'live', (is) => {
    if (is && wasLive) ask();
    wasLive ||= is;
  });

  function onSight(): void {
    if (document.visibilityState === 'visible' && !isRecent(askedAt, OLD_MS)) ask();
  }

  const ends = new AbortController();
  document.addEventListener('visibilitychange', onSight, { signal: ends.signal });
  window.addEventListener('focus', onSight, { signal: ends.signal });
  onScopeDispose(() => ends.abort());
}
