// Who answers, as the form has it. Pure.

import type { Responder, ResponderDraft } from '../api/types';

/** As the form begins. */
export function draftOf(responder: Responder | undefined): ResponderDraft {
  return { kind: responder?.kind ?? 'built_in', url: responder?.url ?? '' };
}

/** What is to be saved: nothing if it is as it was, so that what the form does not show of it stays. */
export function changeOf({ kind, url }: ResponderDraft, old: Responder | undefined): { responder?: ResponderDraft; } {
  const isCalled = kind !== 'built_in';
  if (kind === old?.kind && (!isCalled || url === old.url)) return {};
  return { responder: isCalled ? { kind, url } : { kind } };
}
