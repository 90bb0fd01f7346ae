// The round button: a bubble while the chat is closed, an arrow that closes it while it is open.
import { button, icon } from './dom.ts';

export const launcherButton = (run: () => void, badge: HTMLElement): HTMLButtonElement =>
  button('launcher', run, icon('M4 12a8 7.5 0 1 1 3.2 6L3.5 19.5l1.2-3.6A7.2 7.2 0 0 1 4 12zM8.5 10.5h7M8.5 14h4.5'), icon('M6 9.5l6 6 6-6'), badge);
