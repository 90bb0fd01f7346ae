// A media query as a value.

import { onScopeDispose, readonly, ref } from 'vue';
import type { Ref } from 'vue';

export function useMedia(query: string): Readonly<Ref<boolean>> {
  const list = window.matchMedia(query);
  const matches = ref(list.matches);
  const follow = () => (matches.value = list.matches);
  list.addEventListener('change', follow);
  onScopeDispose(() => list.removeEventListener('change', follow));
  return readonly(matches);
}
