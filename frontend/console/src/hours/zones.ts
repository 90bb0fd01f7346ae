// Time zones to choose from, as the browser knows them, and how one is found among them.

export interface Zone {
  /** IANA, such as `Asia/Shanghai`: what is kept. */
  name: string;
  /** The same for people: `Asia / Shanghai`. */
  label: string;
  /** What its time is called, and how far it is from UTC: `China Standard Time · GMT+8`. */
  about: string;
}

/** Every zone, with its words in the reader's language. `chosen` is among them, whether the browser lists it or not. */
export function allZones(chosen: string, locale: string, now: number): Zone[] {
  const names = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', chosen]);
  return [...names].sort().map((name) => ({ name, label: labelOf(name), about: aboutOf(name, locale, now) }));
}

export const labelOf = (name: string): string => name.replaceAll('_', ' ').replaceAll('/', ' / ');

/** `China Standard Time · GMT+8`; '' for a zone that the browser does not know. */
export function aboutOf(name: string, locale: string, now: number): string {
  const named = (timeZoneName: 'long' | 'shortOffset') => {
    const parts = new Intl.DateTimeFormat(locale, { timeZone: name, timeZoneName }).formatToParts(now);
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  };
  try {
    return [...new Set([named('long'), named('shortOffset')])].join(' · ');
  } catch {
    return '';
  }
}

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[\s_/·]+/gu, ' ').trim();

/** Whether a word is found: one in Latin letters where a word begins, others anywhere. */
const holds = (text: string, word: string) => ` ${text}`.includes(/^[a-z]/u.test(word) ? ` ${word}` : word);

/** Zones in whose words all words are found; those with a city that begins so come first. */
export function findZones(zones: readonly Zone[], words: string): Zone[] {
  const wanted = plain(words);
  const found = zones.filter(({ name, about }) => wanted.split(' ').every((word) => holds(plain(`${name} ${about}`), word)));
  const isCity = ({ name }: Zone) => plain(name.split('/').at(-1) ?? '').startsWith(wanted);
  return wanted ? [...found.filter(isCity), ...found.filter((zone) => !isCity(zone))] : found;
}
