// What stands about a reply or a note that is being written: its name, what to write, and what becomes of it.
import { computed } from 'vue';
import type { Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { Status } from '../../../shared/wire/types';
import { isolated } from '../i18n/isolate';
import type { DraftKind } from './drafts';
import type { Facts } from './use-conversation';

/** A hint has two lines on a phone; the rest of a longer name would stand under the foot. */
const HINT_NAME = 28;

export function useComposerWords({ state, mine, blocked, muted, resolved, visitorName }: Facts, kind: Ref<DraftKind>) {
  const { t } = useI18n();
  const ask = (name: string) => (kind.value === 'note' ? t('conversation.write_note') : t('conversation.write_reply', { name: isolated(name) }));
  const label = computed(() => ask(visitorName.value));
  const placeholder = computed(() => {
    const letters = [...visitorName.value];
    return ask(letters.length > HINT_NAME ? `${letters.slice(0, HINT_NAME - 1).join('').trimEnd()}…` : visitorName.value);
  });
  const hint = computed(() => {
    if (kind.value === 'note') return '';
    if (blocked.value) return t('conversation.visitor_blocked');
    if (muted.value) return t('conversation.muted_hint');
    if (resolved.value) return t('conversation.resolved_hint');
    if (state.value.status === Status.PENDING) return t('conversation.takes_from_bot');
    if (state.value.assigneeId === '') return t('conversation.claims');
    return mine.value ? '' : t('conversation.not_yours', { name: isolated(state.value.assigneeName) });
  });
  return { label, placeholder, hint };
}
