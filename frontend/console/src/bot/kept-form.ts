// What an editor had in it when its agent's session ended: whoever signs in again finds it there when they open the same one. It lives
// with the other drafts, and ends with them. What differs in it from what it began with is begun, however that came about.

import type { Ref } from 'vue';
import { onScopeDispose } from 'vue';
import { useI18n } from 'vue-i18n';
import { useDrafts } from '../conversation/drafts';
import { useSession } from '../session/store';
import { useBegun } from '../ui/begun';
import { useToasts } from '../ui/toasts';

/**
 * Gives what the editor calls when its form stands as it begins: what was written from there on is put back. From anything else it is
 * not: somebody may have saved another version meanwhile, and would be written over unseen. `storable` leaves out what is no text.
 */
export function useKeptForm<T>(name: string, form: Ref<T>, storable = (is: T) => is): () => void {
  const { t } = useI18n();
  const drafts = useDrafts();
  const session = useSession();
  const toasts = useToasts();
  let start: string | undefined;
  let isBack = false;

  function begin(): void {
    start = JSON.stringify(form.value);
    const [from, kept] = JSON.parse(drafts.form(name) || '[]') as string[];
    if (from !== start || kept === undefined) return;
    drafts.setForm(name, '');
    isBack = true;
    form.value = JSON.parse(kept) as T;
    toasts.show(t('bot.taken_up'));
  }

  /** What would be kept; '' where nothing differs, or the form has not begun. */
  function written(): string {
    const now = JSON.stringify(storable(form.value));
    return start === undefined || now === start ? '' : now;
  }

  useBegun().hold(() => isBack || written() !== '');
  onScopeDispose(() => {
    if (session.me || session.endReason !== 'expired') return;
    const kept = written();
    if (kept) drafts.setForm(name, JSON.stringify([start, kept]));
  });

  return begin;
}
