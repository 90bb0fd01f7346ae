// What a browser says about a visitor, in words. Pure, and careful: everything here was written by a stranger.

const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger\//u, 'WeChat'],
  [/Edg(?:e|A|iOS)?\//u, 'Edge'],
  [/OPR\//u, 'Opera'],
  [/SamsungBrowser\//u, 'Samsung Internet'],
  [/(?:Firefox|FxiOS)\//u, 'Firefox'],
  [/(?:Chrome|CriOS|HeadlessChrome)\//u, 'Chrome'],
  [/Safari\//u, 'Safari'],
];

const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad|iPod/u, 'iOS'],
  [/Android/u, 'Android'],
  [/Windows/u, 'Windows'],
  [/CrOS/u, 'ChromeOS'],
  [/Mac OS X|Macintosh/u, 'macOS'],
  [/Linux/u, 'Linux'],
];

/** `Firefox · Windows`; '' where neither is known. */
export function browserOf(userAgent: string): string {
  const named = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(userAgent))?.[1];
  return [named(BROWSERS), named(SYSTEMS)].filter(Boolean).join(' · ');
}

/** The address, if it is one that may become a link: of the web, and without a user's name that looks like the host. */
export function webAddress(text: string): URL | null {
  try {
    const url = new URL(text);
    return /^https?:$/u.test(url.protocol) && !url.username && !url.password ? url : null;
  } catch {
    return null;
  }
}

/** Host and path, without what clutters a line. */
export function shortAddress(url: URL): string {
  const path = url.pathname === '/' ? '' : url.pathname;
  return url.host + path;
}

/** The hour in the visitor's time zone; '' where the zone is none. */
export function timeIn(zone: string, now: number, locale: string): string {
  if (!zone) return '';
  try {
    return new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', timeZone: zone, timeZoneName: 'short' }).format(now);
  } catch {
    return '';
  }
}

/** The name of a language or country in the reader's language; the code itself where it is none. */
export function nameOfCode(kind: 'language' | 'region', code: string, locale: string): string {
  if (!code) return '';
  try {
    return new Intl.DisplayNames(locale, { type: kind }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** A link that writes to an address; nothing in it can add a header or another receiver. */
export function mailTo(email: string): string {
  return `mailto:${encodeURIComponent(email).replace('%40', '@')}`;
}
