// Pictures of the agents who are here or have come, over the initials that stand there already: what does not load leaves those.
import type { ConversationLog } from '../shared/conversation-log.ts';
import type { Kit } from './kit.ts';
import type { Drawn } from './log-view.ts';

type Log = Pick<ConversationLog, 'run' | 'state' | 'presence' | 'typing'>;

export function faces({ el }: Kit, origin: string) {
  /** What did not load is not asked for again on this page. */
  const broken = new Set<string>();

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
    const people = new Map(log.run.entries.map(({ seq, sender, activity }) => ['s' + seq, (activity?.subject ?? sender)?.id]));
    people.set('t', log.typing.list(Date.now())[0]?.id);
    for (const row of scroll.children) put(row.querySelector('.face, .event-row > span'), pictures.get(people.get((row as Drawn)._key!) ?? ''));
    put(panel.querySelector('.head .face'), live ? log.presence?.agents[0]?.picture : '');
  };
}

/** The pictures of agents by their ids, as they were told last: messages tell none. */
export function picturesOf({ run, state, presence }: Log): Map<string, string> {
  const told = [...run.entries.map(({ activity }) => activity?.subject), state?.assignee, ...(presence?.agents ?? [])];
  return new Map(told.flatMap((it) => (it?.id ? [[it.id, it.picture]] : [])));
}
