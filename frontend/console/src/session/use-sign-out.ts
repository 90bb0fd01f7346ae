// Signing out here; what stands in the way is said. Where something has not been sent its agent is asked first: it goes
// with the session. So does what they have begun on a page.

import { ref } from 'vue';
import type { Ref } from 'vue';
import { asProblem } from '../api/problem';
import { useProblemText } from '../i18n/problem-text';
import { useRooms } from '../live/rooms-store';
import { useBegun } from '../ui/begun';
import { useToasts } from '../ui/toasts';
import { useSession } from './store';

export interface SignOut {
  signOut(): Promise<void>;
  /** For the `SignOutDialog`. */
  asks: Ref<boolean>;
}

export function useSignOut(): SignOut {
  const session = useSession();
  const rooms = useRooms();
  const begun = useBegun();
  const toasts = useToasts();
  const problemText = useProblemText();
  const asks = ref(false);

  async function signOut(): Promise<void> {
    if (!(await begun.mayLeave())) return;
    if (rooms.unsent > 0) {
      asks.value = true;
      return;
    }
    try {
      await session.logout();
    } catch (error) {
      toasts.show(problemText(asProblem(error)), 'problem');
    }
  }

  return { signOut, asks };
}
