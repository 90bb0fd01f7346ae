// Splits a message's text into text and links. Nothing but http, https and mailto ever becomes an address,
// and nothing that looks like another host than it leads to: a user's name before the host makes it text.

export interface TextPart {
  text: string;
  href: string;
}

/**
 * A host ends at what ends an address in the widget, and where a bot's words are judged: all three mean the same one. What turns the order
 * of letters round ends an address, too. A mailbox begins at the first letter of its run alone: to try each would be quadratic.
 */
const LINK = /\b[Hh][Tt]{2}[Pp][Ss]?:\/\/[^\s<>"'/?#\u2000-\u9fff\uff00-\uffef]*(?:[/?#][^\s<>"'“”‘’《》（）【】，。；、！？\u202a-\u202e\u2066-\u2069]*)?|\w(?<!\w[.+-]*\w)[\w.+-]*@[\w-]+(?:\.[\w-]+)+/gu;
const TRAILING = `.,;:!?)]}'"`;

/** The parts of `text` in order. Where the host is written in other letters than it has, the true host is shown. */
export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = trimmed(match[0]);
    const link = addressOf(shown);
    if (!link) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: '' });
    parts.push({ text: shown + link.note, href: link.href });
    end = match.index + shown.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: '' });
  return parts;
}

/** Without the punctuation of the sentence; a bracket that the address itself opened stays. */
function trimmed(raw: string): string {
  let end = raw.length;
  while (end > 0 && TRAILING.includes(raw.charAt(end - 1))) end--;
  const shown = raw.slice(0, end);
  const opened = shown.split('(').length - shown.split(')').length;
  return opened > 0 && raw[shown.length] === ')' ? `${shown})` : shown;
}

/** Where it leads, and the note that names the true host unless the text itself begins with it; null: it is no link. */
function addressOf(shown: string): { href: string; note: string; } | null {
  if (!/^https?:/iu.test(shown)) return { href: `mailto:${shown}`, note: '' };
  try {
    const { href, origin, hostname, username, password } = new URL(shown);
    if (username || password) return null;
    return { href, note: shown.toLowerCase().startsWith(origin) ? '' : ` (${hostname})` };
  } catch {
    return null;
  }
}
