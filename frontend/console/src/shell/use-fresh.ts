// What decides whom the console calls and what it shows them is changed by others: who is in which team, what the agent may
// do, and which tags and sites there are. It is asked for again when the line is back after a cut, and when somebody turns to a page that has not
// asked for some minutes.

import { onScopeDispose, watch } from 'vue';
import { useDesk } from '../live/desk-store';
import { isRecent } from '../live/recent';
import { useSession } from '../session/store';
import { useSites } from '../settings/sites-store';
import { useTags } from '../settings/tags-store';
import { useTeams } from '../settings/teams-store';

const OLD_MS = 5 * 60_000;

export function useFresh(): void {
  const desk = useDesk();
  const session = useSession();
  const teams = useTeams();
  const tags = useTags();
  const sites = useSites();
  /** A page begins with asking for everything. */
  let askedAt = Date.now();
  let wasLive = false;

  function ask(): void {
    askedAt = Date.now();
    void session.look();
    void teams.refresh();
    void tags.refresh();
    void sites.refresh();
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
