// A page that is open for days: what came and went leaves nothing behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './browser.mjs';
import { bubbles, field, launcher, MEI, open, panel, room, say, stage, visit, visitor } from './widget-fixture.mjs';

stage();

const sheets = (page) => page.evaluate(() => document.querySelector('bellhop-chat').shadowRoot.adoptedStyleSheets.length);
const proven = (sub) => ['', JSON.stringify({ sub }), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');

test('each chat takes its style sheets along when another visitor gets the next one', async () => {
  const page = await visit(await visitor());
  await open(page);
  assert.equal(await sheets(page), 2);
  for (let turn = 0; turn < 6; turn++) {
    const person = turn % 2 ? {} : { token: proven('ada') };
    await page.evaluate((person) => window.Bellhop('identify', person), person);
    await field(page).waitFor();
  }
  assert.equal(await sheets(page), 2);
  assert.equal(await panel(page).evaluate((node) => getComputedStyle(node).display), 'flex', 'it has its own');
  await page.evaluate(() => window.Bellhop('close'));
  await page.evaluate(() => window.Bellhop('reset'));
  assert.equal(await sheets(page), 1);
  assert.equal(await launcher(page).evaluate((node) => getComputedStyle(node).display), 'grid');
  assert.deepEqual(page.problems, []);
});

test('what was read out does not stay: the last few are there, in their order', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'hello');
  const held = await room();
  await until(() => held.log.length === 1, 'it arrives');
  for (let n = 1; n <= 30; n++) held.says(MEI, `message ${n}`);
  await bubbles(page).getByText('message 30', { exact: true }).waitFor();
  const said = await panel(page).locator('[aria-live=polite] p').allTextContents();
  assert.deepEqual(said, Array.from({ length: 9 }, (_, n) => `Mei Chen: message ${22 + n}`));
  assert.deepEqual(page.problems, []);
});
