// What the tests of the bot's pages begin from.

import type { Bot, BotModel, Intent } from '../src/api/types';

export const model = (version: number, given: Partial<BotModel> = {}): BotModel => ({ version, hash: `hash ${version}`, intents: 1, examples: 2, accuracy: 91.2, hold_back: 3, trained_at: '2026-11-27T10:00:00Z', trained_by: { id: 'a', name: 'A' }, current: true, ...given });

export const bot = (given: Partial<Bot> = {}): Bot => ({ enabled: false, hold_back: null, handoff_team: null, model: null, changed: true, responder: { kind: 'built_in', url: '', model: '', key_set: false }, ceilings: { calls_per_day: 2_000, tokens_per_day: 1_000_000, tokens_per_answer: 600, calls_per_conversation: 100 }, spent: { calls: 0, tokens: 0, reached: false }, ...given });

export const intent = (id: string, given: Partial<Intent> = {}): Intent => ({ id, title: { en: id, zh: '' }, answer: { en: '', zh: '' }, does: 'answer', buttons: [], examples: [], library: true, updated_at: '', ...given });
