// Tags: managers name them, agents put them on conversations, and whoever else looks at one sees it at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, choose, clean, dialog, it, row, rows, stage, toast, visit, visitRoom } from './console-fixture.mjs';

stage();

test('tags are named, changed and deleted in the settings', async () => {
  const page = await visit('/settings/tags');
  await page.getByText('No tags yet').waitFor();
  await page.getByRole('button', { name: 'New tag' }).click();
  await dialog(page).getByRole('button', { name: 'Create tag' }).click();
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute('aria-invalid')), 'true', 'the name that is missing has the focus');
  await dialog(page).getByLabel('Name').fill(' Refund ');
  await dialog(page).getByLabel('Colour').fill('#d93025');
  assert.deepEqual(await findings(page), []);
  await dialog(page).getByRole('button', { name: 'Create tag' }).click();
  await toast(page, 'Refund is created.');
  const row = page.locator('[data-tag]');
  await row.getByText('Refund').waitFor();
  assert.deepEqual(it.world.tags.map(({ name, color }) => [name, color]), [['Refund', '#d93025']]);
  await page.getByRole('button', { name: 'New tag' }).click();
  await dialog(page).getByLabel('Name').fill('Refund');
  await dialog(page).getByRole('button', { name: 'Create tag' }).click();
  await becomes(() => dialog(page).getByLabel('Name').getAttribute('aria-invalid'), 'true', 'the name is taken');
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await choose(page, row, 'Edit…');
  await dialog(page).getByLabel('Name').fill('Returns');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await row.getByText('Returns').waitFor();
  assert.deepEqual(await findings(page), []);
  await choose(page, row, 'Delete…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No tags yet').waitFor();
  assert.deepEqual(it.world.tags, []);
  await clean(page);
});

const TWO = [{ id: 'tag_refund', name: 'Refund', color: '#d93025' }, { id: 'tag_bug', name: 'Bug', color: '' }];
const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim());
/** An open menu lies above the page's landmarks and has the focus inside. */
const MENU = ['region'];

test('a conversation is tagged in its panel, by whoever looks at it, and only by a press', async () => {
  it.world.tags = TWO;
  const page = await visitRoom(it.ada, { view: 'mine' });
  const tags = page.getByRole('region', { name: 'Tags' });
  const add = tags.getByRole('button', { name: 'Add a tag…' });
  const offered = () => page.getByRole('menuitem').allInnerTexts();
  const chosen = () => tags.getByRole('listitem').allInnerTexts();
  await add.focus();
  await page.keyboard.press('Enter');
  await becomes(offered, ['Bug', 'Refund'], 'what may be put on');
  assert.deepEqual(await findings(page, MENU), []);
  // Looking through the choices with the arrows chooses nothing.
  await page.keyboard.press('ArrowDown');
  await becomes(() => focused(page), 'Refund', 'the second one');
  await page.keyboard.press('Escape');
  await becomes(() => focused(page), 'Add a tag…', 'the focus is back');
  assert.deepEqual([await chosen(), it.ada.profile.tags], [[], undefined]);
  await page.keyboard.press('Enter');
  await page.keyboard.press('r');
  await page.keyboard.press('Enter');
  await becomes(chosen, ['Refund'], 'it is on');
  await becomes(() => focused(page), 'Add a tag…', 'the focus is back');
  await page.keyboard.press('Enter');
  await becomes(offered, ['Bug'], 'it can’t be put on again');
  await page.keyboard.press('Escape');
  assert.deepEqual(it.ada.profile.tags, ['tag_refund']);
  // Another agent, and a tag that is named no longer.
  it.ada.profile = { ...it.ada.profile, tags: ['tag_refund', 'tag_gone', 'tag_bug'] };
  it.ada.broadcast({ visitor: it.ada.profile });
  await becomes(chosen, ['Refund', 'Bug'], 'somebody else has put one on');
  assert.deepEqual(await findings(page), []);
  await add.click();
  await page.getByText('All tags are on it').waitFor();
  await page.keyboard.press('Escape');
  await tags.getByRole('button', { name: 'Take off the tag Refund' }).click();
  await becomes(chosen, ['Bug'], 'it is off');
  await becomes(() => focused(page), 'Add a tag…', 'the focus is not lost');
  assert.deepEqual(it.ada.profile.tags, ['tag_gone', 'tag_bug']);
  await clean(page);
});

