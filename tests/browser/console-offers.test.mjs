// Conversations that ring at an agent: the card, how it is answered, how it calls, and what becomes of an agent who lets
// it ring.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, callable, clean, field, it, openPage, opened, row, stage, visit, visitRoom } from './console-fixture.mjs';

stage();

const offer = (page, room) => page.locator(`.offer[data-conversation="${room.id}"]`);
const offers = (page) => page.locator('.offer');
const answer = (page, room, name) => offer(page, room).getByRole('button', { name });
const toast = (page, text) => page.locator('.toast', { hasText: text });
const live = (page) => page.getByText('Live', { exact: true }).waitFor();
const holder = (room) => room.state.assignee?.id;
const secondsLeft = async (page, room) => Number.parseInt(await offer(page, room).getByRole('timer').textContent(), 10);

/** A page of Mei's that is live. */
async function ready(path = '/inbox/mine', options) {
  const page = await visit(path, options);
  await live(page);
  return page;
}

test('a probe is answered by the console itself, in every window', async () => {
  const pages = [await ready(), await ready('/settings/profile')];
  const probe = it.world.desk.probe(it.mei);
  const yes = { agent: it.mei.id, probe, available: true };
  await becomes(() => it.world.desk.probeAnswers, [yes, yes], 'answers');
  for (const page of pages) await clean(page);
});

test('what rings shows above every view before the list has it, counts down, and opens when it is accepted', async () => {
  const page = await ready('/settings/agents');
  it.world.desk.late = true;
  it.world.desk.ring(it.chen, it.mei, 120);
  await offer(page, it.chen).getByText('陈晓明').waitFor();
  await offer(page, it.chen).getByText('北风官网').waitFor();
  await offer(page, it.chen).getByText('你好，请问这款登山鞋有42码的吗？').waitFor();
  const first = await secondsLeft(page, it.chen);
  // The page takes the server's clock from its first frame, and so is behind by as long as that frame was on its way.
  const left = (it.chen.ringUntil - Date.now()) / 1_000;
  assert.ok(first > left - 1 && first < 130, `${first} seconds, ${left} are left`);
  await becomes(async () => (await secondsLeft(page, it.chen)) < first, true, 'the countdown');
  await answer(page, it.chen, 'Accept').click();
  await opened(page);
  assert.ok(page.url().endsWith(`/console/inbox/mine/${it.chen.id}`));
  assert.equal(await offers(page).count(), 0, 'though the list does not say so yet');
  assert.deepEqual([holder(it.chen), it.chen.ringUntil], [it.mei.id, 0]);
  await becomes(() => field(page).evaluate((element) => element === document.activeElement), true, 'the reply can be written');
  await clean(page);
});

test('what is declined goes back to the queue, and the focus goes on', async () => {
  const page = await ready('/inbox/unassigned');
  for (const room of [it.bo, it.chen]) it.world.desk.ring(room, it.mei, room === it.bo ? 200 : 400);
  await answer(page, it.chen, 'Decline').waitFor();
  assert.deepEqual(await offers(page).evaluateAll((all) => all.map((one) => one.dataset.conversation)), [it.bo.id, it.chen.id], 'what ends first is first');
  await row(page, it.bo).waitFor({ state: 'detached' });
  await answer(page, it.bo, 'Decline').press('Enter');
  await offer(page, it.bo).waitFor({ state: 'detached' });
  await row(page, it.bo).waitFor();
  assert.equal(holder(it.bo), undefined);
  assert.equal(await answer(page, it.chen, 'Accept').evaluate((element) => element === document.activeElement), true);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await offers(page).waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
  await clean(page);
});

test('it stops when somebody answers elsewhere, replies, lets it ring out, or when its time is over', async () => {
  const page = await ready();
  const other = await ready('/inbox/all');
  const { desk } = it.world;
  desk.ring(it.bo, it.mei);
  await answer(other, it.bo, 'Accept').click();
  await offers(page).waitFor({ state: 'detached' });
  desk.ring(it.chen, it.mei);
  await offer(page, it.chen).waitFor();
  await page.goto(`${it.fake.url}/console/inbox/mine/${it.chen.id}`);
  await offer(page, it.chen).waitFor();
  await field(page).fill('有的。');
  await page.keyboard.press('Enter');
  await offers(page).waitFor({ state: 'detached' });
  assert.equal(it.chen.last.text, '有的。');
  desk.ring(it.bo, it.mei);
  await offer(page, it.bo).waitFor();
  desk.ringOut(it.bo);
  await offers(page).waitFor({ state: 'detached' });
  // The Desk may be late, and its card would be a promise that nobody keeps.
  desk.ring(it.bo, it.mei, 5);
  await offer(page, it.bo).waitFor();
  await offers(page).waitFor({ state: 'detached' });
  assert.equal(holder(it.bo), it.mei.id);
  await clean(page);
});

