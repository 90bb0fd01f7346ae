// The domains that a person writes into a box: one per line, or with commas; an address becomes its host.

/** The domains of a text, in order, each once. */
export function domainsOf(text: string): string[] {
  const found = text
    .split(/[\s,，、;；]+/u)
    .map((word) => word.trim().toLowerCase().replace(/^https?:\/\//u, '').replace(/\/.*$/u, ''))
    .filter(Boolean);
  return [...new Set(found)];
}
