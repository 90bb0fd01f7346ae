// The console in a real browser against the fake server: every test has a world of its own, and a page that counts
// whatever a browser complains about, breaches of the content policy first of all.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, afterEach, before, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, PATIENCE_MS, until } from './browser.mjs';
import { startFake } from './fake/server.mjs';
import { tellStory } from './fake/story.mjs';

const FILES = fileURLToPath(new URL('../../public/console/', import.meta.url));

/** What a test works with: `fake`, its `world`, and the people and conversations of the story. */
export const it = {};

/** A zone where it is about noon: what the story has happen yesterday and today did so there, whenever the tests run. */
function noonZone() {
  const ahead = 12 - new Date().getUTCHours();
  return ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

/** Call once per file. */
export function stage() {
  let browser;
  before(async () => {
    if (!existsSync(FILES)) throw new Error('the console is not built: make build');
    browser = await launch();
  });
  beforeEach(async () => {
    it.fake = await startFake({ files: FILES });
    it.world = it.fake.world;
    Object.assign(it, tellStory(it.world));
    it.contexts = [];
    it.newContext = async (options) => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en', timezoneId: noonZone(), ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      it.contexts.push(context);
      return context;
    };
  });
  afterEach(async () => {
    await Promise.all(it.contexts.map((context) => context.close()));
    await it.fake.close();
  });
  after(() => browser?.close());
}

/** A page that is signed in as `agent` (nobody: null), at a path of the console. */
export async function visit(path = '/inbox/mine', { agent = it.mei, ...options } = {}) {
  const context = await it.newContext(options);
  if (agent) await context.addCookies([{ name: 'fake', value: it.world.signIn(agent), url: it.fake.url }]);
  return openPage(context, path);
}

/** Another page of a context. */
export async function openPage(context, path) {
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    // What the network refuses is the tests' own doing; everything else counts.
    const refused = /Failed to load resource|WebSocket connection to/u.test(text);
    if (['error', 'warning'].includes(message.type()) && !refused) page.problems.push(text);
  });
  await page.addInitScript(() => {
    window.breaches = [];
    document.addEventListener('securitypolicyviolation', (event) => window.breaches.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(`${it.fake.url}/console${path}`);
  return page;
}

/** Counts the bells and keeps the notifications of a page that looks elsewhere. */
export async function callable(context) {
  await context.addInitScript(() => {
    window.bells = 0;
    window.notices = [];
    // A bell pauses after another one; a test need not: it is later where `ahead` grows.
    window.ahead = 0;
    const now = performance.now.bind(performance);
    performance.now = () => now() + window.ahead;
    // Whatever a test asks of a page counts as a touch; here only a hand's does.
    let hasBeenActive = false;
    for (const type of ['pointerup', 'keydown']) window.addEventListener(type, () => (hasBeenActive = true), true);
    Object.defineProperty(navigator, 'userActivation', { value: { get hasBeenActive() { return hasBeenActive; } } });
    const { createOscillator } = AudioContext.prototype;
    AudioContext.prototype.createOscillator = function (...args) {
      window.bells += 0.5;
      return createOscillator.apply(this, args);
    };
    window.Notification = class {
      static permission = 'granted';
      constructor(title, { body }) {
        this.notice = { title, body, open: true };
        window.notices.push(this.notice);
      }
      close() {
        this.notice.open = false;
      }
    };
    localStorage.setItem('bellhop.console.desktop', 'on');
    document.hasFocus = () => false;
  });
}

/** Nothing was complained about; call it at the end of a test. */
export async function clean(page) {
  assert.deepEqual(page.problems, []);
  assert.deepEqual(await page.evaluate(() => window.breaches), []);
}

/** The rows of the list. */
export const rows = (page) => page.locator('a.row');
/** The row of a conversation. */
export const row = (page, room) => page.locator(`a.row[data-conversation="${room.id}"]`);
/** The bubbles of the log, as far as they are on the screen. */
export const bubble = (page, text) => page.locator('article.message', { hasText: text });
/** How far a message has got. */
export const delivery = (page, text) => bubble(page, text).locator('[data-delivery]').getAttribute('data-delivery');
/** The field of the composer. */
export const field = (page) => page.locator('form.composer textarea');

/** Waits for the conversation to be there. */
export async function opened(page) {
  await page.locator('article.message').first().waitFor();
  return page;
}

/** Opens a conversation from its address. */
export async function visitRoom(room, options = {}) {
  return opened(await visit(`/inbox/${options.view ?? 'all'}/${room.id}`, options));
}

/** Waits until `ask` gives `wanted`. */
export async function becomes(ask, wanted, what) {
  let last;
  await until(async () => {
    last = await ask();
    return JSON.stringify(last) === JSON.stringify(wanted);
  }, what).catch(() => assert.deepEqual(last, wanted, what));
}

/** Waits for a passing word. */
export const toast = (page, text) => page.locator('.toast', { hasText: text }).waitFor();
export const dialog = (page) => page.getByRole('dialog');

/** Opens the menu of a row and chooses. */
export async function choose(page, row, item) {
  await row.getByRole('button').click();
  await page.getByRole('menuitem', { name: item }).click();
}
