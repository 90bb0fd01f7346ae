// Short messages about something that has just happened, shown for a few seconds; what offers an action, until the agent
// has seen it.

import { defineStore } from 'pinia';
import { ref } from 'vue';

export interface ToastAction {
  label: string;
  run: () => void;
}

export interface Toast {
  id: number;
  text: string;
  kind: 'info' | 'problem';
  action: ToastAction | null;
}

const SHOWN_MS = 6000;
/** So many at once. */
const MOST = 3;

export const useToasts = defineStore('toasts', () => {
  const toasts = ref<Toast[]>([]);
  let nextId = 1;

  function dismiss(id: number) {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  }

  /** They were another agent's. */
  function forget() {
    toasts.value = [];
  }

  /** For another one: what goes by itself goes first. */
  function makeRoom() {
    const oldest = toasts.value.find(({ action }) => !action) ?? toasts.value[0];
    if (oldest && toasts.value.length >= MOST) dismiss(oldest.id);
  }

  /** Shows one; gives its id. */
  function show(text: string, kind: Toast['kind'] = 'info', action: ToastAction | null = null): number {
    const id = nextId++;
    makeRoom();
    toasts.value = [...toasts.value, { id, text, kind, action }];
    if (!action) setTimeout(() => dismiss(id), SHOWN_MS);
    return id;
  }

  return { toasts, show, dismiss, forget };
});
