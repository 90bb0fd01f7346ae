// The console is never silently stale.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { ACTIVITY, KIND, STATUS } from './fake/wire.mjs';
import { becomes, bubble, callable, clean, dialog, field, it, openPage, opened, row, stage, visit, visitRoom } from './console-fixture.mjs';

stage();

const unsure = (page) => page.locator('.rows.old');

test('INV-4 after a cut nothing is missing and nothing is doubled, on either side', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  it.fake.setLine('down');
  await page.locator('.banner', { hasText: /The connection is lost\..*(Next try in|Trying now)/ }).waitFor();
  await unsure(page).waitFor();
  await page.getByText('Not live', { exact: true }).waitFor();
  await page.locator('.strip', { hasText: 'Not live since' }).waitFor();
  await field(page).fill('written in the dark');
  await page.keyboard.press('Enter');
  await bubble(page, 'written in the dark').getByText('Waits for the connection').waitFor();
  it.ada.visitorSays('missed one');
  it.ada.visitorSays('missed two');
  it.bo.visitorSays('elsewhere');
  it.fake.setLine('up');
  await page.locator('.toast', { hasText: 'Live again.' }).waitFor();
  await bubble(page, 'missed two').waitFor();
  await becomes(() => bubble(page, 'written in the dark').locator('[data-delivery]').getAttribute('data-delivery'), 'sent', 'what waited went out');
  assert.equal(await bubble(page, 'missed one').count(), 1);
  assert.equal(it.ada.messages.filter((one) => one.text === 'written in the dark').length, 1);
  assert.equal(await unsure(page).count(), 0);
  await page.locator('nav.views a', { hasText: 'Unassigned' }).click();
  await becomes(() => row(page, it.bo).locator('.preview').textContent(), 'elsewhere', 'the list went on, too');
  await clean(page);
});

test('a console that a release has replaced says so once the line is back, and loads nothing by itself', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  await field(page).fill('not sent yet');
  await page.route(`${it.fake.url}/console/`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace(/index-[^"]+[.]js/, 'index-NEWER.js') });
  });
  it.fake.setLine('down');
  await page.locator('.banner').waitFor();
  it.fake.setLine('up');
  const notice = page.locator('.toast', { hasText: 'A newer console is there.' });
  await notice.getByRole('button', { name: 'Reload' }).waitFor();
  assert.equal(await field(page).inputValue(), 'not sent yet');
  await clean(page);
});

test('an agent can hurry the next try', async () => {
  const page = await visit('/inbox/mine');
  await page.getByText('Live', { exact: true }).waitFor();
  // The longest waits that chance allows: half a second, one, two, four, eight. The fourth never ends, or the fifth where a busy page
  // has lost a part of that before it was set, so nothing but the button does it. A check of the line takes three.
  await page.evaluate(() => {
    Math.random = () => 0.999;
    const { setTimeout } = window;
    window.setTimeout = (run, ms, ...more) => (ms > 3_000 && ms <= 8_000 ? void (window.waits = true) : setTimeout(run, ms, ...more));
  });
  it.fake.setLine('down');
  await page.waitForFunction(() => window.waits);
  await page.locator('.banner', { hasText: 'Next try in' }).waitFor();
  it.fake.setLine('up');
  await page.locator('.banner').getByRole('button', { name: 'Try now' }).click();
  await page.getByText('Live', { exact: true }).waitFor();
  await clean(page);
});

test('a first reply that was written while not live takes the conversation afterwards', async () => {
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  it.fake.setLine('down');
  await page.locator('.banner').waitFor();
  await field(page).fill('Yes, until Friday.');
  await page.keyboard.press('Enter');
  it.fake.setLine('up');
  await becomes(() => it.bo.last.text, 'Yes, until Friday.', 'sent');
  await becomes(() => it.bo.state.assignee?.id, it.mei.id, 'taken');
  await clean(page);
});

