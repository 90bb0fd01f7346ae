// What this browser remembers about how the console looks and sounds. Storage may be blocked or full: then the
// choice holds until the page is closed.

import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { Ref } from 'vue';

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

const onUnlessOff = { read: (kept: string | null) => kept !== 'off', write: (on: boolean) => (on ? null : 'off') };
/** `word` is what is remembered where it is so. */
const offUnless = (word: string) => ({ read: (kept: string | null) => kept === word, write: (is: boolean) => (is ? word : null) });

const readLocale = (kept: string | null) => oneOf<Locale>(kept, ['en', 'zh-CN'], localeFor(navigator.languages));
const readTheme = (kept: string | null) => oneOf<Theme>(kept, ['system', 'light', 'dark'], 'system');
const readSendKey = (kept: string | null) => oneOf<SendKey>(kept, ['enter', 'mod_enter'], 'enter');
const readAwayAfter = (kept: string | null) => AWAY_AFTER.find((minutes) => String(minutes) === kept) ?? 15;

export const usePreferences = defineStore('preferences', () => {
  /** What reads a value anew, by what storage calls it. */
  const readers = new Map<string, () => void>();

  /** A value that is remembered, and read anew when another tab has changed it. */
  function kept<T>(name: string, { read, write }: { read: (kept: string | null) => T; write: (value: T) => string | null; }): Ref<T> {
    const value = shallowRef(read(recall(name)));
    watch(value, (next) => remember(name, write(next)));
    readers.set(keyOf(name), () => (value.value = read(recall(name))));
    return value;
  }

  const locale = kept('locale', { read: readLocale, write: (value) => value });
  const theme = kept('theme', { read: readTheme, write: (value) => value });
  const sound = kept('sound', onUnlessOff);
  const desktop = kept('desktop', offUnless('on'));
  /** Whether the tab says in its title and on its icon that something waits. */
  const title = kept('title', onUnlessOff);
  const icon = kept('icon', onUnlessOff);
  const sendKey = kept('send_key', { read: readSendKey, write: (value) => (value === 'enter' ? null : value) });
  /** The single keys can be turned off: who dictates or types with a switch needs them silent (WCAG 2.1.4). */
  const shortcuts = kept('shortcuts', onUnlessOff);
  /** After how many minutes without any input the agent is away; 0: never. */
  const awayAfter = kept('away_after', { read: readAwayAfter, write: (value) => (value === 15 ? null : String(value)) });
  /** Whether the offer of desktop notifications was put away. */
  const hintGone = kept('hint', offUnless('gone'));
  /** Whether the first steps were put away, or are all done. */
  const startGone = kept('start', offUnless('gone'));
  /** Whether the visitor's panel is open beside the conversation. */
  const details = kept('details', onUnlessOff);

  // The window that holds the sound is seldom the one in which it is turned off. A key of null: all was forgotten.
  window.addEventListener('storage', ({ key }) => {
    for (const [name, read] of readers) if (key === null || key === name) read();
  });

  return { locale, theme, sound, desktop, title, icon, sendKey, shortcuts, awayAfter, hintGone, startGone, details };
});
