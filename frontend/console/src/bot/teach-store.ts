// The questions that the bot could not answer, until somebody has dealt with them.

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { bot as api } from '../api/routes';
import type { OpenQuestion } from '../api/types';
import { useLoaded } from '../session/use-loaded';

export const useTeach = defineStore('teach', () => {
  const questions = ref<OpenQuestion[]>([]);
  const { loaded, problem, load, overtake } = useLoaded(api.questions, (found) => (questions.value = found?.questions ?? []));

  /** Somebody has dealt with this one. */
  async function settle(question: OpenQuestion, how: 'intent' | 'faq' | 'dismissed', intent?: string): Promise<void> {
    await api.settle(question.turns, how, intent);
    overtake();
    questions.value = questions.value.filter((one) => one !== question);
  }

  return { questions, loaded, problem, load, settle };
});
