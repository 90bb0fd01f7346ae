// The launcher's element builders, lent to the chat, so that they are loaded once.
import type * as dom from './dom.ts';

export type Kit = Pick<typeof dom, 'el' | 'button' | 'icon'>;

export let el: Kit['el'];
export let button: Kit['button'];
export let icon: Kit['icon'];

/** Before anything is built. */
export function borrow(kit: Kit): void {
  ({ el, button, icon } = kit);
}
