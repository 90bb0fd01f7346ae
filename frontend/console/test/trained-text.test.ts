// What a training is said to have come to: no percentage of what nobody has written for this bot.

import { createPinia, setActivePinia, type Pinia } from 'pinia';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Judged } from '../src/bot/trainer';
import type { Lessons } from '../src/bot/training-store';
import { bot, intent, model } from './bot-fixture';
import { shown, within } from './render';

vi.mock('../src/api/routes', () => ({ bot: {}, intents: {}, faq: {}, session: {} }));
vi.mock('../src/bot/trainer', () => ({ openTrainer: vi.fn() }));
vi.mock('../src/bot/library', () => ({ wholeLibrary: vi.fn(), useLibraryCounts: () => () => 80 }));
const { useBot } = await import('../src/bot/bot-store');
const { useTrainedText } = await import('../src/bot/trained-text');
const { default: EvaluationCard } = await import('../src/bot/EvaluationCard.vue');

const said = (text: string, ...best: number[]): Judged => ({ intent: 0, text, best: best.map((which) => ({ intent: which, score: 0 })) });
/** Of the library's four examples one is understood; of the owner's three two are. */
const library = [said('a', 0), said('b', 1), said('c', 1), said('d', 1)];
const own = [said('x', 0), said('y', 0), said('z', 1)];
const lessons = (examples: string[], judged: Judged[]): Lessons => ({ hash: 'hash 2', intents: ['hours', 'other'], accuracy: 25, examples: 4, judged, thresholds: [], usual: 3, version: 2, taught: [intent('hours', { examples })] });

let pinia: Pinia;
beforeEach(() => void setActivePinia(pinia = createPinia()));

it.each([
  ['the library alone', true, lessons([], library), 'Version 2 is trained and in use.'],
  ['with the owner’s', true, lessons(['x', 'y', 'z'], [...library, ...own]), 'Version 2 is trained and in use. It understands 67 % of your own examples, each asked of a bot that had not seen it.'],
  ['a bot that is off', false, lessons(['x', 'y', 'z'], own), 'Version 2 is trained, but the bot is off: no visitor hears it yet.'],
])('%s', async (_, enabled, learned, wanted) => {
  useBot().bot = bot({ model: model(2), enabled });
  expect((await within(pinia, useTrainedText))(learned)).toBe(wanted);
});

it.each([[true, '25 % of the library’s own examples understood'], [false, '25 % understood']])('the page says whose examples these are: the library’s alone %s', async (libraryAlone, wanted) => {
  useBot().bot = bot({ model: model(2) });
  const learned = lessons([], library);
  expect(await shown(EvaluationCard, pinia, { props: { learned, judged: learned.judged, libraryAlone } })).toContain(wanted);
});
