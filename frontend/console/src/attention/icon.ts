// The icon of the window's tab: one file of our own for another, so that no content policy has anything against it.

/** Shows one of the icons in `public/`. */
export function setIcon(name: string): void {
  document.querySelector('link[rel=icon]')?.setAttribute('href', import.meta.env.BASE_URL + name);
}
