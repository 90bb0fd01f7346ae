// The console's two languages. English gives the shape; a test holds Chinese to it, key for key.

import { createI18n } from 'vue-i18n';
import type { Locale } from '../session/preferences';
import { en } from './en';
import { zh } from './zh';

export type Messages = typeof en;

/** The translator, one for the whole app. */
export function makeI18n(locale: Locale) {
  return createI18n({
    legacy: false,
    locale,
    fallbackLocale: 'en',
    messages: { en, 'zh-CN': zh },
    missingWarn: import.meta.env.DEV,
    fallbackWarn: import.meta.env.DEV,
  });
}
