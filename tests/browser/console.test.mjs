// The console's inbox and conversation in a real browser: list, log, hand-over, keys, search.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { drawn } from './browser.mjs';
import { becomes, bubble, delivery, clean, field, it, opened, row, rows, stage, visit, visitRoom } from './console-fixture.mjs';
import { KIND, STATUS } from './fake/wire.mjs';

stage();

const names = (page) => rows(page).locator('.name').allTextContents();
const tabs = (page) => page.locator('nav.views a').allTextContents();

test('the list shows each view with its count, its status and its order, and follows what happens', async () => {
  const page = await visit('/inbox/unassigned');
  await rows(page).first().waitFor();
  assert.deepEqual(await tabs(page), ['Mine4', 'Unassigned7', 'Follow up0', 'All15']);
  assert.equal((await names(page)).at(-1), '陈晓明', 'a queue: the last to come is the last');
  assert.equal(await row(page, it.bo).locator('.badge').textContent(), '22 unread messages');
  it.bo.visitorSays('hello??');
  await becomes(() => row(page, it.bo).locator('.badge').textContent(), '33 unread messages', 'its count');
  assert.equal((await names(page)).at(-1), '陈晓明', 'whoever writes again keeps their place');
  await page.getByRole('button', { name: /^Order/ }).click();
  await page.getByRole('menuitemradio', { name: 'Newest first' }).click();
  await becomes(async () => (await names(page))[0], await row(page, it.bo).locator('.name').textContent(), 'the newest first');
  const newcomer = it.world.addRoom('Zoe', { site: it.shop.id });
  newcomer.visitorSays('New here');
  await row(page, newcomer).waitFor();
  await page.getByRole('button', { name: /^Status/ }).click();
  await page.getByRole('menuitemradio', { name: 'Snoozed' }).click();
  await page.locator('nav.views a', { hasText: 'All' }).click();
  await row(page, it.snoozed).waitFor();
  assert.deepEqual(await names(page), ['Greta Holm']);
  await page.getByRole('button', { name: /^Status/ }).click();
  await page.getByRole('menuitemradio', { name: 'Resolved' }).click();
  await row(page, it.done).waitFor();
  await clean(page);
});

test('a Desk that has just woken knows no previews: the list asks the API for them', async () => {
  it.world.desk.forgetful = true;
  const page = await visit('/inbox/unassigned');
  await becomes(() => row(page, it.bo).locator('.preview').textContent(), 'I need the tent before friday', 'the preview');
  await clean(page);
});

test('a list of a thousand shows only what is near the screen', async () => {
  for (let i = 0; i < 1000; i++) it.world.addRoom(`Visitor number ${i}`, { site: it.shop.id, createdAt: Date.now() - i }).visitorSays('hi');
  const page = await visit('/inbox/all');
  await rows(page).first().waitFor();
  await becomes(async () => (await tabs(page)).at(-1), 'All1015', 'all are counted');
  assert.ok((await rows(page).count()) < 60);
  await clean(page);
});

test('a list of which a part can’t be asked for says so below what it has, and asks for that part again', async () => {
  for (let n = 0; n < 60; n++) {
    const room = it.world.addRoom(`Guest ${n}`, { site: it.shop.id, createdAt: Date.now() - (40 + n) * 86_400_000 });
    room.visitorSays('hello', Date.now() - (40 + n) * 86_400_000);
    room.turn(STATUS.RESOLVED, undefined, Date.now() - (40 + n) * 86_400_000 + 1_000);
  }
  const page = await visit('/inbox/all');
  await row(page, it.bo).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  let fails = true;
  await page.route(/\/conversations\?.*status=resolved/u, (route) => (fails ? route.abort() : route.continue()));
  it.bo.turn(STATUS.RESOLVED, { kind: KIND.VISITOR });
  await row(page, it.bo).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /^Status/ }).click();
  await page.getByRole('menuitemradio', { name: 'Resolved' }).click();
  await row(page, it.bo).waitFor();
  const list = page.getByRole('region', { name: 'List of conversations' });
  const retry = list.getByRole('button', { name: 'Try again' });
  const length = async () => Number(await list.getByRole('listitem').first().getAttribute('aria-setsize'));
  await retry.waitFor();
  assert.equal(await length(), 1, 'what left the list here is known');
  assert.deepEqual(await findings(page), []);
  fails = false;
  await retry.press('Enter');
  await becomes(length, 50, 'the first page');
  assert.equal(await row(page, it.bo).evaluate((node) => document.activeElement === node), true, 'the focus stays in the list though the button goes');
  assert.equal(await retry.count(), 0);
  fails = true;
  await list.getByRole('button', { name: 'Show older ones' }).click();
  await retry.waitFor();
  assert.equal(await list.getByRole('button', { name: 'Show older ones' }).count(), 0);
  fails = false;
  await retry.click();
  await becomes(length, [...it.world.rooms.values()].filter((room) => room.state.status === STATUS.RESOLVED).length, 'the rest');
  assert.equal(await retry.count(), 0);
  await clean(page);
});

