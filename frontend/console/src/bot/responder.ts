// Who answers, as the form has it. Pure.

import type { Responder, ResponderDraft, Tried } from '../api/types';

/** As the form begins; a key is never shown. */
export function draftOf(responder: Responder | undefined): ResponderDraft {
  return { kind: responder?.kind ?? 'built_in', url: responder?.url ?? '', model: responder?.model ?? '', key: '' };
}

/** What is to be saved: nothing if it is as it was. A key that is not written anew stays for as long as its address does. */
export function changeOf({ kind, url, model, key }: ResponderDraft, old: Responder | undefined): { responder?: ResponderDraft; } {
  const isOld = kind === old?.kind && (kind === 'built_in' || url === old.url) && (kind !== 'model' || (model === old.model && !key));
  if (isOld) return {};
  if (kind === 'model') return { responder: { kind, url, model, ...(key ? { key } : {}) } };
  return { responder: kind === 'webhook' ? { kind, url } : { kind } };
}

/** Statuses that say more than that it was refused. */
const STATUSES: Record<number, string> = { 401: 'denied', 403: 'denied', 404: 'missing', 429: 'busy' };
const REASONS = new Set(['built_in', 'calls_per_day', 'hands_over', 'internal', 'key_unreadable', 'late', 'no_answer', 'not_as_agreed', 'nothing_found', 'rests', 'tokens_per_day', 'too_often', 'unreached', 'url_refused']);

/** What a try came to: by which name its sentence is known. What a newer Bellhop says is no riddle: that it works, or does not. */
export function triedName({ ok, status = 0, reason = '' }: Tried): string {
  if (reason === 'status') return STATUSES[status] ?? (status >= 500 ? 'down' : 'refused');
  if (REASONS.has(reason)) return reason;
  return ok ? 'ok' : 'failed';
}
