// The console calls an agent who looks elsewhere: title, notification, sound, and only one window of several.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { becomes, bubble, callable, clean, dialog, it, openPage, opened, row, rows, stage } from './console-fixture.mjs';

stage();

test('the title counts, and a notification comes only after a click has allowed it', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await context.addInitScript(() => {
    window.asked = 0;
    window.shown = [];
    class Notification {
      static permission = localStorage.getItem('test.permission') ?? 'default';
      static async requestPermission() {
        window.asked++;
        localStorage.setItem('test.permission', 'granted');
        return (Notification.permission = 'granted');
      }
      constructor(title, { body, tag }) {
        window.shown.push({ title, body, tag });
      }
      close() {}
    }
    window.Notification = Notification;
    document.hasFocus = () => false;
  });
  const page = await openPage(context, '/inbox/mine');
  await rows(page).first().waitFor();
  await becomes(() => page.title(), '(11) Bellhop console', 'the count');
  it.bo.visitorSays('ring');
  await becomes(() => page.title(), '(12) Bellhop console', 'one more');
  assert.equal(await page.evaluate(() => window.asked), 0);
  assert.deepEqual(await page.evaluate(() => window.shown), []);
  await page.goto(`${it.fake.url}/console/settings/preferences`);
  await page.getByRole('button', { name: 'Allow notifications' }).click();
  await page.getByLabel('Desktop notifications').waitFor();
  assert.equal(await page.evaluate(() => window.asked), 1);
  const icon = () => page.locator('link[rel=icon]').getAttribute('href');
  await becomes(icon, '/console/icon-waiting.svg', 'a mark on the icon');
  assert.match(await page.evaluate(async () => (await fetch('/console/icon-waiting.svg')).text()), /^<svg/u);
  for (const on of [false, true]) {
    for (const name of ['Title of the tab', 'Icon of the tab']) await page.getByRole('switch', { name }).setChecked(on);
    await becomes(async () => [await page.title(), await icon()], on ? ['(12) Bellhop console', '/console/icon-waiting.svg'] : ['Bellhop console', '/console/icon.svg'], 'each has its switch');
    if (!on) await page.reload();
  }
  // In settings, too: one does not have to look at the inbox.
  // What the list begins with is history and calls nobody: it must be there first.
  await becomes(() => page.title(), '(12) Bellhop console', 'the list');
  it.ada.visitorSays('are you there?');
  await becomes(() => page.evaluate(() => window.shown), [{ title: 'New message from Ada Moreau', body: 'are you there?', tag: it.ada.id }], 'shown once');
  it.omar.visitorSays('another agent’s');
  it.chen.visitorSays('another team’s');
  it.bo.visitorSays('nobody’s');
  await becomes(() => page.evaluate(() => window.shown.map((one) => one.body)), ['are you there?', 'nobody’s'], 'not what others have, or may take');
  await clean(page);
});

test('of two windows only one rings', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await context.addInitScript(() => {
    window.rings = 0;
    const { createOscillator } = AudioContext.prototype;
    AudioContext.prototype.createOscillator = function (...args) {
      window.rings++;
      return createOscillator.apply(this, args);
    };
    document.hasFocus = () => false;
  });
  const pages = [await openPage(context, '/inbox/mine'), await openPage(context, '/inbox/all')];
  for (const page of pages) await rows(page).first().waitFor();
  for (const page of pages) await page.getByText('Live', { exact: true }).waitFor();
  it.ada.visitorSays('ding');
  const rings = async () => (await Promise.all(pages.map((page) => page.evaluate(() => window.rings)))).sort();
  await becomes(rings, [0, 2], 'two tones in one window');
  await clean(pages[0]);
});

