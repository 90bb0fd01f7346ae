// A browser has one session, and so one agent in all its tabs. When somebody else signs in in another tab, what this one
// asks for goes out in their name at once: it loads anew, asks who is signed in, and forgets what was the former agent's.

import { keyOf } from './preferences';
import { SIGNED_IN } from './store';
import type { useSession } from './store';

let isLoading = false;

/** Nobody is to be asked whether they want it. */
export const loadsAnew = () => isLoading;

/** What waits for it waits for good: nothing more is to happen in this page. */
export function loadAnew(): Promise<never> {
  isLoading = true;
  location.reload();
  return new Promise(() => {});
}

/** Hears who signs in in other tabs. Where nobody is signed in, as on the page of a link, there is nothing to protect. */
export function followOtherTabs(session: Pick<ReturnType<typeof useSession>, 'me'>): void {
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key === keyOf(SIGNED_IN) && newValue && session.me && session.me.id !== newValue) void loadAnew();
  });
}
