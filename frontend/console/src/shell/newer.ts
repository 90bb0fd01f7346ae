// Whether the console that runs is still the one that is served: after a release an open page goes on as it was made, with faults that are
// mended, and takes what it does not know off all that it saves whole. It never loads itself again: there may be unsent text in it.

import { setOutdated } from '../api/client';

/** The entry script that a page names, by its hash another one with every build; '' where there is none. */
const entryOf = (page: string) => /<script type="module"[^>]* src="([^"]+)"/.exec(page)?.[1] ?? '';

const running = () => document.querySelector('script[type="module"][src]')?.getAttribute('src') ?? '';

/** Asks for the console's own page; gives whether it says that another console is served. What says nothing changes nothing. */
export async function lookForNewer(): Promise<boolean> {
  try {
    const answer = await fetch(import.meta.env.BASE_URL, { cache: 'no-store' });
    const [served, mine] = [answer.ok ? entryOf(await answer.text()) : '', running()];
    if (!served || !mine) return false;
    setOutdated(served !== mine);
    return served !== mine;
  } catch {
    return false;
  }
}