test('tags that others have made and deleted meanwhile are known when the line is back', async () => {
  it.world.tags = TWO;
  const page = await visitRoom(it.ada, { view: 'mine' });
  const tags = page.getByRole('region', { name: 'Tags' });
  await tags.waitFor();
  const list = page.getByRole('region', { name: 'List of conversations' });
  await list.getByRole('button', { name: 'Filter by tag' }).click();
  await page.getByRole('menuitemradio', { name: 'Bug' }).click();
  await list.getByRole('button', { name: 'Stop filtering by tag' }).waitFor();
  it.world.tags = [TWO[0], { id: 'tag_new', name: 'Launch', color: '' }];
  put(it.ada, 'tag_new', 'tag_bug');
  it.fake.cut();
  await becomes(() => tags.getByRole('listitem').allInnerTexts(), ['Launch'], 'the new one has a name');
  await list.getByRole('button', { name: 'Stop filtering by tag' }).waitFor({ state: 'detached' });
  await clean(page);
});

/** The visitors of the rows, as the list has them. */
const listed = (page) => page.locator('a.row .name').allInnerTexts();
const put = (room, ...tags) => (room.profile = { ...room.profile, tags });

test('the list is filtered by a tag: all views and statuses, newest first, live, and back again', async () => {
  const page = await visit('/inbox/mine');
  await rows(page).first().waitFor();
  const list = page.getByRole('region', { name: 'List of conversations' });
  assert.equal(await list.getByRole('button', { name: 'Filter by tag' }).count(), 0, 'there are no tags');

  it.world.tags = TWO;
  for (const room of [it.ada, it.bo, it.omar, it.done, it.snoozed]) put(room, 'tag_refund');
  await page.reload();
  const filter = list.getByRole('button', { name: 'Filter by tag' });
  await filter.focus();
  await page.keyboard.press('Enter');
  await becomes(() => page.getByRole('menuitemradio').allInnerTexts(), ['Any tag', 'Bug', 'Refund'], 'what there is');
  assert.deepEqual(await findings(page, MENU), []);
  await page.keyboard.press('r');
  await page.keyboard.press('Enter');
  const found = ['Ada Moreau', /^Visitor /u, 'عمر خالد', 'Greta Holm', 'Ada Moreau'];
  // A row is there before its words are.
  const matches = (expected) => {
    const fits = (name, n) => new RegExp(expected[n]?.source ?? expected[n], 'u').test(name) || name;
    return becomes(async () => (await listed(page)).map(fits), expected.map(() => true), 'these');
  };
  await matches(found);
  await list.getByRole('status').filter({ hasText: '5 conversations, whosever they are' }).waitFor();
  await row(page, it.done).getByText('Resolved').waitFor();
  assert.equal(await list.getByRole('navigation').count(), 0, 'the views do not count here');
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')?.replace(/[⁨⁩]/gu, '')), 'Tag: Refund', 'the focus stays');
  assert.deepEqual(await findings(page), []);

  // What is live goes on: another message comes first, and what somebody does to it is seen.
  it.omar.visitorSays('Hello?');
  await becomes(async () => (await listed(page))[0], 'عمر خالد', 'the newest is first');
  // The keys walk through what is shown.
  await page.keyboard.press('j');
  await page.waitForURL(`**/inbox/mine/${it.omar.id}`);
  await page.keyboard.press('j');
  await page.waitForURL(`**/inbox/mine/${it.ada.id}`);

  // A tag that is taken off here takes the conversation out of the list, and one that is put on brings it.
  const tags = page.getByRole('region', { name: 'Tags' });
  await tags.getByRole('button', { name: 'Take off the tag Refund' }).click();
  await matches(['عمر خالد', /^Visitor /u, 'Greta Holm', 'Ada Moreau']);
  await tags.getByRole('button', { name: 'Add a tag…' }).click();
  await page.getByRole('menuitem', { name: 'Refund' }).click();
  await matches(['عمر خالد', ...found.filter((name) => name !== 'عمر خالد')]);

  await list.getByRole('button', { name: 'Stop filtering by tag' }).click();
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Filter by tag', 'the focus is not lost');
  await list.getByRole('navigation', { name: 'Whose conversations' }).waitFor();

  // From the panel, with a search that hides the list; and a view that is gone to is shown.
  await list.getByRole('searchbox').fill('jacket');
  await page.getByText('Whole words').or(page.locator('a.hit').first()).first().waitFor();
  await tags.getByRole('button', { name: 'Refund', exact: true }).click();
  await becomes(async () => (await listed(page)).length, 5, 'it leads to all that have it');
  await filter.or(list.getByRole('button', { name: /^Tag:/u })).click();
  await page.getByRole('menuitemradio', { name: 'Bug' }).click();
  await page.getByText('No conversation has this tag').waitFor();
  assert.deepEqual(await findings(page), []);
  await page.getByRole('button', { name: /^Tag:/u }).click();
  await page.getByRole('menuitemradio', { name: 'Any tag' }).click();
  await rows(page).first().waitFor();
  await list.getByRole('navigation', { name: 'Whose conversations' }).waitFor();
  await clean(page);
});

