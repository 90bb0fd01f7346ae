// The console's single keys. They are silent while a field has the focus, a dialog is open, a modifier is held, or the
// agent has turned them off.

import { onScopeDispose } from 'vue';
import { usePreferences } from '../session/preferences';

export type ShortcutName = 'next' | 'previous' | 'reply' | 'note' | 'resolve' | 'take' | 'accept' | 'decline' | 'search' | 'help';

const KEYS: Record<string, ShortcutName> = {
  j: 'next',
  k: 'previous',
  r: 'reply',
  n: 'note',
  e: 'resolve',
  t: 'take',
  a: 'accept',
  d: 'decline',
  '/': 'search',
  '?': 'help',
};

/** How the keys are written in the list of shortcuts. */
export const SHORTCUT_KEYS: { name: ShortcutName; keys: string[]; }[] = [
  { name: 'next', keys: ['J', '↓'] },
  { name: 'previous', keys: ['K', '↑'] },
  { name: 'reply', keys: ['R'] },
  { name: 'note', keys: ['N'] },
  { name: 'take', keys: ['T'] },
  { name: 'accept', keys: ['A'] },
  { name: 'decline', keys: ['D'] },
  { name: 'resolve', keys: ['E'] },
  { name: 'search', keys: ['/'] },
  { name: 'help', keys: ['?'] },
];

interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing: boolean;
  defaultPrevented: boolean;
}

/** The shortcut of a key press, if it is one. */
export function shortcutOf(press: KeyPress, isTyping: boolean): ShortcutName | undefined {
  if (isTyping || press.isComposing || press.defaultPrevented) return undefined;
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
  return KEYS[press.key.length === 1 ? press.key.toLowerCase() : press.key];
}

/** Which of the bot's suggestions a key press means, 0: none; with Shift or without. By the place of the key: with Alt some keyboards write something else. The pad's keys are not meant: with Alt they write é as 0233. */
export function suggestionOf({ code, ctrlKey, metaKey, altKey, isComposing }: Pick<KeyboardEvent, 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'isComposing'>): number {
  const number = altKey && !ctrlKey && !metaKey && !isComposing ? /^Digit([1-3])$/u.exec(code)?.[1] : undefined;
  return Number(number ?? 0);
}

/** What goes on while its key is held; everything else is done once for each press. */
const goesOn = (name: ShortcutName) => name === 'next' || name === 'previous';

/** Whether the keys belong to what has the focus, or to a dialog or menu above the page. */
function takesText(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]')) return true;
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}

/** Runs the handlers while the component lives. */
export function useShortcuts(handlers: Partial<Record<ShortcutName, () => void>>): void {
  const preferences = usePreferences();
  const onKeydown = (event: KeyboardEvent) => {
    if (!preferences.shortcuts) return;
    const name = shortcutOf(event, takesText(event.target));
    const handler = name && handlers[name];
    if (!handler) return;
    event.preventDefault();
    if (!event.repeat || goesOn(name)) handler();
  };
  window.addEventListener('keydown', onKeydown);
  onScopeDispose(() => window.removeEventListener('keydown', onKeydown));
}
