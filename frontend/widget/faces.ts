// Pictures of the agents who are here or have come, over the initials that stand there already: what does not load leaves those. And the
// pictures under a bot's answers, in places that are theirs before they are loaded.
import type { ConversationLog } from '../shared/conversation-log.ts';
import type { Kit } from './kit.ts';
import type { Drawn } from './log-view.ts';
import type { Image, Message } from '../shared/wire/types.ts';

type Log = Pick<ConversationLog, 'run' | 'state' | 'presence' | 'typing' | 'clockAhead'>;

/** What was said longer ago is history, which nobody reads out. */
const NEW_MS = 60_000;

/** Longest side of a picture in the log. */
const LONGEST_PX = 320;

export function faces({ el }: Kit, origin: string, following: () => boolean, announce: (said: string) => void) {
  /** What did not load is not asked for again on this page. */
  const broken = new Set<string>();
  /** A row that is drawn anew gets the same one again. */
  const drawn = new WeakMap<Image, HTMLImageElement>();

  const put = (place: Element | null, hash: string | undefined) => {
    const src = hash && !broken.has(hash) ? `${origin}/pictures/${hash}` : '';
    const there = place?.querySelector('img');
    if (!place || (there?.src ?? '') === src) return;
    there?.remove();
    if (!src) return;
    const image = el('img', '', { src, alt: '' });
    image.onerror = () => {
      broken.add(hash!);
      image.remove();
    };
    place.insertBefore(image, place.firstChild);
  };

  /** `live`: somebody is at the other end, so that the head shows who. */
  return (panel: Element, scroll: Element, log: Log, live: boolean) => {
    const pictures = picturesOf(log);
    const said = new Map(log.run.entries.map((entry) => ['s' + entry.seq, entry]));
    for (const row of scroll.children as unknown as Iterable<Drawn>) {
      const entry = said.get(row._key!);
      const who = entry ? entry.activity?.subject ?? entry.sender : row._key === 't' && log.typing.list(Date.now())[0];
      put(row.querySelector('.face, .event-row > span'), who ? pictures.get(who.id) : '');
      if (!entry?.image) continue;
      const { image } = entry;
      const known = drawn.get(image);
      const shown = known ?? el('img', '', shownAs(image, origin));
      if (shown.parentNode === row) continue;
      drawn.set(image, shown);
      if (!known && image.alt && isNew(entry, log)) announce(image.alt);
      const before = scroll.scrollHeight;
      // What stood there is of a log that was put back.
      row.querySelector('.bubble + img')?.remove();
      row.insertBefore(shown, row.querySelector('.bubble')!.nextSibling);
      // What is looked at stays where it is.
      if (following() || row.offsetTop < scroll.scrollTop) scroll.scrollTop += scroll.scrollHeight - before;
    }
    put(panel.querySelector('.head .face'), live ? log.presence?.agents[0]?.picture : '');
  };
}

/** How a picture in the log is drawn; without an address, so by its words, if what came is no name of one. */
export function shownAs({ hash, width, height, alt }: Image, origin: string): Record<string, string> {
  const scale = Math.min(1, LONGEST_PX / Math.max(width, height));
  return { loading: 'lazy', width: `${width * scale}`, height: `${height * scale}`, alt, src: /^[0-9a-f]{32}$/.test(hash) ? `${origin}/pictures/${hash}` : '' };
}

/** Whether whoever listens is told of it. */
export const isNew = ({ at }: Message, { clockAhead }: Pick<ConversationLog, 'clockAhead'>): boolean => at + NEW_MS > Date.now() + clockAhead;

/** The pictures of agents by their ids, as they were told last: messages tell none. */
export function picturesOf({ run, state, presence }: Log): Map<string, string> {
  const told = [...run.entries.map(({ activity }) => activity?.subject), state?.assignee, ...(presence?.agents ?? [])];
  return new Map(told.flatMap((it) => (it?.id ? [[it.id, it.picture]] : [])));
}
