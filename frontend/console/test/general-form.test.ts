import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it, vi } from 'vitest';
import { effectScope, nextTick } from 'vue';
import type { Bot } from '../src/api/types';
import { useBegun } from '../src/ui/begun';
import { bot, intent, model } from './bot-fixture';

const api = vi.hoisted(() => ({ get: vi.fn() }));
const intents = vi.hoisted(() => ({ list: vi.fn() }));
vi.mock('../src/api/routes', () => ({ bot: api, intents, session: {} }));
const { useBot } = await import('../src/bot/bot-store');
const { changedCeilings, changedSwitch, useGeneralForm } = await import('../src/bot/general-form');

beforeEach(() => {
  setActivePinia(createPinia());
  intents.list.mockResolvedValue({ intents: [] });
});

/** The form with an address and a key that are being written, once what is saved has come. */
async function written(given: Partial<Bot> = {}) {
  api.get.mockImplementation(() => Promise.resolve(bot(given)));
  await useBot().load();
  const form = effectScope().run(useGeneralForm)!;
  form.enabled.value = true;
  form.team.value = 'team_1';
  form.responder.value = { kind: 'model', url: 'https://models.example/v1', model: 'm', key: 'secret' };
  return form;
}
const fields = ({ enabled, team, responder }: ReturnType<typeof useGeneralForm>) => [enabled.value, team.value, responder.value.url, responder.value.key];

it('what is written stays when the bot is loaded again, as after a training', async () => {
  const form = await written();
  await useBot().load();
  await nextTick();
  expect(fields(form)).toEqual([true, 'team_1', 'https://models.example/v1', 'secret']);
  api.get.mockResolvedValue(bot({ model: model(2), changed: false }));
  useBot().put(intent('hours'));
  await vi.waitFor(() => expect(useBot().bot?.model?.version).toBe(2));
  await nextTick();
  expect(fields(form)).toEqual([true, 'team_1', 'https://models.example/v1', 'secret']);
});

it.each<[string, Partial<Bot>, unknown[]]>([
  ['the switch', { enabled: true, handoff_team: null }, [true, 'team_1', 'https://models.example/v1', 'secret']],
  ['the team', { handoff_team: 'team_2' }, [true, 'team_2', 'https://models.example/v1', 'secret']],
  ['who answers', { responder: { kind: 'webhook', url: 'https://shop.example/bot', key_set: false } }, [true, 'team_1', 'https://shop.example/bot', '']],
])('%s is taken over if somebody has saved another, and nothing else', async (_, saved, wanted) => {
  const form = await written();
  api.get.mockResolvedValue(bot(saved));
  await useBot().load();
  await nextTick();
  expect(fields(form)).toEqual(wanted);
});

it('a key that was saved is gone from it, and one that is saved begins it', async () => {
  const form = await written();
  const saved = bot({ enabled: true, responder: { kind: 'model', url: 'https://models.example/v1', model: 'm', key_set: true } });
  expect(useBegun().any()).toBe(true);
  await form.saving(() => Promise.resolve(saved));
  expect(useBegun().any()).toBe(false);
  expect([form.responder.value.url, form.responder.value.key]).toEqual(['https://models.example/v1', '']);
  // It was saved anew, and is shown no longer, though nothing else has changed.
  form.responder.value.key = 'another';
  await form.saving(() => Promise.resolve({ ...saved, responder: { ...saved.responder } }));
  expect(form.responder.value.key).toBe('');
  const { responder } = effectScope().run(useGeneralForm)!;
  expect(responder.value).toEqual({ kind: 'model', url: 'https://models.example/v1', model: 'm', key: '' });
});

it('what is written while it is saved stays, and the rest is as it was saved', async () => {
  const form = await written();
  let answer: (is: Bot) => void = () => {};
  const done = form.saving(() => new Promise((resolve) => (answer = resolve)));
  form.responder.value.model = 'm, and more';
  form.team.value = 'team_3';
  form.ceilings.value.calls_per_day = 7;
  answer(bot({ enabled: true, handoff_team: 'team_1', responder: { kind: 'model', url: 'https://models.example/v1', model: 'm', key_set: true } }));
  await done;
  await nextTick();
  expect(fields(form)).toEqual([true, 'team_3', 'https://models.example/v1', '']);
  expect([form.responder.value.model, form.ceilings.value.calls_per_day]).toEqual(['m, and more', 7]);
  // From then on it is a form as before.
  api.get.mockResolvedValue(bot({ handoff_team: 'team_4' }));
  await useBot().load();
  await nextTick();
  expect(form.team.value).toBe('team_4');
});

it('what was written is kept where it could not be saved', async () => {
  const form = await written();
  await expect(form.saving(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(fields(form)).toEqual([true, 'team_1', 'https://models.example/v1', 'secret']);
});

it('of the ceilings those are saved that are another number', async () => {
  const form = await written();
  const old = bot().ceilings;
  expect(form.ceilings.value).toEqual(old);
  expect(changedCeilings(form.ceilings.value, old)).toEqual({});
  form.ceilings.value.tokens_per_day = 200_000;
  form.ceilings.value.calls_per_day = '';
  expect(changedCeilings(form.ceilings.value, old)).toEqual({ ceilings: { tokens_per_day: 200_000 } });
});

it.each<[string, [boolean, string, Partial<Bot>], object]>([
  ['nothing', [false, '', { enabled: false, handoff_team: null }], {}],
  ['the switch', [true, 'team_1', { enabled: false, handoff_team: 'team_1' }], { enabled: true }],
  ['the team', [true, '', { enabled: true, handoff_team: 'team_1' }], { handoff_team: null }],
])('what is sent of the switch and the team: %s', (_, [enabled, team, old], wanted) => {
  expect(changedSwitch(enabled, team, bot(old))).toEqual(wanted);
});
