// A form that is mounted without a page, so that its fields can be written and what it sends be seen.

import type { Pinia } from 'pinia';
import { createRenderer, h, nextTick, ref, ssrContextKey } from 'vue';
import type { Component } from 'vue';
import { makeI18n } from '../src/i18n';
import { bot } from '../src/i18n/en/bot';

const node = () => ({});
const { createApp } = createRenderer<object, object>({
  createElement: node, createText: node, createComment: node, insert() {}, remove() {}, setText() {}, setElementText() {}, parentNode: () => null, nextSibling: () => null, patchProp() {},
});

/** What a form's set-up gives: its fields by their names, and what it does. */
export type Form = Record<string, any>;

/** A form on a page of its own, or with the props that it has now. */
export function mounted(component: Component, pinia: Pinia, props: () => object = () => ({})): Form {
  let form: Form = {};
  const { setup } = component as { setup: (props: unknown, context: unknown) => Form; };
  const bare = { ...component, setup: (given: unknown, context: unknown) => (form = setup(given, context)), render: () => null } as Component;
  const i18n = makeI18n('en');
  i18n.global.mergeLocaleMessage('en', bot);
  createApp({ render: () => h(bare, props()) }).provide(ssrContextKey, {}).use(pinia).use(i18n).mount({});
  return form;
}

/** A dialog that has been opened with these props. */
export async function opened(dialog: Component, pinia: Pinia, props: object): Promise<{ form: Form; isOpen: () => boolean; }> {
  const open = ref(false);
  const form = mounted(dialog, pinia, () => ({ ...props, open: open.value, 'onUpdate:open': (is: boolean) => (open.value = is) }));
  open.value = true;
  await nextTick();
  return { form, isOpen: () => open.value };
}
