// Which conversation somebody has before their eyes in this window; the other windows hear of it.

import { onScopeDispose, shallowRef, watch } from 'vue';
import type { Ref } from 'vue';
import { useRooms } from '../live/rooms-store';
import { keyOf, recall, remember } from '../session/preferences';
import { isLooking } from './desktop';
import { holdLook } from './one-window';

const LOOKED = 'looked';

/** '': none. `onLook` hears of each look, in whatever window of the browser. */
export function useLooking(onLook: (conversation: string) => void): Readonly<Ref<string>> {
  const rooms = useRooms();
  const looked = shallowRef('');
  let release = () => {};

  function look(): void {
    const now = isLooking() ? rooms.openId : '';
    if (now === looked.value) return;
    release();
    looked.value = now;
    release = now ? holdLook(now) : () => {};
    if (!now) return;
    onLook(now);
    // With the time: only what changes is told.
    remember(LOOKED, `${now} ${Date.now()}`);
  }

  watch(() => rooms.openId, look, { immediate: true });
  const ends = new AbortController();
  const on = { signal: ends.signal };
  window.addEventListener('focus', look, on);
  // Some browsers still say then that the page has the focus.
  window.addEventListener('blur', () => setTimeout(look), on);
  document.addEventListener('visibilitychange', look, on);
  window.addEventListener('storage', ({ key }) => {
    const [conversation] = (recall(LOOKED) ?? '').split(' ');
    if (key === keyOf(LOOKED) && conversation) onLook(conversation);
  }, on);
  onScopeDispose(() => {
    ends.abort();
    release();
  });
  return looked;
}
