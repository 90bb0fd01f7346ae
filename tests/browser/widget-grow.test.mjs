// A bot's message that grows: before the eyes of whoever looks, over a cut line and a reload, and read out once, when it is whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './browser.mjs';
import { findings } from './axe.mjs';
import { bubbles, field, holds, it, MEI, open, panel, room, say, shows, stage, visit, visitor } from './widget-fixture.mjs';

stage();

const WHOLE = 'The teapot holds a litre – 一升 – and comes in red 🫖. See https://shop.example/teapots';
const heard = (page) => panel(page).locator('[aria-live=polite] p').allTextContents();
const texts = (page) => bubbles(page).allTextContents();
const is = (page, expected) => until(async () => JSON.stringify((await texts(page)).slice(1)) === JSON.stringify(expected), `${expected}`);

/** The visitor has asked, and the bot has written the first words. */
async function growing(options = {}, query = {}) {
  const page = await visit(await visitor({ reducedMotion: 'reduce', ...options }), query);
  await open(page);
  await say(page, 'teapot?');
  const there = await room();
  await until(() => there.log.length === 1, 'the question');
  there.grows('The teapot');
  await is(page, ['teapot?', 'The teapot']);
  return { page, there };
}

test('it grows at the end, whatever is written meanwhile; its message takes its place, and is read out once', async () => {
  const { page, there } = await growing();
  const before = it.server.requests.filter((one) => one.includes('/w/')).length;
  for (const more of [' holds', ' a litre', ' – 一升 – and', ' comes in red 🫖.']) there.grows(more);
  await is(page, ['teapot?', 'The teapot holds a litre – 一升 – and comes in red 🫖.']);
  await say(page, 'and blue?');
  await is(page, ['teapot?', 'and blue?', 'The teapot holds a litre – 一升 – and comes in red 🫖.']);
  there.grows(' See https://shop.example/teapots');
  await is(page, ['teapot?', 'and blue?', WHOLE]);
  assert.equal(await panel(page).locator('.log a').count(), 0, 'no link before it is whole');
  assert.equal((await heard(page)).some((text) => text.includes('teapot')), false, 'nobody reads half of it out');
  there.offers(WHOLE);
  await until(async () => (await panel(page).locator('.log a').count()) === 1, 'the message');
  await is(page, ['teapot?', 'and blue?', WHOLE]);
  assert.deepEqual((await heard(page)).filter((text) => text.includes('teapot')), [`Bot: ${WHOLE}`]);
  assert.equal(await panel(page).locator('.bubble-row').last().evaluate((row) => row.classList.contains('new')), false, 'it does not come in a second time');
  assert.equal(it.server.requests.filter((one) => one.includes('/w/')).length, before, 'its file is fetched once');
  assert.deepEqual(page.problems, []);
});

test('a cut line takes nothing away; afterwards it is whole, once', async () => {
  const { page, there } = await growing();
  it.server.cut();
  await panel(page).locator('.line').getByRole('button').waitFor();
  await is(page, ['teapot?', 'The teapot']);
  // It goes on meanwhile, and is heard of again in the middle.
  there.growing = 'The teapot holds a litre';
  // It comes back by itself: the button may be gone before it is pressed.
  it.server.up();
  await is(page, ['teapot?', 'The teapot holds a litre']);
  there.grows(', and');
  await is(page, ['teapot?', 'The teapot holds a litre, and']);
  it.server.cut();
  await panel(page).locator('.line').getByRole('button').waitFor();
  there.offers(WHOLE);
  it.server.up();
  await holds(page, ['teapot?', WHOLE]);
  await is(page, ['teapot?', WHOLE]);
});

test('a reload in the middle shows it as far as it has got', async () => {
  const { page, there } = await growing();
  await page.reload();
  await field(page).waitFor();
  await is(page, ['teapot?', 'The teapot']);
  there.grows(' holds');
  await is(page, ['teapot?', 'The teapot holds']);
  there.grows();
  await is(page, ['teapot?']);
});

test('what is taken back goes, and what comes instead is a message like any other', async () => {
  const { page, there } = await growing();
  there.says(MEI, 'Mei here.');
  await is(page, ['teapot?', 'Mei here.', 'The teapot']);
  there.grows();
  await is(page, ['teapot?', 'Mei here.']);
  there.grows('<b>x</b>');
  await is(page, ['teapot?', 'Mei here.', '<b>x</b>']);
  there.offers('Anything else?', { no: 'No' });
  await is(page, ['teapot?', 'Mei here.', 'Anything else?']);
  await panel(page).getByRole('button', { name: 'No', exact: true }).waitFor();
});

test('whoever is forgotten leaves nothing half-written to the next one', async () => {
  const { page } = await growing();
  await page.evaluate(() => window.Bellhop('reset'));
  await is(page, []);
  await say(page, 'hello?');
  await is(page, ['hello?']);
});

test('the end stays in sight while it grows, and whoever reads further up is left there', async () => {
  const { page, there } = await growing();
  const log = panel(page).locator('.log');
  const gap = () => log.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
  for (let n = 0; n < 20; n++) there.grows(' a long sentence that goes on and on, and on, until it is over.\n');
  await until(async () => (await texts(page)).at(-1).length > 1_000 && (await gap()) < 4, 'the end');
  await log.evaluate((node) => (node.scrollTop = 0));
  await panel(page).locator('.down').waitFor();
  there.grows(' The last words.');
  await until(async () => (await texts(page)).at(-1).endsWith('The last words.'), 'it has grown');
  assert.equal(await log.evaluate((node) => node.scrollTop), 0);
});

for (const [name, colorScheme, lang, dir] of [['light', 'light', 'en', 'ltr'], ['dark, Chinese', 'dark', 'zh-CN', 'ltr'], ['right to left', 'light', 'ar', 'rtl']]) {
  test(`axe finds nothing: ${name}`, async () => {
    const { page } = await growing({ colorScheme, locale: lang }, { lang, dir, head: '<meta name="color-scheme" content="light dark">' });
    await shows(panel(page).locator('.bubble-row').last(), lang === 'zh-CN' ? /^机器人: The teapot$/ : /^Bot: The teapot$/);
    assert.deepEqual(await findings(page), []);
  });
}
