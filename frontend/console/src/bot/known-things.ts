// Things of which the bot knows many, as a page lists them: read once, and kept up to date by what is written here.

import { ref } from 'vue';
import type { Ref } from 'vue';
import { useLoaded } from '../session/use-loaded';
import type { IsLate, Loaded } from '../session/use-loaded';

export interface KnownThings<T> extends Omit<Loaded, 'overtake' | 'refresh'> {
  /** Newest first. */
  all: Ref<T[]>;
  put: (thing: T) => void;
  drop: (gone: string) => void;
}

export function useKnownThings<T extends { id: string; }>(ask: (isLate: IsLate) => Promise<T[]>): KnownThings<T> {
  const all = ref([]) as Ref<T[]>;
  const { loaded, problem, load, overtake } = useLoaded(ask, (found) => (all.value = found ?? []));

  /** Takes one that was written: where it stood, or first. */
  function put(thing: T): void {
    overtake();
    const isKnown = all.value.some(({ id }) => id === thing.id);
    all.value = isKnown ? all.value.map((one) => (one.id === thing.id ? thing : one)) : [thing, ...all.value];
  }

  function drop(gone: string): void {
    overtake();
    all.value = all.value.filter(({ id }) => id !== gone);
  }

  return { all, loaded, problem, load, put, drop };
}