test('a conversation whose own line is cut says so, while the list goes on', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  const { ada } = it;
  it.world.rooms.delete(ada.id);
  it.world.rooms.set(ada.id, { take: () => {}, leave: () => {}, state: ada.state, profile: ada.profile, createdAt: ada.createdAt, unread: 0, waitingSince: 0, last: ada.last, messages: ada.messages });
  for (const { socket } of it.world.sockets) if (ada.sockets.has(socket)) socket.terminate();
  await page.locator('.strip', { hasText: /Not live since .* What you write is kept/ }).waitFor();
  assert.equal(await page.locator('.banner').count(), 0);
  await page.locator('.strip').getByRole('button', { name: 'Try now' }).click();
  await page.keyboard.type('Hello');
  assert.equal(await field(page).inputValue(), 'Hello', 'the button goes, and no letter is a key');
  it.world.rooms.set(ada.id, ada);
  for (const { socket } of it.world.sockets) if (!it.world.desk.sockets.has(socket)) socket.terminate();
  await page.locator('.strip').waitFor({ state: 'detached' });
  await clean(page);
});

test('a conversation whose line is ended before it has opened says so, and not that there is none', async () => {
  const { ada } = it;
  it.world.rooms.set(ada.id, { ...ada, take: (socket) => socket.close(4503), leave: () => {}, unread: 0, waitingSince: 0, last: ada.last });
  const page = await visit(`/inbox/mine/${ada.id}`);
  const again = page.getByRole('alert').getByRole('button', { name: 'Use it here' });
  await again.waitFor();
  assert.deepEqual([await page.getByText('does not exist').count(), await page.locator('.opening').count()], [0, 0]);
  it.world.rooms.set(ada.id, ada);
  await again.click();
  await opened(page);
  await again.waitFor({ state: 'detached' });
  await clean(page);
});

test('with the list’s line every one comes back that the server has ended: what was written goes out, and the visitor is heard', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await callable(context);
  const page = await opened(await openPage(context, `/inbox/mine/${it.ada.id}`));
  const { write } = it.ada;
  it.ada.write = () => {};
  await field(page).fill('On its way today.');
  await page.keyboard.press('Enter');
  await bubble(page, 'On its way today.').waitFor();
  await row(page, it.long).click();
  await bubble(page, 'On its way today.').waitFor({ state: 'detached' });
  it.ada.write = write;
  for (const { socket } of it.world.sockets) socket.close(4500);
  await page.locator('.banner', { hasText: 'The server ended this connection.' }).waitFor();
  it.ada.visitorSays('any news?');
  await page.locator('.banner').getByRole('button', { name: 'Use it here' }).click();
  await becomes(() => it.ada.last.text, 'On its way today.', 'sent');
  await becomes(() => page.evaluate(() => [window.bells, window.notices.map(({ body }) => body)]), [1, ['any news?']], 'called once');
  await clean(page);
});

test('what was not sent survives a reload of the page and goes out once', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  it.ada.holdAcks = true;
  const sent = it.ada.write;
  it.ada.write = () => {};
  await field(page).fill('before the reload');
  await page.keyboard.press('Enter');
  await bubble(page, 'before the reload').waitFor();
  it.ada.write = sent;
  it.ada.holdAcks = false;
  await page.reload();
  await becomes(() => it.ada.messages.filter((one) => one.text === 'before the reload').length, 1, 'sent after the reload');
  await opened(page);
  assert.equal(await bubble(page, 'before the reload').count(), 1);
  await clean(page);
});

test('nobody signs out, or leaves, over what was not sent without being asked', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  const kept = () => page.evaluate(() => JSON.stringify(sessionStorage).includes('in the dark'));
  const isHeld = () => page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));
  const signOut = async () => {
    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
  };
  const asked = page.getByRole('alertdialog');
  assert.equal(await isHeld(), false);
  it.ada.write = () => {};
  await field(page).fill('in the dark');
  await page.keyboard.press('Enter');
  await bubble(page, 'in the dark').waitFor();
  assert.equal(await isHeld(), true);
  await signOut();
  await asked.getByRole('heading', { name: '1 message has not been sent' }).waitFor();
  assert.deepEqual(await findings(page), []);
  await asked.getByRole('button', { name: 'Cancel' }).click();
  await page.keyboard.press('n');
  await page.keyboard.type('and a note');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await asked.getByText('2 messages have not been sent').waitFor();
  await asked.getByRole('button', { name: 'Cancel' }).click();
  await signOut();
  await asked.getByRole('heading', { name: '2 messages have not been sent' }).waitFor();
  assert.equal(await kept(), true);
  await asked.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  assert.deepEqual([await kept(), await isHeld()], [false, false]);
  await clean(page);
});

