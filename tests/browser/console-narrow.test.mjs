// Where there is little room: narrow and low screens, names and addresses that are long, and whoever wants less motion.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bubble, choose, clean, dialog, field, it, opened, row, rows, stage, visit, visitRoom } from './console-fixture.mjs';

stage();

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const ADDRESS = 'alexandra.konstantinopoulou@kundenservice.northwind.example';
const WORD = 'W'.repeat(80);

const scroller = (page) => page.locator('.scroller');
/** The elements in `locator` that reach out of the screen, or of the nearest thing that cuts them off. */
const cut = (locator) =>
  locator.evaluateAll((all) =>
    all
      .flatMap((one) => [one, ...one.querySelectorAll('*')])
      .filter((node) => {
        const { left, right, width } = node.getBoundingClientRect();
        const frame = node.parentElement.closest('.offer, .dialog, .card, .scroller, .head')?.getBoundingClientRect() ?? { left: 0, right: innerWidth };
        return width > 1 && !node.closest('.visually-hidden') && (left < Math.max(0, frame.left) - 0.5 || right > Math.min(innerWidth, frame.right) + 0.5);
      })
      .map((node) => `${node.localName}.${node.className} ${node.textContent.slice(0, 30)}`),
  );
const sideways = (locator) => locator.evaluate((node) => node.scrollWidth - node.clientWidth);
/** Once no style is on its way any more. */
const settled = (page) => page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getComputedTiming().iterations === Infinity));

test('who wants less motion comes to the end of a conversation, too', async () => {
  const page = await visit('/inbox/mine', { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  for (const room of [it.ada, it.long]) {
    await row(page, room).click();
    await bubble(page, room.last.text).last().waitFor();
    // What is drawn late must not move it either.
    await page.waitForTimeout(500);
    const ends = await scroller(page).evaluate((pane) => pane.scrollHeight - pane.clientHeight - pane.scrollTop);
    assert.ok(ends <= 1, `${ends} px are left below`);
    assert.equal(await page.locator('button.down').count(), 0);
  }
  await clean(page);
});

test('nothing goes on moving for whoever wants less motion', async () => {
  const page = await visitRoom(it.ada, { view: 'mine', reducedMotion: 'reduce' });
  it.ada.visitorTypes(true);
  await page.locator('.typing i').first().waitFor();
  assert.equal(await page.evaluate(() => document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations === Infinity).length), 0);
  await clean(page);
});

test('a long name leaves the card that rings its countdown and both answers', async () => {
  it.shop.name = 'Northwind Outfitters Europe';
  it.bo.profile.name = 'Alexandra Konstantinopoulou';
  for (const look of [{}, PHONE]) {
    const page = await visit('/inbox/all', look);
    await row(page, it.ada).waitFor();
    it.world.desk.ring(it.bo, it.mei, 200);
    const offer = page.locator('.offer');
    await offer.getByRole('button', { name: 'Decline' }).waitFor();
    await settled(page);
    assert.deepEqual(await cut(offer.locator('.answers, .answers *, .left')), []);
    await clean(page);
    await page.context().close();
    it.bo.assign(undefined);
  }
});

test('WCAG 1.4.10: at 320 pixels whatever a conversation’s head offers can be touched', async () => {
  for (const [room, view] of [[it.bo, 'unassigned'], [it.ada, 'mine'], [it.done, 'all']]) {
    const page = await visitRoom(room, { view, ...PHONE, viewport: { width: 320, height: 640 } });
    const head = page.locator('header.head');
    assert.equal(await sideways(head), 0);
    assert.deepEqual(await cut(head.locator('button, a, h2')), []);
    const small = await head.locator('button, a.icon-button').evaluateAll((all) => all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().width < 24).map((one) => one.outerHTML));
    assert.deepEqual(small, [], 'WCAG 2.5.8');
    await clean(page);
  }
  const page = await visitRoom(it.bo, { view: 'unassigned', ...PHONE, viewport: { width: 320, height: 640 } });
  await page.getByRole('button', { name: /^Who has this/ }).tap();
  await page.getByRole('menuitem', { name: 'Take' }).tap();
  await page.getByText('Mei Lindqvist joined').waitFor();
  await clean(page);
});