test('the log weaves messages, notes and activities in order, by day', async () => {
  const page = await visitRoom(it.ada, { viewport: { width: 1440, height: 1700 } });
  await bubble(page, 'They have it').waitFor();
  await page.getByRole('region', { name: 'Messages' }).evaluate((pane) => (pane.scrollTop = 0));
  await page.locator('.separator', { hasText: 'Yesterday' }).waitFor();
  await page.getByText('The conversation began here.').waitFor();
  const order = await page.locator('[data-key]').evaluateAll((all) => all.map((one) => one.getAttribute('data-key')));
  const place = (key) => order.indexOf(key);
  assert.ok(place('start') < place('m1') && place('m5') < place('m6') && place('m7') < place('p1') && place('p1') < place('m8'), String(order));
  await page.locator('.activity', { hasText: 'Mei Lindqvist joined' }).waitFor();
  assert.equal(await bubble(page, 'left with a neighbour').getAttribute('aria-label'), 'Private note, You');
  await clean(page);
});

test('notes that go back further than the messages around them come, too', async () => {
  for (let n = 1; n <= 240; n++) it.bo.noteBy(it.mei, `note number ${n}.`);
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  await bubble(page, 'note number 240.').waitFor();
  await becomes(async () => {
    await page.getByRole('region', { name: 'Messages' }).evaluate((pane) => (pane.scrollTop = 0));
    return bubble(page, 'note number 1.').count();
  }, 1, 'the first note');
  await clean(page);
});

test('older messages come in above without moving what is read', async () => {
  const page = await visitRoom(it.long);
  const pane = page.getByRole('region', { name: 'Messages' });
  await bubble(page, 'Question 260').waitFor();
  const topOf = (text) => bubble(page, text).evaluate((element) => Math.round(element.getBoundingClientRect().top));
  // The answer is held back until the reader's place is known.
  const answerPage = it.long.page;
  let give;
  it.long.page = (...asked) => (give = () => answerPage.apply(it.long, asked));
  await pane.hover();
  await becomes(() => page.mouse.wheel(0, -400).then(() => give !== undefined), true, 'a page is asked for while there is still something above');
  const first = await pane.evaluate((element) => {
    const { top } = element.getBoundingClientRect();
    return [...element.querySelectorAll('article')].find((one) => one.getBoundingClientRect().top >= top).textContent;
  });
  const text = /(?:Question|Answer|Note after) \d+:/u.exec(first)[0];
  const place = await topOf(text);
  const height = await pane.evaluate((element) => element.scrollHeight);
  it.long.page = answerPage;
  give();
  await becomes(() => pane.evaluate((element, before) => element.scrollHeight > before + 1000, height), true, 'the page is here');
  assert.ok(Math.abs((await topOf(text)) - place) <= 2, `${text} moved from ${place} to ${await topOf(text)}`);
  const began = page.getByText('The conversation began here.');
  await becomes(() => page.mouse.wheel(0, -1500).then(() => began.count()), 1, 'the beginning');
  it.long.visitorSays('And one more');
  await page.getByRole('button', { name: /New messages/ }).click();
  await bubble(page, 'And one more').waitFor();
  await clean(page);
});

