// Which conversation somebody has before their eyes in this window; the other windows hear of it.

import { onScopeDispose, shallowRef, watch } from 'vue';
import type { Ref } from 'vue';
import { useRooms } from '../live/rooms-store';
import { isLooking } from './desktop';
import { holdLook } from './one-window';

/** '': none. */
export function useLooking(): Readonly<Ref<string>> {
  const rooms = useRooms();
  const looked = shallowRef('');
  let release = () => {};

  function look(): void {
    const now = isLooking() ? rooms.openId : '';
    if (now === looked.value) return;
    release();
    looked.value = now;
    release = now ? holdLook(now) : () => {};
  }

  watch(() => rooms.openId, look, { immediate: true });
  const ends = new AbortController();
  const on = { signal: ends.signal };
  window.addEventListener('focus', look, on);
  // Some browsers still say then that the page has the focus.
  window.addEventListener('blur', () => setTimeout(look), on);
  document.addEventListener('visibilitychange', look, on);
  onScopeDispose(() => {
    ends.abort();
    release();
  });
  return looked;
}
