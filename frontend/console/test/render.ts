// A component as a server would write it: enough to see what it says, without a browser.

import type { Pinia } from 'pinia';
import { createSSRApp, type Component } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { renderToString } from 'vue/server-renderer';
import { makeI18n } from '../src/i18n';
import { bot as en } from '../src/i18n/en/bot';
import { bot as zh } from '../src/i18n/zh/bot';
import type { Locale } from '../src/session/preferences';

const page = { render: () => null };

interface Looked {
  locale?: Locale;
  props?: object;
  /** The address that is looked at. */
  at?: string;
}

/** Its HTML. */
export async function rendered(component: Component, pinia: Pinia, { locale = 'en', props = {}, at = '/bot' }: Looked = {}): Promise<string> {
  const i18n = makeI18n(locale);
  i18n.global.mergeLocaleMessage('en', en);
  i18n.global.mergeLocaleMessage('zh-CN', zh);
  const router = createRouter({ history: createMemoryHistory(), routes: [{ name: 'bot', path: '/bot/:page?', component: page }] });
  await router.push(at);
  return renderToString(createSSRApp(component, { ...props }).use(pinia).use(i18n).use(router));
}

/** Its text, with one blank between the parts. */
export async function shown(component: Component, pinia: Pinia, looked: Looked = {}): Promise<string> {
  const html = await rendered(component, pinia, looked);
  return html.replace(/<!--.*?-->/gu, '').replace(/<[^>]*>/gu, ' ').replace(/\s+/gu, ' ').trim();
}

/** What a component's set-up gives. */
export async function within<T>(pinia: Pinia, use: () => T): Promise<T> {
  const made: T[] = [];
  await shown({ setup: () => (made.push(use()), () => null) }, pinia);
  return made[0] as T;
}
