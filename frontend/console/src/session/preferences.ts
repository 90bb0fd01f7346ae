// What this browser remembers about how the console looks and sounds. Storage may be blocked or full: then the
// choice holds until the page is closed.

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';

export type Locale = 'en' | 'zh-CN';
export type Theme = 'system' | 'light' | 'dark';
export type SendKey = 'enter' | 'mod_enter';

/** After how many minutes without any input an agent may be away; 0: never. */
export const AWAY_AFTER = [0, 5, 10, 15, 30] as const;

const PREFIX = 'bellhop.console.';

/** What storage calls a value. */
export const keyOf = (name: string): string => PREFIX + name;

/** Reads one remembered value. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(keyOf(name));
  } catch {
    return null;
  }
}

/** Remembers one value; null forgets it. */
export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(keyOf(name));
    else localStorage.setItem(keyOf(name), value);
  } catch {
    // Blocked or full storage costs the memory of a choice, nothing else.
  }
}

/** The language that a list of browser languages asks for. */
export function localeFor(languages: readonly string[]): Locale {
  for (const language of languages) {
    const tag = language.toLowerCase();
    if (tag.startsWith('zh')) return 'zh-CN';
    if (tag.startsWith('en')) return 'en';
  }
  return 'en';
}

function oneOf<T extends string>(value: string | null, allowed: readonly T[], otherwise: T): T {
  return allowed.includes(value as T) ? (value as T) : otherwise;
}

function recallAwayAfter(): (typeof AWAY_AFTER)[number] {
  const kept = recall('away_after');
  return AWAY_AFTER.find((minutes) => String(minutes) === kept) ?? 15;
}

export const usePreferences = defineStore('preferences', () => {
  const locale = ref<Locale>(oneOf(recall('locale'), ['en', 'zh-CN'], localeFor(navigator.languages)));
  const theme = ref<Theme>(oneOf(recall('theme'), ['system', 'light', 'dark'], 'system'));
  const sound = ref(recall('sound') !== 'off');
  const desktop = ref(recall('desktop') === 'on');
  /** Whether the tab says in its title and on its icon that something waits. */
  const title = ref(recall('title') !== 'off');
  const icon = ref(recall('icon') !== 'off');
  const sendKey = ref<SendKey>(oneOf(recall('send_key'), ['enter', 'mod_enter'], 'enter'));
  /** The single keys can be turned off: who dictates or types with a switch needs them silent (WCAG 2.1.4). */
  const shortcuts = ref(recall('shortcuts') !== 'off');
  /** After how many minutes without any input the agent is away; 0: never. */
  const awayAfter = ref(recallAwayAfter());
  /** Whether the offer of desktop notifications was put away. */
  const hintGone = ref(recall('hint') === 'gone');
  /** Whether the first steps were put away, or are all done. */
  const startGone = ref(recall('start') === 'gone');
  /** Whether the visitor's panel is open beside the conversation. */
  const details = ref(recall('details') !== 'off');

  watch(locale, (value) => remember('locale', value));
  watch(theme, (value) => remember('theme', value));
  watch(sound, (value) => remember('sound', value ? null : 'off'));
  watch(desktop, (value) => remember('desktop', value ? 'on' : null));
  watch(title, (value) => remember('title', value ? null : 'off'));
  watch(icon, (value) => remember('icon', value ? null : 'off'));
  watch(sendKey, (value) => remember('send_key', value === 'enter' ? null : value));
  watch(shortcuts, (value) => remember('shortcuts', value ? null : 'off'));
  watch(awayAfter, (value) => remember('away_after', value === 15 ? null : String(value)));
  watch(hintGone, (value) => remember('hint', value ? 'gone' : null));
  watch(startGone, (value) => remember('start', value ? 'gone' : null));
  watch(details, (value) => remember('details', value ? null : 'off'));

  // A window that nobody looks at does not make an agent away who has turned that off in another one.
  window.addEventListener('storage', () => (awayAfter.value = recallAwayAfter()));

  return { locale, theme, sound, desktop, title, icon, sendKey, shortcuts, awayAfter, hintGone, startGone, details };
});
