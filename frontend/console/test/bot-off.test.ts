// A bot that is off is said to be off where it is trained, and is switched on from there.

import { createPinia, setActivePinia, type Pinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../src/api/problem';
import { bot, intent, model } from './bot-fixture';
import { shown, within } from './render';

const api = vi.hoisted(() => ({ get: vi.fn(), change: vi.fn() }));
vi.mock('../src/api/routes', () => ({ bot: api, intents: { list: vi.fn() }, faq: {}, session: {} }));
vi.mock('../src/bot/trainer', () => ({ openTrainer: vi.fn() }));
const { useBot } = await import('../src/bot/bot-store');
const { useSwitchOn } = await import('../src/bot/use-switch-on');
const { useToasts } = await import('../src/ui/toasts');
const { default: TrainCard } = await import('../src/bot/TrainCard.vue');
const { default: TrainNote } = await import('../src/bot/TrainNote.vue');

let pinia: Pinia;
beforeEach(() => {
  setActivePinia(pinia = createPinia());
  api.change.mockReset();
});

describe.each([['the card', TrainCard], ['the note', TrainNote]])('%s', (_, component) => {
  it.each([
    ['a bot that is off says so', { model: model(1), enabled: false }, true],
    ['one that is on does not', { model: model(1), enabled: true }, false],
    ['one that has learnt nothing is to learn first', { model: null, enabled: false }, false],
  ])('%s', async (__, given, wanted) => {
    const store = useBot();
    store.bot = bot(given);
    store.intents = [intent('hours')];
    const text = await shown(component, pinia);
    expect(text.includes('The bot is off: no visitor hears it. Switch it on')).toBe(wanted);
  });
});

it('says it in Chinese, too', async () => {
  useBot().bot = bot({ model: model(1) });
  expect(await shown(TrainNote, pinia, { locale: 'zh-CN' })).toContain('机器人处于关闭状态');
});

describe('switching it on', () => {
  it('changes nothing else, and is told', async () => {
    api.change.mockResolvedValue({ ...bot({ model: model(1), enabled: true }), live: true });
    const { switchOn, problem } = await within(pinia, useSwitchOn);
    await switchOn();
    expect(api.change).toHaveBeenCalledWith({ enabled: true });
    expect([useBot().bot?.enabled, problem.value, useToasts().toasts.length]).toEqual([true, null, 1]);
  });

  it('that fails is told, and it is off as before', async () => {
    useBot().bot = bot({ model: model(1) });
    api.change.mockRejectedValue(new Problem('network'));
    const { switchOn, problem } = await within(pinia, useSwitchOn);
    await switchOn();
    expect([useBot().bot?.enabled, problem.value?.code, useToasts().toasts.length]).toEqual([false, 'network', 0]);
  });
});
