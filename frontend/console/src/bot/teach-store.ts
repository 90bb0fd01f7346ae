// The questions that the bot could not answer, until somebody has dealt with them.

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { Problem } from '../api/problem';
import { bot as api } from '../api/routes';
import type { OpenQuestion } from '../api/types';
import { useLoaded } from '../session/use-loaded';

/** Throws where nothing may be written for a question; gives what is to be done once it is, be that after the dialog was closed. */
export type Before = () => Promise<(id: string) => void>;

export const useTeach = defineStore('teach', () => {
  const questions = ref<OpenQuestion[]>([]);
  const { loaded, problem, load, overtake } = useLoaded(api.questions, (found) => (questions.value = found?.questions ?? []));

  function drop(question: OpenQuestion) {
    overtake();
    questions.value = questions.value.filter((one) => one !== question);
  }

  /** Before anything is written for a question: throws where a colleague has dealt with it, and it is gone then. */
  async function check(question: OpenQuestion): Promise<void> {
    const open = new Set((await api.questions()).questions.flatMap(({ turns }) => turns));
    if (question.turns.some((turn) => open.has(turn))) return;
    drop(question);
    throw new Problem('question_settled', 409);
  }

  /** This one is dealt with. False: it was before, by somebody else in the same moment. */
  async function settle(question: OpenQuestion, how: 'intent' | 'faq' | 'dismissed', intent?: string): Promise<boolean> {
    const { settled } = await api.settle(question.turns, how, intent);
    drop(question);
    return settled > 0;
  }

  return { questions, loaded, problem, load, check, settle };
});
