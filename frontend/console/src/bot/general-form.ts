// What the page "On and off" has in its fields. What was saved elsewhere is taken over, field by field; what is written here stays
// however often the same is loaded again.

import { ref, watch } from 'vue';
import { useBot } from './bot-store';
import { draftOf } from './responder';

export function useGeneralForm() {
  const bot = useBot();
  const enabled = ref(false);
  const team = ref('');
  const responder = ref(draftOf(undefined));

  const reset = () => void (responder.value = draftOf(bot.bot?.responder));
  watch(() => bot.bot?.enabled ?? false, (is) => (enabled.value = is), { immediate: true });
  watch(() => bot.bot?.handoff_team ?? '', (is) => (team.value = is), { immediate: true });
  // A key that was saved changes nothing that is shown of it: whoever saves resets.
  watch(() => JSON.stringify(draftOf(bot.bot?.responder)), reset, { immediate: true });

  return { enabled, team, responder, reset };
}
