// Whether the console that runs is still the one that is served: after a release an open page goes on as it was made, with faults that are
// mended, and takes what it does not know off all that it saves whole. It never loads itself again: there may be unsent text in it.

import { setOutdated } from '../api/client';

/** Where the console's own scripts are: extensions and proxies put theirs into a page as well. */
const own = () => import.meta.env.BASE_URL;

/** The entry script that a page names, by its hash another one with every build; '' where there is none. */
const entryOf = (page: string) => new RegExp(`<script type="module"[^>]* src="(${own()}[^"]+)"`).exec(page)?.[1] ?? '';

const running = () => document.querySelector(`script[type="module"][src^="${own()}"]`)?.getAttribute('src') ?? '';

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
