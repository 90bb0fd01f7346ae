// What a visitor and an agent do in a real browser, for the stories.
import assert from 'node:assert/strict';
import { demo } from '../../scripts/lib/demo.mjs';
import { findings } from './axe.mjs';
import { PATIENCE_MS, until } from './browser.mjs';

const VIEWPORT = { viewport: { width: 1280, height: 800 }, locale: 'en' };
/** A browser profile of somebody's. */
export async function profile(t, browser, options = {}) {
  const made = await browser.newContext({ ...VIEWPORT, ...options });
  made.setDefaultTimeout(PATIENCE_MS);
  t.after(() => made.close());
  return made;
}

/** A page that counts what the browser complains about; a cut line is the test's own doing. */
export async function open(where, url) {
  const page = await where.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (message) => {
    const own = /Failed to load resource|WebSocket connection to|net::ERR/.test(message.text());
    if (message.type() === 'error' && !own) page.problems.push(message.text());
  });
  await page.addInitScript(() => {
    window.breaches = [];
    document.addEventListener('securitypolicyviolation', (event) => window.breaches.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(url);
  return page;
}

export async function clean(page) {
  assert.deepEqual(page.problems, []);
  assert.deepEqual(await page.evaluate(() => window.breaches), []);
}

export const accessible = async (page, what) => assert.deepEqual(await findings(page), [], what);

// The widget, as a visitor has it.
export const panel = (page) => page.getByRole('dialog');
export const openWidget = async (page) => {
  await page.locator('.launcher').click();
  await panel(page).locator('textarea').waitFor();
};
export const write = async (page, text) => {
  const field = panel(page).locator('textarea');
  await field.fill(text);
  await field.press('Enter');
};
/** What stands in the widget's log, oldest first, without the greeting. */
export const heard = async (page) => (await panel(page).locator('.bubble-row .bubble').allTextContents()).filter((text) => text !== demo.site.greeting);

// The console, as an agent has it.
export async function signIn(where, url, { email, password }) {
  const page = await open(where, `${url}/console/`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.locator('form button[type=submit]').click();
  await page.locator('nav.views').waitFor();
  return page;
}
export const row = (page) => page.locator('a.row').first();
export const reply = async (page, text) => {
  const field = page.locator('form.composer textarea');
  await field.fill(text);
  await field.press('Enter');
};
export const seen = (page) => page.locator('article.message .text').allTextContents();

export async function becomes(ask, wanted, what) {
  let last;
  await until(async () => JSON.stringify((last = await ask())) === JSON.stringify(wanted), what).catch(() => assert.deepEqual(last, wanted, what));
}

/** The card of a conversation that rings here. */
export const offer = (page, text) => page.locator('.offer', { hasText: text });

/** An agent turns their switch: `Online` or `Away`. */
export async function turn(page, word) {
  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByRole('menuitemradio', { name: word }).click();
  await page.keyboard.press('Escape');
}