test('what one agent was told of, and how they looked at the list, is not for the next one', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  it.fake.setLine('down');
  await field(page).fill('too long');
  await page.keyboard.press('Enter');
  await bubble(page, 'too long').waitFor();
  await row(page, it.long).click();
  it.ada.refuseNext = { code: 'too_large', message: 'x' };
  it.fake.setLine('up');
  await page.locator('.toast', { hasText: /^What you wrote to .+ was not sent\./ }).waitFor();
  const pick = async (menu, item) => {
    await page.getByRole('button', { name: menu }).click();
    await page.getByRole('menuitemradio', { name: item }).click();
  };
  await pick(/^Order/, 'Longest waiting first');
  await pick(/^Status/, 'Resolved');
  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  assert.deepEqual(await page.locator('.toast').allTextContents(), []);
  await page.getByLabel('E-mail').fill(it.tom.email);
  await page.getByLabel('Password', { exact: true }).fill(it.tom.password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Status: Open' }).waitFor();
  await page.getByRole('button', { name: 'Order: Newest first' }).waitFor();
  await clean(page);
});

test('the browser asks before such a page is left, but not where somebody else has signed in meanwhile', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  const asked = [];
  page.on('dialog', (one) => {
    asked.push(one.type());
    return one.dismiss();
  });
  it.ada.write = () => {};
  await field(page).fill('in the dark');
  await page.keyboard.press('Enter');
  await bubble(page, 'in the dark').waitFor();
  await page.evaluate(() => void setTimeout(() => location.reload()));
  await becomes(() => asked, ['beforeunload'], 'it asks');
  await bubble(page, 'in the dark').waitFor();
  const reloaded = page.waitForEvent('load');
  await page.evaluate(() => window.dispatchEvent(new StorageEvent('storage', { key: 'bellhop.console.agent', newValue: 'agt_another' })));
  await reloaded;
  assert.deepEqual(asked, ['beforeunload']);
  await clean(page);
});

test('what is sent while one is asked is nothing to be asked about', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  const write = it.ada.write;
  it.ada.write = () => {};
  await field(page).fill('in the dark');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Sign out here' }).click();
  const asked = page.getByRole('alertdialog');
  await asked.getByRole('heading', { name: '1 message has not been sent' }).waitFor();
  it.ada.write = write;
  it.fake.cut();
  await asked.getByRole('heading', { name: 'Everything has been sent by now' }).waitFor();
  await asked.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  assert.equal(it.ada.last.text, 'in the dark');
  await clean(page);
});

test('a line that is open but dead is found out', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  it.fake.setLine('stalled');
  // A waking machine checks at once, and waits three seconds for the answer.
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.locator('.banner').waitFor();
  it.fake.setLine('up');
  await page.locator('.banner').waitFor({ state: 'detached' });
  await clean(page);
});

test('a session that ends closes everything and leads back to where one was', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  await field(page).fill('a draft');
  it.world.signOutEverywhere(it.mei);
  await page.getByText('Your session has ended.').waitFor();
  await page.getByLabel('E-mail').fill(it.mei.email);
  await page.getByLabel('Password', { exact: true }).fill(it.mei.password);
  await page.keyboard.press('Enter');
  await opened(page);
  assert.ok(page.url().endsWith(`/inbox/mine/${it.ada.id}`));
  assert.equal(await field(page).inputValue(), 'a draft');
  await clean(page);
});

test('what one agent has begun to write is not for the next one at the same machine', async () => {
  const kept = () => page.evaluate(() => JSON.stringify(sessionStorage).includes('mine alone'));
  const page = await visitRoom(it.ada, { view: 'mine' });
  await field(page).fill('mine alone');
  assert.equal(await kept(), true);
  it.world.signOutEverywhere(it.mei);
  await page.getByText('Your session has ended.').waitFor();
  await page.getByLabel('E-mail').fill(it.tom.email);
  await page.getByLabel('Password', { exact: true }).fill(it.tom.password);
  await page.keyboard.press('Enter');
  await opened(page);
  assert.equal(await field(page).inputValue(), '');
  assert.equal(await kept(), false);
  await field(page).fill('mine alone');
  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  assert.equal(await kept(), false, 'nor after a sign-out');
});

test('typing shows with what the visitor has written so far, and ends with the message', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  it.ada.visitorTypes(true, 'could you maybe');
  await page.getByText('Ada Moreau is writing: could you maybe').waitFor();
  it.ada.visitorSays('could you maybe ship it today?');
  await page.locator('[data-test=typing]').waitFor({ state: 'detached' });
  await bubble(page, 'ship it today').waitFor();
  const other = await visitRoom(it.ada, { agent: it.tom });
  await field(other).fill('I am on it');
  await page.getByText('Tom Okafor is writing…').waitFor();
  await clean(page);
});

