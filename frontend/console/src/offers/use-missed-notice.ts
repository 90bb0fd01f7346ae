// An agent whom the Desk has set to away is told why, until they have read it or are back.

import { onScopeDispose, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { Availability } from '../../../shared/wire/types';
import { useDesk } from '../live/desk-store';
import { useToasts } from '../ui/toasts';

export function useMissedNotice(): void {
  const { t } = useI18n();
  const desk = useDesk();
  const toasts = useToasts();
  let shown = 0;

  const stop = watch(
    () => desk.missed,
    (is) => {
      toasts.dismiss(shown);
      if (!is) return;
      const comeBack = () => desk.setAvailability(Availability.ONLINE);
      shown = toasts.show(t('offers.missed'), 'info', { label: t('offers.come_back'), run: comeBack });
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    stop();
    toasts.dismiss(shown);
  });
}
