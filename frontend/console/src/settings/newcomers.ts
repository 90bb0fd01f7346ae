// Others create what a list here does not hold yet: an id that nobody here knows has the list asked for again, once for each.

import type { Ref } from 'vue';

/** `ids` are known, as soon as anything is `loaded`. */
export function useNewcomers({ loaded, refresh }: { loaded: Ref<boolean>; refresh(): Promise<void>; }, ids: () => readonly { id: string; }[]) {
  /** What was looked for in vain, or is being looked for. */
  let sought = new Set<string>();

  /** Somebody has created some of these meanwhile, if they are unknown. */
  function learn(wanted: Iterable<string>): void {
    if (!loaded.value) return;
    const known = new Set(ids().map(({ id }) => id));
    const unknown = [...new Set(wanted)].filter((id) => id && !known.has(id) && !sought.has(id));
    if (unknown.length === 0) return;
    for (const id of unknown) sought.add(id);
    void refresh();
  }

  /** The session is another. */
  function forget(): void {
    sought = new Set();
  }

  return { learn, forget };
}