test('read only what can have been read: the page visible, with the focus, at the end', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  const readTo = () => it.ada.receipts.get(it.mei.id)?.read ?? 0;
  await becomes(readTo, it.ada.messages.length, 'what is on the screen');
  await page.evaluate(() => (document.hasFocus = () => false));
  const before = readTo();
  it.ada.visitorSays('while looking elsewhere');
  await bubble(page, 'while looking elsewhere').waitFor();
  await becomes(() => row(page, it.ada).locator('.badge').textContent(), '11 unread message', 'the list counts it');
  assert.equal(readTo(), before);
  await page.evaluate(() => {
    delete document.hasFocus;
    window.dispatchEvent(new Event('focus'));
  });
  await becomes(readTo, it.ada.messages.length, 'after coming back');
  await row(page, it.ada).locator('.badge').waitFor({ state: 'detached' });
  await clean(page);
});

test('how long somebody waits, and what an hour is, goes by the server’s clock', async () => {
  const ahead = 6 * 60_000;
  it.world.desk.clockAhead = -ahead;
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  await becomes(() => row(page, it.bo).locator('.wait').innerText(), 'waiting 3 min', 'nine by this computer');
  assert.equal(await row(page, it.bo).locator('.wait.long').count(), 0);
  await page.getByRole('button', { name: 'Snooze' }).click();
  await page.getByRole('menuitem', { name: 'For 1 hour' }).click();
  await becomes(() => it.bo.state.status, STATUS.SNOOZED, 'snoozed');
  assert.ok(Math.abs(it.bo.state.snoozedUntil - (Date.now() - ahead) - 3_600_000) < 60_000);
  await clean(page);
});

test('availability is told to the Desk by every window, and by the first one after a cut; while one stays, what it says stands', async () => {
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  const page = await openPage(context, '/inbox/mine');
  const other = await openPage(context, '/inbox/all');
  for (const one of [page, other]) await one.getByText('Live', { exact: true }).waitFor();
  const { desk } = it.world;
  const told = [];
  const set = desk.setAvailability.bind(desk);
  desk.setAvailability = (id, availability) => (told.push(availability), set(id, availability));
  const choose = async (one, name) => {
    await one.getByRole('button', { name: 'Your account' }).click();
    await one.getByRole('menuitemradio', { name }).click();
    await one.keyboard.press('Escape');
  };
  const shown = async () => Promise.all([page, other].map((one) => one.locator('.trigger .dot').evaluateAll((all) => all.map((dot) => dot.className.includes('away') ? 'away' : 'online').join())));
  await choose(page, 'Away');
  await becomes(() => told, [2, 2], 'both windows');
  it.fake.cut();
  await becomes(() => told, [2, 2, 2], 'the first one after a cut');
  for (const one of [page, other]) await one.getByText('Live', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('Live', { exact: true }).waitFor();
  await becomes(shown, ['away', 'away'], 'and after a reload');
  await choose(other, 'Online');
  await becomes(() => told[3], 1, 'back');
  await becomes(shown, ['online', 'online'], 'in both');
  await choose(other, 'Appear offline');
  await becomes(() => desk.availabilityOf(it.mei.id), 3, 'not to be seen');
  await becomes(shown, ['', ''], 'in both');
  await page.reload();
  await page.getByText('Live', { exact: true }).waitFor();
  assert.equal(await page.locator('.trigger').getAttribute('title'), 'Appear offline');
  // On another device.
  set(it.mei.id, 1);
  await becomes(shown, ['online', 'online'], 'as the Desk says');
  set(it.mei.id, 2);
  await becomes(shown, ['away', 'away'], 'as the Desk says');
  await clean(page);
});

test('agents read that a silent visitor was warned, and that the conversation has ended by itself', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  it.ada.append({ kind: KIND.SYSTEM }, { activity: { kind: ACTIVITY.IDLE_WARNED, endsAt: new Date(2026, 10, 26, 14, 5).getTime() } });
  await page.getByText(/^The visitor was told that the chat ends at .*:05.* unless somebody writes$/).waitFor();
  it.ada.turn(STATUS.RESOLVED, undefined, Date.now(), 0, 'idle');
  await page.getByText('The conversation was resolved because nobody wrote', { exact: true }).waitFor();
  await clean(page);
});
