// The time as a value that components may depend on: one timer for all of them, at the pace of the most impatient.

import { onScopeDispose, readonly, ref } from 'vue';
import type { Ref } from 'vue';

const clocks = new Map<number, { now: Ref<number>; users: number; timer: ReturnType<typeof setInterval>; }>();

/** The time, told anew every `everyMs` while a component uses it. */
export function useClock(everyMs: number): Readonly<Ref<number>> {
  let clock = clocks.get(everyMs);
  if (!clock) {
    const now = ref(Date.now());
    clock = { now, users: 0, timer: setInterval(() => (now.value = Date.now()), everyMs) };
    clocks.set(everyMs, clock);
  }
  const used = clock;
  used.users++;
  onScopeDispose(() => {
    if (--used.users > 0) return;
    clearInterval(used.timer);
    clocks.delete(everyMs);
  });
  return readonly(used.now);
}
