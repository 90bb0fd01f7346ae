// Says that something is saved, and whether routing goes by it yet.

import { useI18n } from 'vue-i18n';
import { useToasts } from '../ui/toasts';

/** Shows the sentence, or that it takes effect later. An older server does not say: then it does. */
export function useSavedNotice(): (text: string, live: boolean | undefined) => void {
  const { t } = useI18n();
  const toasts = useToasts();
  return (text, live) => void toasts.show(live === false ? t('settings.routing_late') : text);
}