test('the window rings that can be heard, and none whose line has ended', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await callable(context);
  const open = async () => {
    const page = await openPage(context, '/inbox/all');
    await rows(page).first().waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    return page;
  };
  const pages = [await open()];
  const held = () => pages[0].evaluate(async () => (await navigator.locks.query()).held.map(({ name }) => name).sort());
  const lines = new Set(it.world.sockets);
  pages.push(await open());
  const bells = () => Promise.all(pages.map((page) => page.evaluate(() => (window.ahead += 1_000) && window.bells)));
  await becomes(held, ['bellhop.console.sound.untouched'], 'one of two that nobody has touched');
  await pages[1].mouse.click(700, 500);
  await becomes(held, ['bellhop.console.sound', 'bellhop.console.sound.untouched'], 'touched');
  it.ada.visitorSays('ding');
  await becomes(bells, [0, 1], 'the one that was touched');
  for (const { socket } of [...it.world.sockets].filter((one) => !lines.has(one))) socket.close(4500);
  await becomes(held, ['bellhop.console.sound.untouched'], 'ended');
  it.ada.visitorSays('dong');
  await becomes(bells, [1, 1], 'the other one, as far as its browser lets it');
  await pages[0].mouse.click(700, 500);
  await becomes(held, ['bellhop.console.sound'], 'touched, too');
  await pages[1].getByRole('button', { name: 'Use it here' }).click();
  await pages[1].getByText('Live', { exact: true }).waitFor();
  it.ada.visitorSays('dang');
  await becomes(bells, [2, 1], 'who rings goes on');
  await clean(pages[0]);
  await clean(pages[1]);
});

test('what comes at once rings once, and so does what the Desk has told of before its Room comes back', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await callable(context);
  const page = await opened(await openPage(context, `/inbox/mine/${it.ada.id}`));
  await page.getByText('Live', { exact: true }).waitFor();
  const calls = async (bells, notices, what) => {
    await becomes(() => page.evaluate(() => window.notices.map(({ body }) => body)), notices, what);
    assert.equal(await page.evaluate(() => window.bells), bells, what);
    await page.evaluate(() => (window.ahead += 1_000));
  };
  const texts = ['are you', 'still', 'there?'];
  for (const text of texts) it.ada.visitorSays(text);
  await calls(1, texts, 'at once');
  // The server ends the line of this conversation alone.
  for (const socket of it.ada.sockets.keys()) socket.close(4500);
  await page.getByRole('alert').getByRole('button', { name: 'Use it here' }).waitFor();
  it.ada.visitorSays('hello?');
  await calls(2, [...texts, 'hello?'], 'by the Desk');
  await page.getByRole('alert').getByRole('button').click();
  await bubble(page, 'hello?').waitFor();
  it.ada.visitorSays('and now?');
  await calls(3, [...texts, 'hello?', 'and now?'], 'by its Room again');
  await clean(page);
});

test('what is given to an agent calls them, and what comes into their queue does, though all of it was read', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await callable(context);
  const page = await openPage(context, '/inbox/all');
  await rows(page).first().waitFor();
  // It has the bell, also while another one is clicked in.
  await page.mouse.click(700, 500);
  await becomes(() => page.title(), '(11) Bellhop console', 'the list');
  const said = [];
  const calls = async (wanted, what) => {
    said.push(wanted);
    await becomes(() => page.evaluate(() => window.notices.map(({ title }) => title.replace(/[\u2068\u2069]/gu, ''))), said, what);
    assert.equal(await page.evaluate(() => window.bells), said.length);
    await page.evaluate(() => (window.ahead += 1_000));
  };
  const { desk } = it.world;
  desk.give(it.omar, it.mei, it.tom);
  await calls('عمر خالد was handed over to you', 'given by a colleague');
  await becomes(() => page.title(), '(12) Bellhop console', 'a mark until it is looked at');
  it.omar.visitorSays('one more thing');
  await calls('New message from عمر خالد', 'its message');
  it.omar.assign(it.tom, it.tom);
  it.omar.agentSays(it.tom, 'answered');
  it.omar.assign(undefined, it.tom);
  await calls('عمر خالد is waiting for an agent', 'given up by who had it');
  // With the row that says whose it is comes a message, which the Room’s first welcome holds already.
  desk.late = true;
  it.omar.assign(it.mei, it.mei);
  it.omar.visitorSays('together with that');
  desk.late = false;
  desk.update({ rows: [desk.row(it.omar)] });
  await calls('New message from عمر خالد', 'not lost');
  // Whoever gives up knows of it, in every window: nothing here calls, as the next thing shows.
  const other = await openPage(context, `/inbox/mine/${it.ada.id}`);
  await opened(other);
  await other.getByRole('button', { name: /^Who has this/ }).click();
  await other.getByRole('menuitem', { name: 'Release' }).click();
  await row(page, it.ada).getByText('Unassigned').waitFor();
  it.bo.visitorSays('ring');
  await calls('New message from Visitor ' + it.bo.profile.id.slice(-4).toUpperCase(), 'not for one’s own doing');
  assert.equal(await other.evaluate(() => window.notices.filter(({ title }) => !title.startsWith('New message')).length), 0);
  // A manager who moves what is another’s knows of it, too.
  await other.goto(`${it.fake.url}/console/inbox/all/${it.omar.id}`);
  it.omar.assign(it.tom, it.tom);
  await opened(other);
  await other.getByRole('button', { name: 'Who has this conversation: Tom Okafor' }).click();
  await other.getByRole('menuitem', { name: 'Transfer…' }).click();
  await dialog(other).getByLabel('Support').check();
  await dialog(other).getByRole('button', { name: 'Transfer' }).click();
  await row(page, it.omar).getByText('Unassigned').waitFor();
  it.bo.visitorSays('again');
  await calls('New message from Visitor ' + it.bo.profile.id.slice(-4).toUpperCase(), 'nor for a manager’s');
  await clean(page);
});