test('what is older comes in pages, a refusal can be tried again, and a tag that is gone filters nothing', async () => {
  it.world.tags = [...TWO];
  for (let n = 0; n < 60; n++) {
    const room = it.world.addRoom(`Guest ${n}`, { createdAt: Date.now() - (40 + n) * 86_400_000 });
    room.visitorSays('hello', Date.now() - (40 + n) * 86_400_000);
    room.turn(4, undefined, Date.now() - (40 + n) * 86_400_000 + 1_000);
    put(room, 'tag_bug');
  }
  const page = await visit('/inbox/all');
  await rows(page).first().waitFor();
  const pick = async (name) => {
    await page.getByRole('button', { name: /^(?:Filter by tag|Tag:)/u }).click();
    await page.getByRole('menuitemradio', { name }).click();
  };
  let refuses = true;
  await page.route('**/conversations?*tag=*', (route) => (refuses ? route.abort() : route.continue()));
  await pick('Bug');
  const retry = page.getByRole('button', { name: 'Try again' });
  await retry.waitFor();
  refuses = false;
  await retry.click();
  await page.getByText('The newest 50 conversations').waitFor();
  const more = page.getByRole('button', { name: 'Show older ones' });
  await page.locator('.rows').evaluate((box) => (box.scrollTop = box.scrollHeight));
  await page.getByText('60 conversations, whosever').waitFor();
  assert.equal(await more.count(), 0, 'that is all');
  assert.equal(await page.locator('a.row').first().locator('xpath=..').getAttribute('aria-setsize'), '60');

  // Its tag is deleted elsewhere in this console: the list is the view's again.
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await page.getByRole('link', { name: 'Tags' }).click();
  await choose(page, page.locator('[data-tag]').filter({ hasText: 'Bug' }), 'Delete…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await toast(page, 'Bug is deleted.');
  await page.getByRole('link', { name: /Inbox/u }).first().click();
  await page.getByRole('navigation', { name: 'Whose conversations' }).waitFor();
  await page.getByRole('button', { name: 'Filter by tag' }).waitFor();
  await clean(page);
});

test('on a phone a tag of an open conversation leads to the list', async () => {
  it.world.tags = TWO;
  put(it.ada, 'tag_refund');
  put(it.done, 'tag_refund');
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark', locale: 'zh-CN' };
  const page = await visitRoom(it.ada, { view: 'mine', ...phone });
  await page.getByRole('button', { name: '访客信息' }).click();
  await page.getByRole('region', { name: '标签' }).getByRole('button', { name: 'Refund', exact: true }).click();
  await page.waitForURL('**/inbox/mine');
  await becomes(() => rows(page).count(), 2, 'both are there');
  await page.getByText('2 个会话，不限归属和状态').waitFor();
  assert.deepEqual(await findings(page), []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'nothing is cut off');
  await clean(page);
});
