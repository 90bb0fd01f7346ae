// What the last trainings of this browser found about their examples, by the hash of the model that came of it: the same bytes were learnt
// from the same examples. So the slider shows what it does after a reload, too. It is a memory and no more: where storage is
// blocked, full or odd there is none, and training again gives it back.

import type { Lessons } from './training-store';

export type KeptLessons = Omit<Lessons, 'version'>;

const NAME = 'bellhop.console.bot';
const STORE = 'lessons';
/** One record holds them all, the newest first: the version in use, and those that one goes back to. */
const ALL = 'all';
const MOST = 3;

export async function keepLessons(lessons: KeptLessons): Promise<void> {
  await within('readwrite', (store, done) => {
    store.get(ALL).onsuccess = ({ target }) => {
      const others = listOf(target).filter(({ hash }) => hash !== lessons.hash);
      store.put([lessons, ...others].slice(0, MOST), ALL);
      done(null);
    };
  });
}

export async function lessonsOf(hash: string): Promise<KeptLessons | null> {
  return within('readonly', (store, done) => {
    store.get(ALL).onsuccess = ({ target }) => done(listOf(target).find((one) => one.hash === hash) ?? null);
  });
}

/** Examples are not for whoever comes after. */
export function forgetLessons(): void {
  try {
    indexedDB.deleteDatabase(NAME);
  } catch {
    // Nothing was kept.
  }
}

const listOf = (target: EventTarget | null) => ((target as IDBRequest<KeptLessons[] | undefined> | null)?.result ?? []);

/** Null as well where anything fails. */
function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore, done: (value: T | null) => void) => void): Promise<T | null> {
  return new Promise((resolve) => {
    const fail = () => resolve(null);
    try {
      const opening = indexedDB.open(NAME, 1);
      opening.onupgradeneeded = () => void opening.result.createObjectStore(STORE);
      opening.onerror = fail;
      opening.onblocked = fail;
      opening.onsuccess = () => {
        const database = opening.result;
        // Another window may forget it all.
        database.onversionchange = () => database.close();
        try {
          const transaction = database.transaction(STORE, mode);
          let found: T | null = null;
          work(transaction.objectStore(STORE), (value) => (found = value));
          transaction.oncomplete = () => {
            database.close();
            resolve(found);
          };
          transaction.onabort = () => {
            database.close();
            fail();
          };
        } catch {
          database.close();
          fail();
        }
      };
    } catch {
      fail();
    }
  });
}
