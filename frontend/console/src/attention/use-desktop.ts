// Whether this browser lets the console show notifications, and the question, which only a click may ask.

import { ref } from 'vue';
import type { Ref } from 'vue';
import { usePreferences } from '../session/preferences';
import { askForDesktop, desktopPermission } from './desktop';

export function useDesktop(): { permission: Ref<ReturnType<typeof desktopPermission>>; allow: () => Promise<void>; } {
  const preferences = usePreferences();
  const permission = ref(desktopPermission());

  async function allow() {
    permission.value = await askForDesktop();
    if (permission.value === 'granted') preferences.desktop = true;
  }

  return { permission, allow };
}
