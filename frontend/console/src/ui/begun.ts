// What is begun here and saved nowhere yet, or is shown this once: whatever leads away from it asks first.

import { defineStore } from 'pinia';
import { onScopeDispose, ref } from 'vue';

export const useBegun = defineStore('begun', () => {
  const things = new Set<() => boolean>();
  /** Whether the question is open. */
  const asks = ref(false);
  let answer = (_: boolean) => {};

  /** `is` says whether anything would be lost, as long as the component is there that asks for it. */
  function hold(is: () => boolean): void {
    things.add(is);
    onScopeDispose(() => things.delete(is));
  }

  const any = () => [...things].some((is) => is());

  /** Whether the agent may be led away, which they are asked where they would lose anything. */
  function mayLeave(): Promise<boolean> {
    settle(false);
    if (!any()) return Promise.resolve(true);
    asks.value = true;
    return new Promise((resolve) => (answer = resolve));
  }

  /** The answer to the question, if there is one. */
  function settle(leaves: boolean): void {
    asks.value = false;
    answer(leaves);
  }

  return { asks, hold, any, mayLeave, settle };
});
