// Calls an agent while something rings at them: the sound again and again, and one notification for each.

import { onScopeDispose } from 'vue';
import { useI18n } from 'vue-i18n';
import { isolated } from '../i18n/isolate';
import { useOfferChanges } from '../offers/use-offers';
import type { Offers } from '../offers/use-offers';
import { usePreferences } from '../session/preferences';
import { isLooking, notifyDesktop } from './desktop';

const AGAIN_MS = 5_000;

export function useRinging(offers: Offers, ring: () => void): void {
  const { t } = useI18n();
  const preferences = usePreferences();
  /** What takes the notification of an offer away. */
  const notices = new Map<string, () => void>();
  let timer: ReturnType<typeof setInterval> | undefined;

  useOfferChanges(offers, (come, gone) => {
    for (const key of gone) put(key);
    if (offers.list.value.length === 0) clearInterval(timer);
    if (come.length === 0) return;
    ring();
    clearInterval(timer);
    timer = setInterval(ring, AGAIN_MS);
    if (isLooking() || !preferences.desktop) return;
    for (const { key, visitorName, preview } of come) {
      const title = t('offers.notice', { name: isolated(visitorName) });
      notices.set(key, notifyDesktop(title, preview.slice(0, 200), `ring.${key}`, () => {}));
    }
  });

  /** Puts a notification away. */
  function put(key: string): void {
    notices.get(key)?.();
    notices.delete(key);
  }

  onScopeDispose(() => {
    clearInterval(timer);
    for (const key of [...notices.keys()]) put(key);
  });
}
