// Finds links in what people write. Only http, https, mailto and tel become links, and each is checked by the
// browser's own URL parser; everything else stays text. Pure.

/** A piece of a text; with `href` it is a link. */
export interface Piece {
  text: string;
  href?: string;
  /** The real host, where the text shows another one (punycode). */
  host?: string;
}

const CANDIDATE = /\b(?:https?:\/\/|mailto:|tel:|www\.)[^\s<>"'`，。！？；：、（）《》「」【】]{1,2000}|\b[\w.+-]{1,64}@[a-z\d-]+(?:\.[a-z\d-]+)+/gi;
const SAFE = /^(?:https?|mailto|tel):$/;

export function splitLinks(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const shown = trim(match[0]);
    const link = resolve(shown);
    if (!link) continue;
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    pieces.push({ text: shown, ...link });
    at = match.index + shown.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}

/**
 * Punctuation at the end belongs to the sentence, and so does a bracket that was opened before the link, and Chinese or
 * Japanese that follows without a space.
 */
function trim(found: string): string {
  found = found.replace(/(\.[\x21-\x7e]*[a-z\d])[\u3040-\u9fff].*$/i, '$1');
  for (;;) {
    const last = found.at(-1)!;
    const open = '([{'[')]}'.indexOf(last)];
    if (open ? found.split(open).length < found.split(last).length : /[.,;:!?*_~]/.test(last)) found = found.slice(0, -1);
    else return found;
  }
}

function resolve(shown: string): Omit<Piece, 'text'> | undefined {
  const full = /^(?:https?:|mailto:|tel:)/i.test(shown) ? shown : (shown.includes('@') && !/^www\./i.test(shown) ? 'mailto:' : 'https://') + shown;
  try {
    const { protocol, hostname, href, username, password } = new URL(full);
    // `https://bank.example@evil.example` looks like what it is not.
    if (!SAFE.test(protocol) || username || password || (protocol[0] === 'h' && !hostname)) return undefined;
    return hostname && !shown.toLowerCase().includes(hostname) ? { href, host: hostname } : { href };
  } catch {
    return undefined;
  }
}