test('a refusal is explained and final; without a connection nothing can be answered, and it rings on afterwards', async () => {
  const page = await ready();
  const { desk } = it.world;
  desk.ring(it.bo, it.mei, 200);
  desk.refuseNext = 'stale_assignment';
  await answer(page, it.bo, 'Accept').click();
  await toast(page, 'This conversation has changed hands in the meantime.').waitFor();
  await offers(page).waitFor({ state: 'detached' });
  assert.ok(!page.url().includes(it.bo.id));
  desk.ring(it.chen, it.mei, 200);
  await answer(page, it.chen, 'Decline').waitFor();
  it.fake.setLine('down');
  await becomes(() => answer(page, it.chen, 'Decline').isDisabled(), true, 'not live');
  it.fake.setLine('up');
  await answer(page, it.chen, 'Decline').click();
  await becomes(() => holder(it.chen), undefined, 'declined');
  await clean(page);
});

test('keys answer what ends first, but never while one writes or a dialog is open', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  await live(page);
  await field(page).fill('half a sen');
  it.world.desk.ring(it.bo, it.mei, 150);
  it.world.desk.ring(it.chen, it.mei, 200);
  await offer(page, it.chen).waitFor();
  await page.getByRole('alert').getByText('Incoming conversation from 陈晓明: 你好').waitFor();
  await page.keyboard.type('ad');
  assert.equal(await field(page).inputValue(), 'half a senad', 'the focus stayed');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Accept the conversation that rings').waitFor();
  await page.keyboard.press('a');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual([await offers(page).count(), it.bo.ringUntil > 0], [2, true]);
  await page.keyboard.press('d');
  await offer(page, it.bo).waitFor({ state: 'detached' });
  assert.deepEqual([holder(it.bo), holder(it.chen)], [undefined, it.mei.id]);
  await page.keyboard.press('a');
  await page.waitForURL((url) => url.pathname.endsWith(it.chen.id));
  assert.equal(it.chen.ringUntil, 0);
  await clean(page);
});

test('answering above a dialog does not close it', async () => {
  const page = await ready('/settings/agents');
  await page.getByRole('button', { name: 'Invite an agent' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Ida');
  it.world.desk.ring(it.bo, it.mei);
  // Hidden from those who hear the page, like everything behind a dialog, but the announcement is not.
  await offer(page, it.bo).locator('button').last().click();
  await offers(page).waitFor({ state: 'detached' });
  assert.equal(holder(it.bo), undefined);
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'Ida');
  await page.locator('.overlay').click({ position: { x: 5, y: 5 } });
  await dialog.waitFor({ state: 'detached' });
  await clean(page);
});

test('accepting takes nothing away that is begun, and its agent goes there when they want to', async () => {
  const page = await ready('/settings/agents');
  await page.getByRole('button', { name: 'Invite an agent' }).click();
  const dialog = page.getByRole('dialog');
  const accept = (room) => offer(page, room).locator('button').first().click();
  it.world.desk.ring(it.chen, it.mei);
  await dialog.getByLabel('Name').fill('Ida');
  await accept(it.chen);
  await toast(page, 'The conversation with 陈晓明 is yours.').waitFor();
  assert.equal(holder(it.chen), it.mei.id);
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'Ida');
  await toast(page, 'is yours').locator('button', { hasText: 'Open' }).click();
  const asked = page.getByRole('alertdialog');
  await asked.getByRole('heading', { name: 'Leave without saving?' }).waitFor();
  // What is drawn there, and not only what takes a click: the dialog behind takes none while it is asked.
  const isOnTop = await asked.evaluate((element) => {
    for (const one of document.querySelectorAll('[role=dialog]')) one.style.pointerEvents = 'auto';
    const { x, y, width, height } = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
  });
  assert.ok(isOnTop, 'the question lies above what it is about');
  assert.deepEqual(await findings(page), []);
  await asked.getByRole('button', { name: 'Cancel' }).click();
  await asked.waitFor({ state: 'detached' });
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'Ida');
  assert.ok(page.url().endsWith('/settings/agents'));
  assert.equal(await dialog.evaluate((element) => element.contains(document.activeElement)), true, 'the focus is back');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  it.world.desk.ring(it.bo, it.mei);
  await accept(it.bo);
  await page.waitForURL((url) => url.pathname.endsWith(it.bo.id));
  await clean(page);
});

