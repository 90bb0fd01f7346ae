import { expect, it } from 'vitest';
import type { Responder, ResponderDraft } from '../src/api/types';
import { changeOf, draftOf } from '../src/bot/responder';

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
