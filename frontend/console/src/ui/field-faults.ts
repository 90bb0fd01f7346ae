// What the server found wrong, said beside the field that it is about, which gets the focus; the rest is for the form.

import { computed, nextTick, watch } from 'vue';
import type { ComputedRef, Ref } from 'vue';
import type { Problem } from '../api/problem';
import { useProblemText } from '../i18n/problem-text';

export interface FieldFaults {
  /** The sentence for a field; '' when nothing is wrong with it. */
  faultOf: (field: string) => string;
  /** The problem, unless it is about one of the fields. */
  rest: ComputedRef<Problem | null>;
}

/** `fields` are those that the form shows; each wrong one has `aria-invalid`. */
export function useFieldFaults(problem: Ref<Problem | null>, fields: () => readonly string[]): FieldFaults {
  const text = useProblemText();
  const isShown = (found: Problem | null): found is Problem => found !== null && fields().includes(found.field);

  watch(problem, async (found) => {
    if (!isShown(found)) return;
    await nextTick();
    document.querySelector<HTMLElement>('[role="dialog"] [aria-invalid="true"]')?.focus();
  });

  return {
    faultOf: (field) => (isShown(problem.value) && problem.value.field === field ? text(problem.value) : ''),
    rest: computed(() => (isShown(problem.value) ? null : problem.value)),
  };
}
