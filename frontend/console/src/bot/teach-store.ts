// The questions that the bot could not answer, until somebody has dealt with them. Forgotten with the session.

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { bot as api } from '../api/routes';
import type { OpenQuestion } from '../api/types';
import { useSession } from '../session/store';

export const useTeach = defineStore('teach', () => {
  const session = useSession();
  const questions = ref<OpenQuestion[]>([]);
  const loaded = ref(false);
  const problem = ref<Problem | null>(null);
  let turn = 0;

  async function load(): Promise<void> {
    const mine = ++turn;
    try {
      const found = await api.questions();
      if (mine !== turn) return;
      questions.value = found.questions;
      loaded.value = true;
      problem.value = null;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    }
  }

  /** Somebody has dealt with this one. */
  async function settle(question: OpenQuestion, how: 'intent' | 'faq' | 'dismissed', intent?: string): Promise<void> {
    await api.settle(question.turns, how, intent);
    turn++;
    questions.value = questions.value.filter((one) => one !== question);
  }

  watch(() => session.me?.id, () => {
    turn++;
    questions.value = [];
    loaded.value = false;
    problem.value = null;
  });

  return { questions, loaded, problem, load, settle };
});
