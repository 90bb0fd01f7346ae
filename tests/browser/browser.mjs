// The browser of the tests: Debian's Chromium, driven by playwright-core.
import { browserPath } from '../../scripts/lib/browsers.mjs';
import { npm } from '../../scripts/lib/npm.mjs';

/** Nothing here takes so long, not even on a machine that is busy with everything else; what has not come by then does not come. */
export const PATIENCE_MS = 60_000;

/** A headless browser with further switches, if any; the caller closes it. */
export async function launch(...more) {
  const executablePath = browserPath('Chromium');
  if (!executablePath) throw new Error('no Chromium: install it (apt-get install chromium), or name one in CHROMIUM');
  return npm('playwright-core').chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...more],
  });
}

/** Asks until the answer is true; fails with the last one. For conditions that no locator can wait for. */
export async function until(ask, what, within = PATIENCE_MS, every = 25) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    last = await ask();
    if (last) return last;
    if (Date.now() > end) throw new Error(`${what}: not within ${within} ms`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** The letters of an element of one line, from left to right as they are drawn. */
export const drawn = (locator) => locator.evaluate(({ firstChild }) => {
  const range = document.createRange();
  const placed = [...firstChild.data].map((letter, at) => {
    range.setStart(firstChild, at);
    range.setEnd(firstChild, at + 1);
    return [range.getBoundingClientRect().left, letter];
  });
  return placed.sort(([one], [other]) => one - other).map(([, letter]) => letter).join('');
});