test('a reply shows at once and tells how far it has got; a refused one can be sent again or given up', async () => {
  const page = await visitRoom(it.ada);
  it.ada.holdAcks = true;
  await field(page).fill('Of course, I have changed it.');
  await page.keyboard.press('Enter');
  await becomes(() => delivery(page, 'Of course'), 'sending', 'before the ack');
  assert.equal(await field(page).inputValue(), '');
  it.ada.holdAcks = false;
  it.fake.cut();
  await becomes(() => delivery(page, 'Of course'), 'sent', 'after the resend');
  assert.equal(it.ada.messages.filter((one) => one.text === 'Of course, I have changed it.').length, 1);
  it.ada.visitorReads(0, it.ada.messages.length);
  await becomes(() => delivery(page, 'Of course'), 'delivered', 'the visitor has it');
  it.ada.visitorReads();
  await becomes(() => delivery(page, 'Of course'), 'read', 'the visitor has read it');
  it.ada.refuseNext = { code: 'too_large', message: 'x' };
  await field(page).fill('Refused');
  await page.keyboard.press('Enter');
  await bubble(page, 'Refused').getByText('Not sent: This is too long.').waitFor();
  await bubble(page, 'Refused').getByRole('button', { name: 'Send again' }).click();
  await becomes(() => delivery(page, 'Refused'), 'sent', 'sent again');
  it.ada.refuseNext = { code: 'visitor_blocked', message: 'x' };
  await field(page).fill('Given up');
  await page.keyboard.press('Enter');
  await bubble(page, 'Given up').getByRole('button', { name: 'Discard' }).click();
  await bubble(page, 'Given up').waitFor({ state: 'detached' });
  await clean(page);
});

test('what a visitor writes is read out, the same words twice, too', async () => {
  const page = await visitRoom(it.ada);
  const aloud = page.locator('[role=log]');
  await aloud.evaluate((element) => {
    window.heard = [];
    new MutationObserver(() => window.heard.push(element.textContent)).observe(element, { childList: true, characterData: true, subtree: true });
  });
  const heard = () => page.evaluate(() => window.heard);
  for (let n = 1; n <= 2; n++) {
    it.ada.visitorSays('hello?');
    await becomes(async () => (await heard()).length, n, 'it is read out');
  }
  assert.deepEqual(await heard(), Array(2).fill('New message from Ada Moreau: hello?'));
  await clean(page);
});

test('a note looks different, stays in the private log, and never says that one is typing', async () => {
  const page = await visitRoom(it.ada);
  const heard = [];
  it.ada.broadcast = ((original) => (frame, except) => (heard.push(Object.keys(frame)[0]), original.call(it.ada, frame, except)))(it.ada.broadcast);
  await field(page).blur();
  await page.keyboard.press('n');
  await page.keyboard.type('Ask the warehouse');
  assert.ok(await page.locator('form.composer.note').count());
  await page.keyboard.press('Enter');
  await page.locator('article.note', { hasText: 'Ask the warehouse' }).waitFor();
  await becomes(() => it.ada.privates.at(-1).note, 'Ask the warehouse', 'in the private log');
  assert.ok(!heard.includes('typing'));
  assert.ok(!it.ada.messages.some((one) => one.text === 'Ask the warehouse'));
  await page.getByRole('button', { name: 'Reply' }).click();
  await page.keyboard.type('Hm');
  await becomes(() => heard.includes('typing'), true, 'a reply does');
  await clean(page);
});

test('an input method’s keys are not the search’s', async () => {
  const page = await visit('/inbox/mine');
  const search = page.getByRole('searchbox');
  /** Whether the page did something with it. */
  const press = (init) => search.evaluate((element, given) => !element.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...given })), init);
  await search.fill('ni');
  for (const taken of [{ isComposing: true }, { keyCode: 229 }]) await press({ key: 'Escape', ...taken });
  assert.equal(await search.inputValue(), 'ni');
  await press({ key: 'Escape' });
  await becomes(() => search.inputValue(), '', 'left');
  await clean(page);
});

