// Of a list that a form changes the server is told which one the change began from. Where a colleague has saved another one meanwhile, theirs
// is shown beside the field, what was written stays, and saving once more decides for it.

import { shallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { asProblem } from '../api/problem';
import { isolated } from '../i18n/isolate';
import { isNothing } from './changes';

type Lists = Record<string, unknown>;

export interface BegunLists {
  /** Sends changes of what was opened; `ask` fetches what stands now. */
  send: <T extends object, R>(changes: Partial<T>, opened: NoInfer<T>, put: (body: Partial<T>) => Promise<R>, ask: () => Promise<NoInfer<Partial<T>> | undefined>) => Promise<R>;
  /** What stands in a field, if the last try was refused because of it; else ''. */
  theirsIn: (field: string, nameOf?: (one: string) => string) => string;
  forget: () => void;
}

export function useBegunLists(): BegunLists {
  const { t, locale } = useI18n();
  const theirs = shallowRef<{ field: string; list: string[]; } | null>(null);
  let opening = 0;

  async function send<T extends object, R>(changes: Partial<T>, opened: T, put: (body: Partial<T>) => Promise<R>, ask: () => Promise<Partial<T> | undefined>): Promise<R> {
    const mine = opening;
    theirs.value = null;
    const lists = Object.entries(opened).filter(([field, is]) => field in changes && Array.isArray(is));
    const begun = Object.fromEntries(lists.map(([field, is]) => [`${field}_before`, is]));
    try {
      return await put({ ...changes, ...begun });
    } catch (error) {
      if (isNothing(begun)) throw error;
      const { code, field } = asProblem(error);
      // A server of before does not know these fields.
      if (code === 'bad_request' && !field) return put(changes);
      const list = code === 'conflict' && lists.some(([name]) => name === field) ? ((await ask()) as Lists | undefined)?.[field] : undefined;
      if (!Array.isArray(list)) throw error;
      (opened as Lists)[field] = list;
      // What stands is what was sent: the answer to a former try was lost.
      if (JSON.stringify((changes as Lists)[field]) === JSON.stringify(list)) return send(changes, opened, put, ask);
      if (mine === opening) theirs.value = { field, list };
      throw error;
    }
  }

  function theirsIn(field: string, nameOf = (one: string) => one): string {
    if (theirs.value?.field !== field) return '';
    const names = theirs.value.list.map((one) => isolated(nameOf(one)));
    return names.length ? t('settings.list_changed', { list: new Intl.ListFormat(locale.value).format(names) }) : t('settings.list_emptied');
  }

  /** What an opening of before still waits for is not shown any more. */
  function forget() {
    opening++;
    theirs.value = null;
  }

  return { send, theirsIn, forget };
}
