// Finds links in what people write. Only http, https, mailto and tel become links, and each is checked by the
// browser's own URL parser; everything else stays text. Pure.

/** A piece of a text; with `href` it is a link. */
export interface Piece {
  text: string;
  href?: string;
  /** The real host, where the text does not begin with it (punycode). */
  host?: string | undefined;
}

/**
 * An address ends where a space, a quotation mark or Chinese begins, and before the punctuation of the sentence around
 * it; brackets belong to it in pairs.
 */
const ADDRESS = /\b(?:https?:\/\/|mailto:|tel:)(?:[^\s"'<>()[\]\u2000-\u9fff\uff00-\uffef]|\([^\s"'<>()[\]\u2000-\u9fff\uff00-\uffef]*\))+(?<![.,;:!?*_~])/gi;

export function splitLinks(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { 0: shown, index } of text.matchAll(ADDRESS)) {
    try {
      const { hostname, href, origin } = new URL(shown);
      // `https://bank.example@evil.example` looks like what it is not.
      if (hostname && !href.startsWith(origin + '/')) continue;
      pieces.push({ text: text.slice(at, index) }, { text: shown, href, host: shown.toLowerCase().startsWith(origin) ? undefined : hostname });
      at = index + shown.length;
    } catch {
      // No address after all.
    }
  }
  return [...pieces, { text: text.slice(at) }].filter((piece) => piece.text);
}
