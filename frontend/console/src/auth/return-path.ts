// Where a sign-in leads: the page that asked for it, if it is one of ours.

/** A path inside the console; anything else (another host, `//host`) becomes the inbox. */
export function safeReturn(to: unknown): string {
  if (typeof to !== 'string' || !to.startsWith('/') || to.startsWith('//') || to.includes('\\')) return '/inbox/mine';
  return to;
}
