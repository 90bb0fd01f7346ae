// A Problem in the reader's language: by its code and field, never by the server's own words.

import { useI18n } from 'vue-i18n';
import type { Problem } from '../api/problem';

/** How long `seconds` is, in words short enough for a sentence. */
export function waitKey(seconds: number): { key: string; count: number; } {
  if (seconds < 90) return { key: 'problem.wait_seconds', count: seconds };
  return { key: 'problem.wait_minutes', count: Math.ceil(seconds / 60) };
}

/** The function that words a problem; `secondsLeft` is what remains of its wait. */
export function useProblemText(): (problem: Problem, secondsLeft?: number) => string {
  const { t, te } = useI18n();
  return (problem, secondsLeft = Math.ceil(problem.retryAfterMs / 1000)) => {
    const byField = `problem.field.${problem.field}`;
    if (problem.code === 'bad_request' && problem.field && te(byField)) return t(byField);
    const taken = `problem.taken.${problem.field}`;
    if (problem.code === 'conflict' && problem.field && te(taken)) return t(taken);
    const key = te(`problem.code.${problem.code}`) ? `problem.code.${problem.code}` : 'problem.code.internal';
    if (problem.retryAfterMs === 0) return t(key);
    if (secondsLeft <= 0) return `${t(key)} ${t('problem.wait_over')}`;
    const wait = waitKey(secondsLeft);
    return `${t(key)} ${t(wait.key, { n: wait.count }, wait.count)}`;
  };
}
