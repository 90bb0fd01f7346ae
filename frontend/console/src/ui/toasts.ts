// Short messages about something that has just happened, shown for a few seconds.

import { defineStore } from 'pinia';
import { ref } from 'vue';

export interface Toast {
  id: number;
  text: string;
  kind: 'info' | 'problem';
}

const SHOWN_MS = 6000;

export const useToasts = defineStore('toasts', () => {
  const toasts = ref<Toast[]>([]);
  let nextId = 1;

  function dismiss(id: number) {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  }

  function show(text: string, kind: Toast['kind'] = 'info') {
    const id = nextId++;
    toasts.value = [...toasts.value.slice(-2), { id, text, kind }];
    setTimeout(() => dismiss(id), SHOWN_MS);
  }

  return { toasts, show, dismiss };
});
