// Whether a list has grown at its start, which is what a virtual list must be told to keep the reader's place.

import type { TimelineItem } from '../live/timeline';

/** Separators are made anew with what they separate, so only what a log holds tells where a list begins. */
function firstEntry(items: readonly TimelineItem[]): string {
  return items.find((item) => item.kind === 'message' || item.kind === 'note' || item.kind === 'activity')?.key ?? '';
}

/** True when what was first is still here and something stands before it now. */
export function isPrepend(before: readonly TimelineItem[], after: readonly TimelineItem[]): boolean {
  const was = firstEntry(before);
  return was !== '' && firstEntry(after) !== was && after.some((item) => item.key === was);
}
