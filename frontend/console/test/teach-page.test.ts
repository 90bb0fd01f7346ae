// What is written after its dialog was closed settles its question, whatever the page does meanwhile.

import { createPinia, setActivePinia, type Pinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../src/api/problem';
import type { OpenQuestion } from '../src/api/types';
import type { Before } from '../src/bot/teach-store';
import { mounted } from './form';

const question = (text: string, turn: string) => ({ texts: [text], count: 1, newest: '', near: [], turns: [turn], unhelpful: 0, answers: [] }) as OpenQuestion;
const parking = question('is there parking', 'cnv_d.2');
const sundays = question('and on sundays', 'cnv_e.2');

/** Each settling is answered by hand. */
interface Settling { turns: string[]; answer: (settled: { settled: number; }) => void; refuse: (error: unknown) => void; }
const settling = vi.hoisted(() => [] as Settling[]);
vi.mock('vue-i18n', async (original) => ({ ...(await original<object>()), useI18n: () => ({ t: (key: string) => key, locale: { value: 'en' } }) }));
vi.mock('../src/api/routes', () => ({
  bot: {
    get: async () => ({}),
    questions: async () => ({ questions: [parking, sundays] }),
    settle: (turns: string[]) => new Promise((answer, refuse) => settling.push({ turns, answer, refuse })),
  },
  intents: { list: async () => ({ intents: [] }) },
  session: {},
}));
const { default: TeachPage } = await import('../src/bot/TeachPage.vue');
const { useTeach } = await import('../src/bot/teach-store');
const { useToasts } = await import('../src/ui/toasts');

let pinia: Pinia;

const settled = () => new Promise((done) => setTimeout(done));
const open = () => useTeach().questions.map(({ texts: [text] }) => text);

beforeEach(() => {
  settling.length = 0;
  vi.stubGlobal('document', { querySelector: () => null, activeElement: null });
  setActivePinia((pinia = createPinia()));
});

/** The page, where an answer to the first question was written after its dialog was closed, while the second is being dismissed. */
async function late() {
  const page = mounted(TeachPage, pinia);
  await settled();
  page.toFaq(useTeach().questions[0]);
  const written = await (page.by('faq') as Before)();
  void page.dismiss(useTeach().questions[1]);
  await settled();
  written('faq_1');
  await settled();
  return page;
}

describe('a question that was answered while another is dealt with', () => {
  it('is settled, and so is the other', async () => {
    const page = await late();
    expect([settling.map(({ turns }) => turns[0]), page.busy.value]).toEqual([['cnv_e.2', 'cnv_d.2'], true]);
    settling[1]!.answer({ settled: 1 });
    await settled();
    expect([open(), page.busy.value]).toEqual([['and on sundays'], true]);
    settling[0]!.answer({ settled: 1 });
    await settled();
    expect([open(), page.busy.value, page.problem.value]).toEqual([[], false, null]);
  });

  it('stays where it can’t be settled, which is said', async () => {
    const page = await late();
    settling[1]!.refuse(new Problem('network'));
    settling[0]!.answer({ settled: 1 });
    await settled();
    expect([open(), page.problem.value?.code]).toEqual([['is there parking'], 'network']);
  });

  it('is said to be a colleague’s where they were faster', async () => {
    await late();
    settling[1]!.answer({ settled: 0 });
    await settled();
    expect(useToasts().toasts.map(({ text }) => text)).toEqual(['bot.teach_overtaken']);
  });
});
