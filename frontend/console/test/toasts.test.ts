// Three messages are shown at most: what offers an action gives way last.

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useToasts } from '../src/ui/toasts';

beforeEach(() => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
});
afterEach(() => void vi.useRealTimers());

/** Those whose names are capital letters offer an action. */
function shown(names: string): string {
  const toasts = useToasts();
  for (const name of names) toasts.show(name, 'info', name === name.toUpperCase() ? { label: 'Open', run: () => {} } : null);
  return toasts.toasts.map(({ text }) => text).join('');
}

it.each([
  ['three stay', 'abC', 'abC'],
  ['the oldest goes', 'abcd', 'bcd'],
  ['what offers an action stays', 'Abcde', 'Ade'],
  ['in whatever order', 'aBcDe', 'BDe'],
  ['the last comes, and the oldest action goes where there is nothing else', 'ABCd', 'BCd'],
  ['what offers an action comes as well', 'ABcD', 'ABD'],
])('%s', (_, names, wanted) => expect(shown(names)).toBe(wanted));

it('a message goes by itself, and what offers an action stays until somebody has seen it', () => {
  shown('aB');
  vi.advanceTimersByTime(60_000);
  expect(useToasts().toasts.map(({ text }) => text)).toEqual(['B']);
});
