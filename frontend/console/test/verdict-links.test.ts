// An address in an answer can be pressed in the test chat, as in the widget (frontend/widget/test/links.test.ts).

import { createPinia, setActivePinia } from 'pinia';
import { expect, it, vi } from 'vitest';
import type { Verdict } from '../src/bot/trainer';
import { rendered } from './render';

vi.mock('../src/api/routes', () => ({ bot: {}, intents: {}, session: {} }));
const { default: TestVerdict } = await import('../src/bot/TestVerdict.vue');

it('is a link of its own, and what is written around it is text', async () => {
  const pinia = createPinia();
  setActivePinia(pinia);
  const verdict: Verdict = { band: 'answer', top: [], words: [], does: 'answer', text: 'Read [our rules](https://shop.example/rules) or ask help@shop.example.', choices: [], reason: '', form: null, faq: '', image: '' };
  const html = await rendered(TestVerdict, pinia, { props: { verdict, isChoice: false, isLast: true } });
  expect([...html.matchAll(/<a href="([^"]+)"[^>]*>([^<]+)<\/a>/gu)].map(([, href, text]) => [href, text])).toEqual([
    ['https://shop.example/rules', 'https://shop.example/rules'],
    ['mailto:help@shop.example', 'help@shop.example'],
  ]);
});
