// An agent whom nobody has seen for a while is away by themselves, and back with the next touch. The pages' clocks are
// the test's, so nothing here waits for minutes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, clean, it, openPage, stage } from './console-fixture.mjs';
import { AVAILABILITY } from './fake/wire.mjs';

stage();

const { ONLINE, AWAY } = AVAILABILITY;
const MINUTE = 60_000;
/** Two looks and more. */
const LOOKS = 30_000;
const isMei = () => it.world.desk.availabilityOf(it.mei.id);
const kept = (page) => page.evaluate(() => localStorage.getItem('bellhop.console.away'));
/** When a window thinks that any was touched last. */
const input = (page) => page.evaluate(() => localStorage.getItem('bellhop.console.input'));
const live = (page) => page.getByText('Live', { exact: true }).waitFor();
const account = (page) => page.getByRole('button', { name: 'Your account' });

/** Pages of one browser in which Mei is signed in, and which think that she is away after so many minutes. */
async function ready(minutes, n = 1) {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await context.addInitScript((value) => {
    if (localStorage.getItem('bellhop.console.away_after') === null) localStorage.setItem('bellhop.console.away_after', value);
  }, String(minutes));
  await context.clock.install();
  const pages = [];
  for (let i = 0; i < n; i++) {
    pages.push(await openPage(context, '/inbox/unassigned'));
    await live(pages[i]);
  }
  /** Lets the time go by, and every look that falls into its end. */
  const pass = async (ms) => {
    await context.clock.fastForward(ms);
    await context.clock.runFor(LOOKS);
  };
  return { pages, pass };
}

test('nobody is at the browser: away, told in the menu, and online again with the next touch in any window', async () => {
  const { pages: [page, other], pass } = await ready(5, 2);
  await account(page).click();
  await page.getByRole('menu').waitFor();
  await pass(3 * MINUTE);
  assert.equal(await kept(page), null, 'not yet');
  await pass(2 * MINUTE);
  await page.getByRole('menuitemradio', { name: 'Away (idle)' }).waitFor();
  assert.equal(await page.getByRole('menuitemradio', { name: 'Away (idle)' }).getAttribute('aria-checked'), 'true');
  assert.equal(await page.locator('.trigger').getAttribute('title'), 'Away (idle)');
  assert.deepEqual(await findings(page, ['region']), []);
  await becomes(isMei, AWAY, 'away');
  // A line that was slow to answer, while the clock ran ahead, is told of as well.
  assert.equal(await page.locator('.toast').getByText('You did not answer').count(), 0, 'nothing to explain');
  await other.mouse.move(300, 300);
  await becomes(isMei, ONLINE, 'back');
  await page.getByRole('menuitemradio', { name: 'Away', exact: true }).waitFor();
  assert.equal(await page.getByRole('menuitemradio', { name: 'Online' }).getAttribute('aria-checked'), 'true');
  assert.equal(await page.locator('.trigger').getAttribute('title'), null);
  for (const one of [page, other]) await clean(one);
});

test('whoever works in one window is not away in another, and what moves under a resting pointer is nobody', async () => {
  const { pages: [page, other], pass } = await ready(5, 2);
  await page.mouse.move(200, 200);
  for (let i = 0; i < 3; i++) {
    await pass(3 * MINUTE);
    await other.keyboard.press('Shift');
    await becomes(() => input(page), await input(other), 'heard of');
  }
  assert.equal(await kept(page), null);
  assert.equal(isMei(), ONLINE);
  await page.evaluate(() => window.dispatchEvent(new PointerEvent('pointermove', { screenX: 7, screenY: 7 })));
  await pass(3 * MINUTE);
  await page.evaluate(() => window.dispatchEvent(new PointerEvent('pointermove', { screenX: 7, screenY: 7 })));
  await pass(2 * MINUTE);
  await becomes(isMei, AWAY, 'away');
  await page.reload();
  await becomes(isMei, ONLINE, 'a page that is opened again is seen');
  await clean(page);
});

