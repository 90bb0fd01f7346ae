// What a settings page has open in its dialog: one of its things, or a new one. An address that ends in `?new` opens the
// latter, so that a link leads all the way.

import { nextTick, ref, shallowRef, watch } from 'vue';
import type { Ref, ShallowRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';

export interface Editing<T> {
  /** null: a new one. */
  item: ShallowRef<T | null>;
  open: Ref<boolean>;
  edit: (item: T | null) => void;
}

/** `ready`: the page can show its dialog, and whoever looks at it may make something new. */
export function useEditing<T>(ready: () => boolean): Editing<T> {
  const route = useRoute();
  const router = useRouter();
  const item = shallowRef<T | null>(null);
  const open = ref(false);

  function edit(which: T | null) {
    item.value = which;
    open.value = true;
  }

  watch(ready, async (is) => {
    if (!is || route.query.new === undefined) return;
    await nextTick();
    edit(null);
    // Whoever comes back to the page comes back to the page alone.
    await router.replace({ query: {} });
  }, { immediate: true });

  return { item, open, edit };
}
