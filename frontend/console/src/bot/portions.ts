// Cuts a long list into requests that the server takes. Pure.

/** Below the 2,000,000 bytes of a body, with room for what stands around the list. */
const BYTES = 1_900_000;

/** At most `most` in each, and never more bytes than a body may have; one that alone is longer goes alone. */
export function portionsOf<T>(all: readonly T[], most: number): T[][] {
  const portions: T[][] = [];
  let last: T[] = [];
  let bytes = Infinity;
  for (const one of all) {
    const length = new TextEncoder().encode(JSON.stringify(one)).length + 1;
    if (last.length >= most || bytes + length > BYTES) {
      portions.push((last = []));
      bytes = 0;
    }
    last.push(one);
    bytes += length;
  }
  return portions;
}
