// What axe has to say about a page: the same rules for widget, console and stories.
import { readFileSync } from 'node:fs';
import { npm } from '../../scripts/lib/npm.mjs';

const SOURCE = readFileSync(npm.resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Waits until no colour and no place changes any more; what goes on for ever does not count. Trees of the widget's kind count, too. */
export const still = (page) =>
  page.evaluate(async () => {
    for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
    const roots = [document, ...[...document.querySelectorAll('*')].map((node) => node.shadowRoot).filter(Boolean)];
    const moving = roots.flatMap((root) => root.getAnimations()).filter(({ effect }) => effect && effect.getComputedTiming().endTime !== Infinity);
    await Promise.all(moving.map(({ finished }) => finished.catch(() => {})));
  });

/** What axe finds, in words, once the page stands still: what fades in has its colours only afterwards. */
export async function findings(page, without = []) {
  await still(page);
  await page.evaluate(SOURCE);
  const { violations } = await page.evaluate(
    ([runOnly, off]) => {
      // What passes is not looked at: writing down where each of it stands is a large part of the work.
      return window.axe.run(document, { runOnly, resultTypes: ['violations'], rules: Object.fromEntries(off.map((rule) => [rule, { enabled: false }])) });
    },
    [TAGS, without],
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ''}`).slice(0, 3).join(' | ')}`);
}
