// The workspace's tags by their names: the settings change them, conversations carry their ids.

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { asProblem } from '../api/problem';
import { tags as api } from '../api/routes';
import type { Tag } from '../api/types';
import { useLoaded } from '../session/use-loaded';

/** A server that is older than this console has no tags. */
async function all(): Promise<Tag[]> {
  try {
    return (await api.list()).tags;
  } catch (error) {
    if (asProblem(error).code === 'not_found') return [];
    throw error;
  }
}

export const useTags = defineStore('tags', () => {
  const tags = ref<Tag[]>([]);
  const { loaded, problem, load, refresh, overtake } = useLoaded(all, (found) => take(found ?? []));

  function take(found: Tag[]): void {
    tags.value = [...found].sort((a, b) => a.name.localeCompare(b.name));
  }

  function put(tag: Tag): void {
    overtake();
    take([...tags.value.filter(({ id }) => id !== tag.id), tag]);
  }

  function drop(gone: string): void {
    overtake();
    take(tags.value.filter(({ id }) => id !== gone));
  }

  /** Those of these ids that are there still, in their order. */
  const named = (ids: readonly string[]) => ids.flatMap((id) => tags.value.filter((tag) => tag.id === id));

  return { tags, loaded, problem, load, refresh, put, drop, named };
});
