// Makes an agent away whom nobody has seen at this browser for a while, and online again as soon as they touch it.

import { onScopeDispose } from 'vue';
import { useDesk } from '../live/desk-store';
import type { Offers } from '../offers/use-offers';
import { recall, remember, usePreferences } from '../session/preferences';
import { IdleWatch } from './idle';

const LOOK_MS = 10_000;
const MINUTE_MS = 60_000;
/** When any window of this browser was touched last. */
const INPUT = 'input';
/** `input` is for what is dictated, or chosen in a list that the browser shows outside the page. */
const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'input'] as const;

export function useIdle(offers: Offers): void {
  const desk = useDesk();
  const preferences = usePreferences();
  const watch = new IdleWatch({ now: () => Date.now(), read: () => Number(recall(INPUT)) || 0, write: (at) => remember(INPUT, String(at)) });
  const ends = new AbortController();
  const on = { signal: ends.signal, capture: true, passive: true };
  let pointer = '';

  function touched(): void {
    watch.input();
    desk.setIdle(false);
  }

  function onInput(event: Event): void {
    if (event instanceof PointerEvent && event.type === 'pointermove') {
      // What moves under a pointer that rests is the page.
      const place = `${event.screenX} ${event.screenY}`;
      if (place === pointer) return;
      pointer = place;
    }
    touched();
  }

  /** Whoever turns to the page, or opens it, is there; a page that opens in the background says nothing. */
  function onSight(): void {
    if (document.visibilityState === 'visible') touched();
  }

  function look(): void {
    if (watch.look(preferences.awayAfter * MINUTE_MS, offers.list.value.length > 0)) desk.setIdle(true);
  }

  for (const type of INPUTS) window.addEventListener(type, onInput, on);
  document.addEventListener('visibilitychange', onSight, on);
  const timer = setInterval(look, LOOK_MS);
  onSight();

  onScopeDispose(() => {
    ends.abort();
    clearInterval(timer);
  });
}
