// The workspace's bot and its intents, for the pages that set it up. Forgotten with the session that asked for them.

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { bot as api, intents as intentsApi } from '../api/routes';
import type { Bot, Intent } from '../api/types';
import { useSession } from '../session/store';

export const useBot = defineStore('bot', () => {
  const session = useSession();
  const bot = ref<Bot | null>(null);
  /** By their names. */
  const intents = ref<Intent[]>([]);
  const loaded = ref(false);
  const problem = ref<Problem | null>(null);
  let turn = 0;

  async function load(): Promise<void> {
    const mine = ++turn;
    try {
      const [found, { intents: all }] = await Promise.all([api.get(), intentsApi.list()]);
      if (mine !== turn) return;
      bot.value = found;
      intents.value = all;
      loaded.value = true;
      problem.value = null;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    }
  }

  /** Takes an intent that was created or changed. What it teaches the bot may be new, too. */
  function put(intent: Intent): void {
    change([...intents.value.filter(({ id }) => id !== intent.id), intent]);
  }

  /** Forgets one that was deleted, with the buttons that led to it. */
  function drop(gone: string): void {
    change(intents.value.filter(({ id }) => id !== gone).map((intent) => ({ ...intent, buttons: intent.buttons.filter((id) => id !== gone) })));
  }

  function change(all: Intent[]): void {
    turn++;
    intents.value = all.sort((a, b) => (a.id < b.id ? -1 : 1));
    // Only the server knows whether this is something to learn.
    const mine = turn;
    void api.get().then((found) => {
      if (mine === turn) bot.value = found;
    }, () => {});
  }

  watch(() => session.me?.id, () => {
    turn++;
    bot.value = null;
    intents.value = [];
    loaded.value = false;
    problem.value = null;
  });

  const find = (id: string) => intents.value.find((intent) => intent.id === id);

  return { bot, intents, loaded, problem, load, put, drop, find };
});