test('a long address stays on the page of an invitation and of a password', async () => {
  it.tom.email = ADDRESS;
  for (const purpose of ['invitation', 'reset']) {
    const page = await visit(it.world.link(it.tom, purpose).link.split('/console')[1], { agent: null, ...PHONE });
    await page.locator('form').waitFor();
    await page.getByText(ADDRESS).first().waitFor();
    assert.deepEqual(await cut(page.locator('main')), []);
    await clean(page);
  }
});

test('long words stay in their dialog, and clear of the button that closes it', async () => {
  it.lina.name = ADDRESS;
  it.tom.name = WORD;
  const page = await visit('/settings/agents', PHONE);
  for (const agent of [it.lina, it.tom]) {
    const member = page.locator(`li[data-agent="${agent.email}"]`);
    await choose(page, member, 'Edit');
    await dialog(page).locator('form').waitFor();
    await settled(page);
    assert.equal(await sideways(dialog(page)), 0);
    const { words, close } = await dialog(page).evaluate((node) => {
      const range = document.createRange();
      range.selectNodeContents(node.querySelector('.dialog-head'));
      return { words: range.getBoundingClientRect(), close: node.querySelector('.close').getBoundingClientRect() };
    });
    assert.ok(words.right <= close.left || words.top >= close.bottom, `${words.right} ${close.left}`);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await choose(page, member, 'Disable');
    await page.getByRole('alertdialog').waitFor();
    await settled(page);
    assert.equal(await sideways(page.getByRole('alertdialog')), 0);
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  }
  await clean(page);
});

test('a note stays in the log whatever its author is called', async () => {
  for (const name of [ADDRESS, WORD]) {
    it.lina.name = name;
    it.ada.noteBy(it.lina, 'A note that is long enough to need more than one line in this narrow place.');
  }
  const page = await visitRoom(it.ada, { view: 'mine', ...PHONE });
  await bubble(page, 'A note that is long').last().waitFor();
  assert.equal(await sideways(scroller(page)), 0);
  assert.deepEqual(await cut(page.locator('article.note')), []);
  await clean(page);
});

test('words of 80 letters stay on their pages of the settings and of the bot', async () => {
  it.world.workspace.name = it.mei.name = WORD;
  it.shop.domains = [`${WORD.slice(0, 60)}.${WORD.slice(0, 60)}.example`];
  it.world.bot.addModel(Buffer.from('one'), { examples: 12, accuracy: 91.4, by: it.mei });
  const page = await visit('/settings/profile', PHONE);
  for (const path of ['settings/agents', 'settings/sites', 'bot/training']) {
    await page.goto(`${it.fake.url}/console/${path}`);
    await page.locator('.settings-page .card, .settings-page li').first().waitFor();
    assert.equal(await sideways(page.locator('main.page-body')), 0, path);
    assert.deepEqual(await cut(page.locator('.settings-page p, .settings-page .chip')), [], path);
  }
  await clean(page);
});

test('WCAG 1.4.10: at 400 % there is still something of the log above the field', async () => {
  const page = await visitRoom(it.ada, { view: 'mine', viewport: { width: 320, height: 256 } });
  const height = () => scroller(page).evaluate((pane) => pane.clientHeight);
  assert.ok((await height()) >= 64, `${await height()} px`);
  const send = await page.getByRole('button', { name: 'Send' }).boundingBox();
  assert.ok(send.y + send.height <= 256, 'and the button below it');
  assert.ok((await field(page).boundingBox()).height >= 24, 'a line to write in');
  await field(page).fill('one\ntwo\nthree\nfour\nfive\nsix');
  assert.ok((await height()) >= 32, `${await height()} px beside a long text`);
  await clean(page);
});
