// Desktop notifications: asked for by a button, shown when the agent looks elsewhere.

export type Permission = 'granted' | 'denied' | 'default' | 'missing';

/** What the browser says now. */
export function desktopPermission(): Permission {
  return typeof Notification === 'undefined' ? 'missing' : Notification.permission;
}

/** Asks; call it from a click only. */
export async function askForDesktop(): Promise<Permission> {
  if (typeof Notification === 'undefined') return 'missing';
  return Notification.requestPermission();
}

/** Whether the agent has this window before their eyes. */
export function isLooking(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

/** Shows one; gives what takes it away. The same `tag` in another window replaces it instead of adding a second. */
export function notifyDesktop(title: string, body: string, tag: string, onOpen: () => void): () => void {
  if (desktopPermission() !== 'granted') return () => {};
  try {
    const notification = new Notification(title, { body, tag, icon: `${import.meta.env.BASE_URL}icon.svg` });
    notification.onclick = () => {
      window.focus();
      notification.close();
      onOpen();
    };
    return () => notification.close();
  } catch {
    // Some phones know the permission but no notification outside a service worker.
    return () => {};
  }
}
