// Counts how often a dialog was opened: the key of what stands in it, so that each opening has an inside of its own, and nothing that one
// still waits for concerns the next.

import { ref, watch } from 'vue';
import type { Ref } from 'vue';

export function useOpenings(open: Ref<boolean>): Ref<number> {
  const count = ref(0);
  watch(open, (is) => void (is && count.value++), { flush: 'sync' });
  return count;
}
