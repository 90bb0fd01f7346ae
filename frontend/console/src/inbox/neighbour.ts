// Which conversation is the next one, also when the open one has just left the list.

/** The id after (or before) `open`; '' when there is none. `place` is where `open` stood while it was in the list. */
export function neighbourOf(ids: readonly string[], open: string, place: number, direction: 1 | -1): string {
  const index = ids.indexOf(open);
  if (index >= 0) return ids[index + direction] ?? '';
  // What stood after it has moved up to its place.
  if (place >= 0) return ids[direction === 1 ? Math.min(place, ids.length - 1) : place - 1] ?? '';
  return (direction === 1 ? ids[0] : ids.at(-1)) ?? '';
}
