// Of a list that a form changes, and of hours, the server is told which one the change began from. Where a colleague has saved another one meanwhile, theirs
// is shown beside the field, what was written stays, and saving once more decides for it.

import { computed, shallowRef } from 'vue';
import type { ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { asProblem } from '../api/problem';
import type { Hours } from '../api/types';
import { isolated } from '../i18n/isolate';
import { isNothing } from './changes';

type Lists = Record<string, unknown>;

export interface BegunLists {
  /** Sends changes of what was opened; `ask` fetches what stands now. */
  send: <T extends object, R>(changes: Partial<T>, opened: NoInfer<T>, put: (body: Partial<T>) => Promise<R>, ask: () => Promise<NoInfer<Partial<T>> | undefined>) => Promise<R>;
  /** What stands in a field, if the last try was refused because of it; else ''. */
  theirsIn: (field: string, nameOf?: (one: string) => string) => string;
  /** The hours that stand, if the last try was refused because of them. */
  theirHours: ComputedRef<{ hours: Hours | null; } | null>;
  forget: () => void;
}

export function useBegunLists(): BegunLists {
  const { t, locale } = useI18n();
  const theirs = shallowRef<{ field: string; list: string[] | Hours | null; } | null>(null);
  let opening = 0;

  async function send<T extends object, R>(changes: Partial<T>, opened: T, put: (body: Partial<T>) => Promise<R>, ask: () => Promise<Partial<T> | undefined>): Promise<R> {
    const mine = opening;
    theirs.value = null;
    const lists = Object.entries(opened).filter(([field, is]) => field in changes && (field === 'hours' || Array.isArray(is)));
    const begun = Object.fromEntries(lists.map(([field, is]) => [`${field}_before`, is]));
    try {
      return await put({ ...changes, ...begun });
    } catch (error) {
      if (isNothing(begun)) throw error;
      const { code, field } = asProblem(error);
      // A server of before does not know these fields.
      if (code === 'bad_request' && (!field || field in begun)) return put(changes);
      const list = code === 'conflict' && lists.some(([name]) => name === field) ? ((await ask()) as Lists | undefined)?.[field] : undefined;
      if (field === 'hours' ? list === undefined : !Array.isArray(list)) throw error;
      (opened as Lists)[field] = list;
      // What stands is what was sent: the answer to a former try was lost.
      if (JSON.stringify((changes as Lists)[field]) === JSON.stringify(list)) return send(changes, opened, put, ask);
      if (mine === opening) theirs.value = { field, list: list as string[] | Hours | null };
      throw error;
    }
  }

  function theirsIn(field: string, nameOf = (one: string) => one): string {
    const list = theirs.value?.field === field ? theirs.value.list : null;
    if (!Array.isArray(list)) return '';
    const names = list.map((one) => isolated(nameOf(one)));
    return names.length ? t('settings.list_changed', { list: new Intl.ListFormat(locale.value).format(names) }) : t('settings.list_emptied');
  }

  const theirHours = computed(() => (theirs.value?.field === 'hours' ? { hours: theirs.value.list as Hours | null } : null));

  /** What an opening of before still waits for is not shown any more. */
  function forget() {
    opening++;
    theirs.value = null;
  }

  return { send, theirsIn, theirHours, forget };
}
