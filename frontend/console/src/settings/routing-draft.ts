// The routing settings while they are being changed: fields hold what was typed, and say what is wrong with it. What a
// server of before does not know is neither shown nor sent.

import type { Routing, RoutingMethod } from '../api/types';

/** What the server takes, from and to. */
export const RANGES = {
  capacity: [1, 100],
  ring_seconds: [5, 300],
  gone_minutes: [0, 1440],
  overflow_minutes: [0, 1440],
  reopen_hours: [0, 720],
  last_agent_days: [0, 365],
  ageing_minutes: [0, 1440],
  reserved_slots: [0, 100],
  idle_minutes: [0, 43_200],
  idle_warning_minutes: [0, 60],
  form_minutes: [0, 1440],
  follow_up_seconds: [0, 3600],
  load: [0, 100],
  idle: [0, 100],
  language: [0, 100],
  skill: [0, 100],
  distance: [0, 100],
} as const;

export type NumberField = keyof typeof RANGES;

/** In the page's order. Weights count where they are used. */
export const WEIGHTS = ['load', 'idle', 'language', 'skill', 'distance'] as const satisfies NumberField[];
/** These count where conversations are given to agents, and nowhere else. */
export const LIMITS = ['capacity', 'ring_seconds', 'overflow_minutes', 'last_agent_days'] as const satisfies NumberField[];
/** These always, however conversations come to agents. */
export const WAITING = ['form_minutes', 'follow_up_seconds', 'gone_minutes', 'reopen_hours'] as const satisfies NumberField[];
/** What is done for visitors who come before others. */
export const LEVELS = ['ageing_minutes', 'reserved_slots'] as const satisfies NumberField[];
export const SILENCE = ['idle_minutes', 'idle_warning_minutes'] as const satisfies NumberField[];
const ALWAYS = [...LIMITS, ...WAITING, ...LEVELS, ...SILENCE];

/** A field that is absent is one that the server does not know. */
export type RoutingDraft = { method: RoutingMethod; } & { [field in NumberField]?: string };

/** The fields for settings as they stand. */
export function draftOf({ method, weights, ...limits }: Routing): RoutingDraft {
  const numbers: Partial<Record<NumberField, number>> = { ...weights, ...limits };
  const known = [...WEIGHTS, ...ALWAYS].filter((field) => numbers[field] !== undefined);
  return { method, ...Object.fromEntries(known.map((field) => [field, String(numbers[field])])) };
}

/** Of some fields those that the draft has. */
export function known<F extends NumberField>(draft: RoutingDraft, fields: readonly F[]): F[] {
  return fields.filter((field) => draft[field] !== undefined);
}

/** No whole number of its range. */
export function isOutside(field: NumberField, given: string | undefined): boolean {
  const [from, to] = RANGES[field];
  const text = (given ?? '').trim();
  return !/^\d+$/u.test(text) || Number(text) < from || Number(text) > to;
}

function isWrong(draft: RoutingDraft, field: NumberField): boolean {
  if (isOutside(field, draft[field])) return true;
  // A warning comes before what it warns of.
  const end = Number(draft.idle_minutes);
  return field === 'idle_warning_minutes' && end > 0 && Number(draft[field]) >= end;
}

/** The fields that are wrong, in the page's order. The weights may not all be nothing. */
export function wrongFields(draft: RoutingDraft): NumberField[] {
  const weights = draft.method === 'best_match' ? known(draft, WEIGHTS) : [];
  const wrong = [...weights, ...known(draft, ALWAYS)].filter((field) => isWrong(draft, field));
  const isNothing = weights.length > 0 && weights.every((field) => Number(draft[field]) === 0);
  return wrong.length === 0 && isNothing ? weights : wrong;
}

/**
 * What is sent: what is other than `before`, of a draft without a wrong field. Weights say something only together, so they are
 * sent whole; where they are not used they stay as they are.
 */
export function changeOf(draft: RoutingDraft, before: RoutingDraft): Partial<Routing> {
  const numbers = (fields: readonly NumberField[]) => Object.fromEntries(fields.map((field) => [field, Number(draft[field])]));
  const others = (fields: readonly NumberField[]) => known(draft, fields).filter((field) => Number(draft[field]) !== Number(before[field]));
  return {
    ...(draft.method !== before.method ? { method: draft.method } : {}),
    ...numbers(others(ALWAYS)),
    ...(draft.method === 'best_match' && others(WEIGHTS).length ? { weights: numbers(known(draft, WEIGHTS)) as Routing['weights'] } : {}),
  };
}