test('transfer with a private reason, release, resolve, reopen and snooze', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  await page.getByRole('button', { name: /^Who has this/ }).click();
  await page.getByRole('menuitem', { name: 'Transfer…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Tom Okafor').check();
  await dialog.getByLabel('Reason').fill('Speaks with the carrier');
  await dialog.getByRole('button', { name: 'Transfer' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('.activity', { hasText: 'Mei Lindqvist assigned the conversation to Tom Okafor: “Speaks with the carrier”' }).waitFor();
  assert.ok(!JSON.stringify(it.ada.messages).includes('carrier”'));
  await page.getByText('Tom Okafor has this conversation. Your reply joins it.').waitFor();
  await page.getByRole('button', { name: /^Who has this/ }).click();
  await page.getByRole('menuitem', { name: 'Release' }).click();
  await becomes(() => it.ada.state.assignee ?? null, null, 'released');
  await page.getByRole('button', { name: 'Snooze' }).click();
  await page.getByRole('menuitem', { name: 'For 1 hour' }).click();
  await becomes(() => it.ada.state.status, 3, 'snoozed');
  assert.ok(Math.abs(it.ada.state.snoozedUntil - Date.now() - 3_600_000) < 60_000);
  await page.getByRole('button', { name: 'Resolve' }).click();
  await page.getByText('This conversation is resolved.').waitFor();
  await page.getByRole('button', { name: 'Reopen' }).click();
  await becomes(() => it.ada.state.status, 2, 'open again');
  it.ada.turn(STATUS.RESOLVED, { kind: KIND.VISITOR });
  await page.locator('.activity').getByText('The visitor ended the conversation', { exact: true }).waitFor();
  await clean(page);
});

test('keys move, write and resolve, but never while one writes', async () => {
  const page = await visit('/inbox/mine');
  await rows(page).first().waitFor();
  await page.keyboard.press('j');
  await opened(page);
  assert.ok(page.url().endsWith(it.ada.id));
  await page.keyboard.press('r');
  await page.keyboard.type('jjee');
  assert.equal(await field(page).inputValue(), 'jjee');
  assert.equal(it.ada.state.status, 2);
  await field(page).fill('');
  await page.keyboard.press('Escape');
  // A key that is held acts once; only walking goes on.
  await page.keyboard.down('e');
  await becomes(() => it.ada.state.status, 4, 'resolved');
  await row(page, it.ada).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Reopen' }).waitFor();
  for (let i = 0; i < 3; i++) await page.keyboard.down('e');
  await page.keyboard.up('e');
  await page.keyboard.press('j');
  await page.waitForURL((url) => !url.pathname.endsWith(it.ada.id));
  const second = page.url();
  await opened(page);
  assert.equal(it.ada.state.status, 4, 'still resolved');
  // Walking by keys leaves the composer alone, so that one can walk on.
  await page.keyboard.down('j');
  await page.waitForURL((url) => url.href !== second);
  await opened(page);
  const third = page.url();
  await page.keyboard.down('j');
  await page.waitForURL((url) => url.href !== third);
  await page.keyboard.up('j');
  await opened(page);
  await page.keyboard.press('k');
  await page.waitForURL(third);
  await page.keyboard.press('k');
  await page.waitForURL(second);
  await opened(page);
  await page.keyboard.press('r');
  await page.keyboard.type('r');
  assert.equal(await field(page).inputValue(), 'r');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByLabel('Keys are on').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  assert.equal(await page.locator('input[type=search]:focus').count(), 0, 'keys are off (WCAG 2.1.4)');
  await clean(page);
});

test('a search finds words in messages and notes and leads to their place', async () => {
  const page = await visit('/inbox/mine');
  await rows(page).first().waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('item 4?');
  await page.locator('.hit', { hasText: 'Question 4:' }).click();
  await bubble(page, 'Question 4: what').waitFor();
  assert.equal(await bubble(page, 'Question 260').count(), 0);
  const read = () => it.long.receipts.get(it.mei.id)?.read ?? 0;
  assert.equal(read(), 0, 'what lies below was not on the screen');
  assert.ok((await page.locator('.hit mark').allTextContents()).includes('item'));
  await page.locator('button.down', { hasText: 'New messages' }).click();
  await bubble(page, 'Question 260').waitFor();
  await becomes(read, 260, 'now it was');
  await page.getByRole('searchbox').fill('asked the warehouse');
  await page.locator('.hit', { hasText: 'Note after 40' }).click();
  await page.locator('article.note', { hasText: 'Note after 40' }).waitFor();
  await page.getByRole('searchbox').fill('nothing like this');
  await page.getByText('Nothing found for “nothing like this”.').waitFor();
  await page.keyboard.press('Escape');
  await rows(page).first().waitFor();
  await clean(page);
});

test('a conversation that a search leads to is read where all of it is on the screen', async () => {
  const page = await visit('/inbox/mine');
  await rows(page).first().waitFor();
  const read = (room) => room.receipts.get(it.mei.id)?.read ?? 0;
  const down = page.locator('button.down');
  const go = async (words) => {
    await page.getByRole('searchbox').fill(words);
    await page.locator('.hit', { hasText: words }).click();
  };
  await go('anyone there');
  await bubble(page, 'anyone there').waitFor();
  await becomes(() => read(it.bo), it.bo.messages.length, 'nothing lies below');
  await down.waitFor({ state: 'detached' });
  // Nor does anything scroll where one is there already.
  await go('before friday');
  await page.locator('article.marked', { hasText: 'before friday' }).waitFor();
  await down.waitFor({ state: 'detached' });
  it.bo.visitorSays('And a stove');
  await becomes(() => read(it.bo), it.bo.messages.length, 'what comes is read');
  await clean(page);
});

test('a search finds visitors by name and address, above what was written', async () => {
  const page = await visit('/inbox/mine');
  await rows(page).first().waitFor();
  const search = page.getByRole('searchbox', { name: 'Search visitors and messages' });
  const visitors = page.getByRole('list', { name: 'Visitors' });
  const found = () => visitors.locator('a').evaluateAll((all) => all.map((one) => one.dataset.conversation));
  // Nobody has written that name; where it was written is no visitor of that name.
  it.bo.visitorSays('greetings from Okonkwo');
  const grace = it.world.addRoom('Grace Okonkwo', { email: 'g.o@example.org' });
  grace.visitorSays('hello?');
  await search.fill('okonKWO');
  await becomes(found, [grace.id], 'by name');
  await page.getByText('2 results').waitFor();
  assert.deepEqual(await page.locator('.results h2').allTextContents(), ['Visitors', 'Messages']);
  assert.equal(await page.getByRole('list', { name: 'Messages' }).locator('.hit').count(), 1);
  await search.focus();
  // Past the button that clears the search.
  for (const key of ['Tab', 'Tab', 'Enter']) await page.keyboard.press(key);
  await page.waitForURL((url) => url.pathname.endsWith(grace.id));
  await page.getByRole('heading', { name: 'Grace Okonkwo', level: 2 }).waitFor();
  await search.fill('ada.moreau@');
  await becomes(found, [it.ada.id, it.done.id], 'by address, whatever the status, newest first');
  assert.deepEqual(await page.locator('.results h2').allTextContents(), ['Visitors']);
  await visitors.getByText('Resolved').waitFor();
  await search.fill('item 4?');
  await page.locator('.hit').first().waitFor();
  assert.equal(await page.locator('.results h2').count(), 0);
  await clean(page);
});

test('what a visitor wrote is text: markup stays text, and only safe addresses become links', async () => {
  it.bo.visitorSays('<img src=x onerror=alert(1)> javascript:alert(1) https://ok.example/a?b=1. <b>bold</b>');
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  const last = bubble(page, 'onerror').last();
  await last.waitFor();
  assert.equal(await last.locator('img, b').count(), 0);
  assert.deepEqual(await last.locator('a').evaluateAll((all) => all.map((one) => one.href)), ['https://ok.example/a?b=1']);
  await clean(page);
});

test('a link is drawn in its own order, whatever turns letters round before it', async () => {
  it.bo.visitorSays('\u202ehttps://e.example/a/moc');
  const page = await visitRoom(it.bo);
  assert.equal(await drawn(page.locator('article.message a')), 'https://e.example/a/moc');
});