test('what is looked at in one window does not ring in another', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await callable(context);
  const away = await openPage(context, '/inbox/all');
  await away.getByText('Live', { exact: true }).waitFor();
  await context.addInitScript(() => (document.hasFocus = () => window.isThere !== false));
  const here = await opened(await openPage(context, `/inbox/mine/${it.ada.id}`));
  await here.getByText('Live', { exact: true }).waitFor();
  const calls = () => Promise.all([away, here].map((page) => page.evaluate(() => [window.bells, window.notices.map((one) => one.body)])));
  it.ada.visitorSays('read at once');
  await becomes(() => it.ada.receipts.get(it.mei.id)?.read, it.ada.messages.length, 'read');
  it.bo.visitorSays('in another one');
  await becomes(calls, [[1, ['in another one']], [0, []]], 'only what nobody looks at');
  await away.evaluate(() => (window.ahead += 1_000));
  // Whoever turns away from that window is called again.
  await here.evaluate(() => {
    window.isThere = false;
    window.dispatchEvent(new Event('blur'));
  });
  await becomes(() => away.evaluate(async () => (await navigator.locks.query()).held.map(({ name }) => name)), ['bellhop.console.sound.untouched'], 'nothing is looked at');
  it.ada.visitorSays('read by nobody');
  await becomes(async () => (await calls())[0], [2, ['in another one', 'read by nobody']], 'called');
  await clean(away);
  await clean(here);
});

test('what is given to an agent, and looked at in one window, marks no other', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await callable(context);
  const away = await openPage(context, '/inbox/all');
  await row(away, it.omar).waitFor();
  await context.addInitScript(() => (document.hasFocus = () => true));
  const here = await openPage(context, '/inbox/all');
  await row(here, it.omar).waitFor();
  const titles = () => Promise.all([away, here].map((page) => page.title()));
  const both = (title) => [title, title];
  await becomes(titles, both('(11) Bellhop console'), 'the list');
  const { desk } = it.world;
  desk.give(it.omar, it.mei, it.tom);
  await becomes(titles, both('(12) Bellhop console'), 'a mark until it is looked at');
  await row(here, it.omar).click();
  await becomes(titles, both('(11) Bellhop console'), 'looked at');
  // Before one’s eyes.
  it.omar.assign(it.tom, it.tom);
  await row(away, it.omar).getByText('Tom Okafor').waitFor();
  desk.give(it.omar, it.mei, it.tom);
  await row(away, it.omar).getByText('Tom Okafor').waitFor({ state: 'detached' });
  await becomes(titles, both('(11) Bellhop console'), 'looked at all the while');
  // Once more, after another one.
  await row(here, it.ada).click();
  it.omar.assign(it.tom, it.tom);
  await row(away, it.omar).getByText('Tom Okafor').waitFor();
  const before = await away.title();
  desk.give(it.omar, it.mei, it.tom);
  await becomes(async () => (await away.title()) !== before, true, 'a mark again');
  await row(here, it.omar).click();
  await becomes(() => away.title(), before, 'and again looked at');
  await clean(away);
  await clean(here);
});
