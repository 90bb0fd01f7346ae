// An id as one part of an address: whatever it is, the request goes nowhere but there.

import { Problem } from './problem';

/** Encoded; a dot or two would be another place, however they are written, and are the id of nothing. */
export function segment(id: string | number): string {
  const text = String(id);
  if (text === '.' || text === '..') throw new Problem('not_found', 404);
  return encodeURIComponent(text);
}
