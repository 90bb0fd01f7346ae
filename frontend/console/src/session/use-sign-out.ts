// Signing out here; what stands in the way is said.

import { asProblem } from '../api/problem';
import { useProblemText } from '../i18n/problem-text';
import { useToasts } from '../ui/toasts';
import { useSession } from './store';

export function useSignOut(): () => Promise<void> {
  const session = useSession();
  const toasts = useToasts();
  const problemText = useProblemText();
  return async () => {
    try {
      await session.logout();
    } catch (error) {
      toasts.show(problemText(asProblem(error)), 'problem');
    }
  };
}
