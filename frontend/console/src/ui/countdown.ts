// Seconds that count down while a component shows them.

import { onScopeDispose, ref, watch } from 'vue';
import type { Ref } from 'vue';

/** Seconds left of `waitMs()`, counted anew whenever `source()` is another thing. */
export function useCountdown(waitMs: () => number, source: () => unknown): Ref<number> {
  const left = ref(0);
  let timer: ReturnType<typeof setInterval> | undefined;

  function stop() {
    clearInterval(timer);
    timer = undefined;
  }

  function begin() {
    stop();
    const end = Date.now() + waitMs();
    const tick = () => {
      left.value = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      if (left.value === 0) stop();
    };
    timer = setInterval(tick, 500);
    tick();
  }

  watch(source, begin, { immediate: true });
  onScopeDispose(stop);
  return left;
}
