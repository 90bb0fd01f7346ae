// The routing settings while they are being changed: fields hold what was typed, and say what is wrong with it.

import type { Routing, RoutingMethod } from '../api/types';

/** What the server takes, from and to. */
export const RANGES = { capacity: [1, 100], ring_seconds: [5, 300], gone_minutes: [0, 1440], load: [0, 100], idle: [0, 100] } as const;

export type NumberField = keyof typeof RANGES;

export interface RoutingDraft {
  method: RoutingMethod;
  capacity: string;
  ring_seconds: string;
  gone_minutes: string;
  load: string;
  idle: string;
}

/** The fields for settings as they stand. */
export function draftOf({ method, capacity, ring_seconds, gone_minutes, weights }: Routing): RoutingDraft {
  const { load, idle } = weights;
  return {
    method,
    capacity: String(capacity),
    ring_seconds: String(ring_seconds),
    gone_minutes: String(gone_minutes),
    load: String(load),
    idle: String(idle),
  };
}

/** The fields that hold no whole number of their range, in the page's order. Weights count where they are used; both may not be nothing. */
export function wrongFields(draft: RoutingDraft): NumberField[] {
  const weighs = draft.method === 'best_match';
  const limits: NumberField[] = ['capacity', 'ring_seconds', 'gone_minutes'];
  const fields: NumberField[] = weighs ? ['load', 'idle', ...limits] : limits;
  const wrong = fields.filter((field) => {
    const [from, to] = RANGES[field];
    const text = draft[field].trim();
    return !/^\d+$/u.test(text) || Number(text) < from || Number(text) > to;
  });
  const isNothing = weighs && Number(draft.load) === 0 && Number(draft.idle) === 0;
  return wrong.length === 0 && isNothing ? ['load', 'idle'] : wrong;
}

/** What is sent; of a draft without a wrong field. Weights that are not used stay as they are. */
export function changeOf({ method, capacity, ring_seconds, gone_minutes, load, idle }: RoutingDraft): Partial<Routing> {
  const change = { method, capacity: Number(capacity), ring_seconds: Number(ring_seconds), gone_minutes: Number(gone_minutes) };
  return method === 'best_match' ? { ...change, weights: { load: Number(load), idle: Number(idle) } } : change;
}
