// One server double and one browser for a file of widget tests, and the few gestures that they share.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, afterEach, before } from 'node:test';
import { at } from '../../scripts/lib/paths.mjs';
import { launch, PATIENCE_MS, until } from './browser.mjs';
import { agent, startServer } from './widget-server.mjs';

export const MEI = agent('Mei Chen');
/** Closes what is open, in this order: pages first, so that none sees its server go. */
export const it = { server: undefined, browser: undefined };
const contexts = [];

/** Sets the stage of a test file. */
export function stage() {
  before(async () => {
    // It is not built here: a build takes the files away for a moment, and other tests run beside this one.
    if (!existsSync(at('public/widget.js'))) throw new Error('the widget is not built: make build');
    it.browser = await launch();
  });
  after(() => it.browser.close());
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    await it.server?.stop();
    it.server = undefined;
  });
}

/** A visitor's browser with nothing in it. A page whose script fails, fails the test. */
export async function visitor(options = {}) {
  it.server ??= await startServer();
  const context = await it.browser.newContext({ viewport: { width: 1000, height: 760 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  contexts.push(context);
  return context;
}

/** A page of a site with the script in it. */
export async function visit(context, query = {}) {
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && !/WebSocket|ERR_|404/.test(message.text()) && page.problems.push(message.text()));
  await page.goto(`${it.server.url}/page?${new URLSearchParams(query)}`);
  await launcher(page).waitFor();
  return page;
}

export const launcher = (page) => page.locator('.launcher');
export const panel = (page) => page.getByRole('dialog');
export const field = (page) => panel(page).locator('textarea');
export const bubbles = (page, which = '.bubble-row') => panel(page).locator(`${which} .bubble`);
/** Text of the line that tells of the connection. */
export const line = (page) => panel(page).locator('.line');
export const progress = (page) => panel(page).locator('.own .meta').last();

export async function open(page) {
  await launcher(page).click();
  await field(page).waitFor();
}

export async function say(page, text) {
  await field(page).fill(text);
  await field(page).press('Enter');
}

/** Waits until a locator's text is, or matches, what is expected. */
export async function shows(locator, expected) {
  let text;
  const fits = () => (expected instanceof RegExp ? expected.test(text) : text === expected);
  await until(async () => {
    text = (await locator.count()) === 1 ? (await locator.textContent()).trim() : `(${await locator.count()} elements)`;
    return fits();
  }, `${expected}, last seen ${text}`).catch(() => assert.fail(`expected ${expected}, last seen ${JSON.stringify(text)}`));
}

/** What stands in the log, oldest first, without the greeting. */
export async function texts(page) {
  const all = await bubbles(page).allTextContents();
  return all[0] === it.server.site.greeting ? all.slice(1) : all;
}

/** Waits for the log to be exactly this. */
export async function holds(page, expected) {
  let seen;
  await until(async () => JSON.stringify((seen = await texts(page))) === JSON.stringify(expected), 'the log').catch(() => assert.deepEqual(seen, expected));
}

/** The only Room, once its socket has said hello. */
export async function room() {
  await until(() => it.server.rooms.size === 1 && it.server.room.sockets.size > 0, 'a socket');
  return it.server.room;
}

/** Keys that the widget has in this browser's storage. */
export const keys = (page, part = '') => page.evaluate((part) => Object.keys(localStorage).filter((key) => key.startsWith('bellhop.') && key.includes(part)), part);
