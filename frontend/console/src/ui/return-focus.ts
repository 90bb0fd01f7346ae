// Where the focus goes when a dialog closes: to what opened it. A menu's item is gone by then, so its menu's button
// stands for it; a dialog that follows another goes back to where the first one came from.

import { watch } from 'vue';
import type { Ref } from 'vue';

let opener: HTMLElement | null = null;

function openerOf(active: Element | null): HTMLElement | null {
  const menu = active?.closest('[role="menu"]');
  if (menu) return document.getElementById(menu.getAttribute('aria-labelledby') ?? '');
  if (active?.closest('[role="dialog"], [role="alertdialog"]')) return opener;
  return active instanceof HTMLElement && active !== document.body ? active : null;
}

/** Remembers what opened the dialog; gives the handler of its `closeAutoFocus`. */
export function useReturnFocus(open: Ref<boolean>): (event: Event) => void {
  let mine: HTMLElement | null = null;
  watch(
    open,
    (is) => {
      if (is) mine = opener = openerOf(document.activeElement);
    },
    { flush: 'sync', immediate: true },
  );
  return (event) => {
    // Another dialog that has opened in the meantime keeps the focus.
    if (!mine?.isConnected || document.querySelector('[role="dialog"][data-state="open"], [role="alertdialog"][data-state="open"]')) return;
    event.preventDefault();
    mine.focus();
  };
}