test('whoever works at one device is not away because nobody is at another', async () => {
  const office = await ready(5);
  const laptop = await ready(5);
  const [away, here] = [office.pages[0], laptop.pages[0]];
  await office.pass(6 * MINUTE);
  await becomes(() => kept(away), `${it.mei.id} idle`, 'nobody is at the office');
  await account(here).click();
  const is = (name) => here.getByRole('menuitemradio', { name, exact: true }).getAttribute('aria-checked');
  assert.deepEqual([isMei(), await is('Online'), await kept(here)], [ONLINE, 'true', null]);
  it.fake.cut();
  for (const one of [office, laptop]) await one.pass(0);
  for (const one of [away, here]) await live(one);
  await becomes(() => it.world.desk.idle.size, 1, 'told again after a cut');
  assert.deepEqual([isMei(), await is('Online')], [ONLINE, 'true']);
  await here.getByRole('menuitemradio', { name: 'Away' }).click();
  await becomes(isMei, AWAY, 'chosen');
  await away.mouse.move(200, 200);
  await becomes(() => kept(away), null, 'back at the office');
  assert.equal(isMei(), AWAY, 'who chose to be away stays so');
  for (const one of [away, here]) await clean(one);
});

test('nobody is away because of idling while it rings; who chose to be away, or missed what rang, stays so', async () => {
  const { pages: [page], pass } = await ready(5);
  const { desk } = it.world;
  desk.ring(it.bo, it.mei, 3_600);
  await page.locator('.offer').waitFor();
  await pass(20 * MINUTE);
  await live(page);
  assert.equal(await kept(page), null);
  desk.ringOut(it.bo, { away: true });
  await page.locator('.toast', { hasText: 'You did not answer two conversations' }).waitFor();
  await pass(20 * MINUTE);
  await page.mouse.move(250, 250);
  assert.equal(await kept(page), `${it.mei.id} missed`);
  await account(page).click();
  await page.getByRole('menuitemradio', { name: 'Online' }).click();
  await page.getByRole('menuitemradio', { name: 'Away' }).click();
  await pass(20 * MINUTE);
  await page.mouse.move(260, 260);
  assert.equal(await kept(page), it.mei.id);
  await page.getByRole('menuitemradio', { name: 'Away', exact: true }).waitFor();
  await clean(page);
});

test('what is turned off in one window is off in all', async () => {
  const { pages: [page, other] } = await ready(15, 2);
  for (const one of [page, other]) await one.goto(`${it.fake.url}/console/settings/preferences`);
  const is = (one, name) => one.getByRole('switch', { name }).isChecked();
  for (const name of ['Sound', 'Title of the tab', 'Icon of the tab']) {
    for (const on of [false, true]) {
      await page.getByRole('switch', { name }).setChecked(on);
      await becomes(() => is(other, name), on, `${name} in the other window`);
    }
  }
  await page.getByLabel('Ctrl + Enter').check();
  await becomes(() => other.getByLabel('Ctrl + Enter').isChecked(), true, 'how one sends');
  await page.getByLabel('Language').selectOption('简体中文');
  await other.getByLabel('空闲时自动离开').waitFor();
  for (const one of [page, other]) await clean(one);
});

test('the preferences say after how long, for every window at once; it can be turned off', async () => {
  const { pages: [page, other], pass } = await ready(15, 2);
  for (const one of [page, other]) await one.goto(`${it.fake.url}/console/settings/preferences`);
  const choice = page.getByLabel('Away when idle');
  const chosen = (one) => one.getByLabel('Away when idle').locator('option:checked').textContent();
  assert.equal(await chosen(page), 'After 15 minutes');
  assert.deepEqual(await choice.locator('option').allTextContents(), ['Never', ...[5, 10, 15, 30].map((n) => `After ${n} minutes`)]);
  await choice.selectOption('Never');
  await becomes(() => chosen(other), 'Never', 'the other window');
  await pass(60 * MINUTE);
  assert.equal(await kept(other), null);
  await choice.selectOption('After 10 minutes');
  await becomes(() => chosen(other), 'After 10 minutes', 'the other window');
  await pass(10 * MINUTE);
  await becomes(isMei, AWAY, 'away');
  await page.getByLabel('Language').selectOption('简体中文');
  await becomes(isMei, ONLINE, 'back');
  await page.getByLabel('空闲时自动离开').waitFor();
  await page.reload();
  assert.equal(await page.getByLabel('空闲时自动离开').locator('option:checked').textContent(), '10 分钟后');
  await clean(page);
});
