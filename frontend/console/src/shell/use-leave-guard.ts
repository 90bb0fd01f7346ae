// Nothing that leads to another page takes what is begun on this one without a question: no link, no step back, no notice, no closing
// of the tab. An ended session asks nobody.

import { onScopeDispose } from 'vue';
import type { Router } from 'vue-router';
import { loadsAnew } from '../session/one-agent';
import { useSession } from '../session/store';
import { useBegun } from '../ui/begun';

export function useLeaveGuard(router: Pick<Router, 'beforeEach'>): void {
  const begun = useBegun();
  const session = useSession();
  const ask = (event: Event) => {
    if (begun.any() && !loadsAnew()) event.preventDefault();
  };
  // Another question of the same page leaves what is on it.
  onScopeDispose(router.beforeEach((to, from) => to.path === from.path || !session.me || begun.mayLeave()));
  window.addEventListener('beforeunload', ask);
  onScopeDispose(() => {
    window.removeEventListener('beforeunload', ask);
    begun.settle(false);
  });
}
