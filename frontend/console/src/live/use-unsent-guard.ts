// A tab that is closed loses what has not been sent: the browser asks first, as long as there is anything.

import { onScopeDispose, watch } from 'vue';
import { loadsAnew } from '../session/one-agent';
import { useRooms } from './rooms-store';

export function useUnsentGuard(): void {
  const rooms = useRooms();
  const ask = (event: Event) => {
    if (!loadsAnew()) event.preventDefault();
  };
  const leave = () => window.removeEventListener('beforeunload', ask);
  watch(() => rooms.unsent > 0, (is) => (is ? window.addEventListener('beforeunload', ask) : leave()), { immediate: true, flush: 'sync' });
  onScopeDispose(leave);
}
