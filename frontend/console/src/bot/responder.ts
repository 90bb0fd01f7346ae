// Who answers, as the form has it. Pure.

import type { Responder, ResponderDraft } from '../api/types';

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
