// Splits a message's text into text and links. Nothing but http, https, mailto and tel ever becomes an address.

export interface TextPart {
  text: string;
  href: string;
}

const LINK = /\bhttps?:\/\/[^\s<>"'“”‘’《》（）【】，。；、！？]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu;
const TRAILING = /[.,;:!?)\]}'"]+$/u;

/** The parts of `text` in order. Where the host is written in other letters than it has, the true host is shown. */
export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = trimmed(match[0]);
    const href = addressOf(shown);
    if (!href) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: '' });
    parts.push({ text: shown + honestHost(shown, href), href });
    end = match.index + shown.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: '' });
  return parts;
}

/** Without the punctuation of the sentence; a bracket that the address itself opened stays. */
function trimmed(raw: string): string {
  const shown = raw.replace(TRAILING, '');
  const opened = shown.split('(').length - shown.split(')').length;
  return opened > 0 && raw[shown.length] === ')' ? `${shown})` : shown;
}

function addressOf(shown: string): string {
  if (!/^https?:/iu.test(shown)) return `mailto:${shown}`;
  try {
    return new URL(shown).href;
  } catch {
    return '';
  }
}

function honestHost(shown: string, href: string): string {
  if (!href.startsWith('http')) return '';
  const host = new URL(href).hostname;
  return shown.toLowerCase().includes(host) ? '' : ` (${host})`;
}
