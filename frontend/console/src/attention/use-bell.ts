// The bell, as far as it is for this window to ring it: one that the browser lets be heard, and whose line tells of something.

import { onScopeDispose, shallowRef, watch } from 'vue';
import type { Ref } from 'vue';
import { useDesk } from '../live/desk-store';
import { usePreferences } from '../session/preferences';
import { holdRing } from './one-window';
import type { RingLock } from './one-window';
import { playBell } from './sound';

/** What rings, if this agent wants it and no other window does. */
export function useBell(): () => Promise<void> {
  const desk = useDesk();
  const preferences = usePreferences();
  const touched = useTouched();
  let lock: RingLock | undefined;
  const release = () => lock?.release();

  watch(() => (desk.link.kind === 'stopped' ? undefined : touched.value), (isTouched) => {
    release();
    lock = isTouched === undefined ? undefined : holdRing(isTouched);
  }, { immediate: true });
  onScopeDispose(release);
  return async () => {
    if (preferences.sound && await lock?.mayRing()) await playBell();
  };
}

/** Whether somebody has touched this page in a way that lets it be heard. */
function useTouched(): Ref<boolean> {
  const isActive = () => navigator.userActivation?.hasBeenActive;
  const touched = shallowRef(isActive() === true);
  const ends = new AbortController();
  function look(): void {
    // Not every key counts, and old browsers do not say which does.
    if (isActive() === false) return;
    touched.value = true;
    ends.abort();
  }
  if (!touched.value) for (const type of ['pointerup', 'keydown']) window.addEventListener(type, look, { signal: ends.signal, capture: true });
  onScopeDispose(() => ends.abort());
  return touched;
}