test('it rings in one window until it ends, names the window and shows one notification', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await callable(context);
  await context.clock.install();
  const pages = [await openPage(context, '/inbox/mine'), await openPage(context, '/settings/profile')];
  for (const page of pages) await live(page);
  const [page] = pages;
  await becomes(() => page.title(), '(11) Bellhop console', 'the list is here');
  const bells = async () => (await Promise.all(pages.map((one) => one.evaluate(() => window.bells)))).sort();
  it.world.desk.ring(it.chen, it.mei, 200);
  await becomes(bells, [0, 1], 'a bell in one window');
  await becomes(() => page.title(), '(12) Incoming conversation · Bellhop console', 'the title');
  const notice = { title: 'Incoming conversation from 陈晓明', body: '你好，请问这款登山鞋有42码的吗？' };
  await becomes(() => page.evaluate(() => window.notices), [{ ...notice, open: true }], 'the notification');
  for (const wanted of [2, 3]) {
    await context.clock.fastForward(5_000);
    await becomes(bells, [0, wanted], 'again and again');
  }
  it.world.desk.ringOut(it.chen);
  await becomes(() => page.title(), '(11) Bellhop console', 'it is over');
  assert.deepEqual(await page.evaluate(() => window.notices), [{ ...notice, open: false }]);
  await context.clock.fastForward(20_000);
  assert.deepEqual(await bells(), [0, 3], 'silent at once');
  await clean(page);
});

test('a conversation that the list does not know yet rings, and calls once', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await callable(context);
  const page = await openPage(context, '/settings/profile');
  await live(page);
  await becomes(() => page.title(), '(11) Bellhop console', 'the list is here');
  const { desk } = it.world;
  desk.late = true;
  const zoe = it.world.addRoom('Zoe', { site: it.shop.id });
  zoe.visitorSays('New here');
  desk.ring(zoe, it.mei);
  await offer(page, zoe).getByText('Visitor', { exact: true }).waitFor();
  desk.late = false;
  desk.changed(zoe);
  await offer(page, zoe).getByText('Zoe').waitFor();
  await offer(page, zoe).getByText('New here').waitFor();
  await becomes(() => page.title(), '(12) Incoming conversation · Bellhop console', 'its message is counted');
  assert.deepEqual(await page.evaluate(() => window.notices.map(({ title }) => title)), ['Incoming conversation from Visitor']);
  await clean(page);
});

test('the switches that silence messages silence what rings', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await callable(context);
  await context.addInitScript(() => {
    localStorage.setItem('bellhop.console.sound', 'off');
    localStorage.removeItem('bellhop.console.desktop');
  });
  const page = await openPage(context, '/inbox/mine');
  await live(page);
  it.world.desk.ring(it.chen, it.mei);
  await offer(page, it.chen).waitFor();
  await becomes(() => page.title(), '(12) Incoming conversation · Bellhop console', 'the title');
  assert.deepEqual(await page.evaluate(() => [window.bells, window.notices]), [0, []]);
  await clean(page);
});

test('an agent who does not answer is away, hears why, and comes back', async () => {
  const page = await ready();
  const { desk } = it.world;
  for (const away of [false, true]) {
    desk.ring(it.bo, it.mei, 200);
    await offer(page, it.bo).waitFor();
    desk.ringOut(it.bo, { away });
    await offers(page).waitFor({ state: 'detached' });
    assert.equal(await toast(page, 'away now').count(), away ? 1 : 0);
  }
  const why = toast(page, 'You did not answer two conversations, so you are away now.');
  await why.waitFor();
  await page.reload();
  await why.waitFor();
  await page.getByRole('button', { name: 'Your account' }).click();
  assert.equal(await page.getByRole('menuitemradio', { name: 'Away' }).getAttribute('aria-checked'), 'true');
  await page.keyboard.press('Escape');
  await live(page);
  await why.getByRole('button', { name: 'Come back online' }).click();
  await why.waitFor({ state: 'detached' });
  await becomes(() => desk.availabilityOf(it.mei.id), 1, 'the Desk knows');
  await clean(page);
});

test('on a phone and from right to left the card stays inside the screen', async () => {
  for (const [n, dir] of ['ltr', 'rtl'].entries()) {
    const page = await visitRoom(it.ada, { view: 'mine', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await becomes(() => it.world.desk.sockets.size, n + 1, 'live');
    await page.evaluate((value) => (document.documentElement.dir = value), dir);
    for (const room of [it.bo, it.chen]) it.world.desk.ring(room, it.mei, 200);
    await offer(page, it.chen).waitFor();
    const boxes = await offers(page).evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
    for (const { left, right, top, width } of boxes) assert.ok(left >= 0 && right <= 390 && top > 50 && width > 300, JSON.stringify(boxes));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    assert.deepEqual(await findings(page), []);
    await answer(page, it.bo, 'Accept').tap();
    await page.waitForURL((url) => url.pathname.endsWith(it.bo.id));
    await clean(page);
    for (const room of [it.bo, it.chen]) room.assign(undefined);
  }
});
