import { expect, it } from 'vitest';
import type { Responder, ResponderDraft, Tried } from '../src/api/types';
import { changeOf, draftOf, triedName } from '../src/bot/responder';
import { bot as en } from '../src/i18n/en/bot';
import { bot as zh } from '../src/i18n/zh/bot';

const builtIn: Responder = { kind: 'built_in', key_set: false };
const own: Responder = { kind: 'webhook', url: 'https://shop.example/bot', key_set: false };
const model: Responder = { kind: 'model', url: 'https://models.example/v1', model: 'm', key_set: true };

it.each([undefined, builtIn, own, model])('what was not touched is not saved: %j', (responder) => {
  expect(changeOf(draftOf(responder), responder ?? builtIn)).toEqual({});
});

it.each<[ResponderDraft, Responder, ResponderDraft]>([
  [{ kind: 'webhook', url: 'https://a.example/' }, builtIn, { kind: 'webhook', url: 'https://a.example/' }],
  [{ kind: 'webhook', url: 'https://b.example/' }, own, { kind: 'webhook', url: 'https://b.example/' }],
  [{ kind: 'webhook', url: '' }, own, { kind: 'webhook', url: '' }],
  [{ kind: 'built_in', url: 'https://shop.example/bot' }, own, { kind: 'built_in' }],
  [{ kind: 'built_in', url: '' }, model, { kind: 'built_in' }],
  [{ kind: 'model', url: 'https://models.example/v1', model: 'n', key: '' }, model, { kind: 'model', url: 'https://models.example/v1', model: 'n' }],
  [{ kind: 'model', url: 'https://models.example/v1', model: 'm', key: 'k' }, model, { kind: 'model', url: 'https://models.example/v1', model: 'm', key: 'k' }],
  [{ kind: 'model', url: 'https://other.example/v1', model: 'm', key: '' }, model, { kind: 'model', url: 'https://other.example/v1', model: 'm' }],
])('another one is saved whole: %j', (draft, old, saved) => {
  expect(changeOf(draft, old)).toEqual({ responder: saved });
});

it.each<[Omit<Tried, 'took_ms'>, string]>([
  [{ ok: true, status: 200, text: 'Hi.' }, 'ok'],
  [{ ok: true, status: 200, reason: 'nothing_found', text: 'NONE' }, 'nothing_found'],
  [{ ok: true, status: 200, reason: 'of_tomorrow' }, 'ok'],
  [{ ok: false, reason: 'of_tomorrow' }, 'failed'],
  [{ ok: false }, 'failed'],
  [{ ok: false, status: 401, reason: 'status', text: 'no such key' }, 'denied'],
  [{ ok: false, status: 403, reason: 'status' }, 'denied'],
  [{ ok: false, status: 404, reason: 'status' }, 'missing'],
  [{ ok: false, status: 429, reason: 'status' }, 'busy'],
  [{ ok: false, status: 400, reason: 'status' }, 'refused'],
  [{ ok: false, status: 302, reason: 'status' }, 'refused'],
  [{ ok: false, status: 503, reason: 'status' }, 'down'],
  [{ ok: false, status: 200, reason: 'not_as_agreed' }, 'not_as_agreed'],
  [{ ok: false, reason: 'rests' }, 'rests'],
  [{ ok: false, reason: 'calls_per_day' }, 'calls_per_day'],
  [{ ok: false, reason: 'tokens_per_day' }, 'tokens_per_day'],
])('a try has a sentence: %j', (tried, name) => {
  expect(triedName({ ...tried, took_ms: 1 })).toBe(name);
  for (const { bot } of [en, zh]) expect(bot.tried).toHaveProperty(name);
});
