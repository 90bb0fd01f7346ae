// The starter library as the console's build lays it out: an index, and a file for each intent. Fetched once, when needed.

import { ref } from 'vue';
import { Problem } from '../api/problem';
import type { Words } from '../api/types';

export interface LibraryEntry {
  id: string;
  title: Words;
  /** A draft. */
  answer: Words;
  /** There where a person has to see to it. */
  does?: 'handoff';
  siblings: string[];
  counts: { en: number; zh: number; };
}

export interface LibraryIntent extends Omit<LibraryEntry, 'counts'> {
  examples: { en: string[]; zh: string[]; };
}

const ROOT = `${import.meta.env.BASE_URL}library/`;
const files = new Map<string, Promise<unknown>>();

/** What failed is asked for anew the next time. */
function file<T>(name: string): Promise<T> {
  const found = files.get(name) ?? read(name).catch((error: unknown) => {
    files.delete(name);
    throw error;
  });
  files.set(name, found);
  return found as Promise<T>;
}

async function read(name: string): Promise<unknown> {
  try {
    const response = await fetch(`${ROOT}${name}.json`);
    if (response.ok) return await response.json();
  } catch {
    // Told below.
  }
  throw new Problem('network');
}

export const libraryIndex = () => file<LibraryEntry[]>('index');
const libraryIntent = (id: string) => file<LibraryIntent>(id);

/** All of it, with the examples. */
export async function wholeLibrary(): Promise<LibraryIntent[]> {
  const index = await libraryIndex();
  return Promise.all(index.map(({ id }) => libraryIntent(id)));
}

/** How many examples the library has for an intent; 0 until that is known, and where there are none. */
export function useLibraryCounts(): (id: string) => number {
  const counts = ref(new Map<string, number>());
  // Without it the page is as good: the numbers are a hint.
  libraryIndex().then((index) => {
    counts.value = new Map(index.map(({ id, counts: { en, zh } }) => [id, en + zh]));
  }, () => {});
  return (id) => counts.value.get(id) ?? 0;
}
