// The workspace's bot and its intents, for the pages that set it up.

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { bot as api, intents as intentsApi } from '../api/routes';
import type { Bot, Intent } from '../api/types';
import { useLoaded } from '../session/use-loaded';

export const useBot = defineStore('bot', () => {
  const bot = ref<Bot | null>(null);
  /** By their names. */
  const intents = ref<Intent[]>([]);
  const { loaded, problem, load, overtake } = useLoaded(
    () => Promise.all([api.get(), intentsApi.list()]),
    (found) => {
      bot.value = found?.[0] ?? null;
      intents.value = found?.[1].intents ?? [];
    },
  );

  /** Takes an intent that was created or changed. What it teaches the bot may be new, too. */
  function put(intent: Intent): void {
    change([...intents.value.filter(({ id }) => id !== intent.id), intent]);
  }

  /** Forgets one that was deleted, with the buttons that led to it. */
  function drop(gone: string): void {
    change(intents.value.filter(({ id }) => id !== gone).map((intent) => ({ ...intent, buttons: intent.buttons.filter((id) => id !== gone) })));
  }

  function change(all: Intent[]): void {
    const isLate = overtake();
    intents.value = all.sort((a, b) => (a.id < b.id ? -1 : 1));
    // Only the server knows whether this is something to learn.
    void api.get().then((found) => {
      if (!isLate()) bot.value = found;
    }, () => {});
  }

  const find = (id: string) => intents.value.find((intent) => intent.id === id);

  return { bot, intents, loaded, problem, load, put, drop, find };
});
