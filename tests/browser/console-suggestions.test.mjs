// What the bot would answer, under the field of whoever answers: put in by a press or by Alt and a number, and nothing where nothing is likely.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, bubble, clean, field, it, stage, visitRoom } from './console-fixture.mjs';

stage();

const ASKED = 'can I send it back';
const RETURN = { id: 'return', title: 'Return', text: 'Within 30 days, unused.' };
const REFUND = { id: 'refund', title: 'Refund', text: 'The money is back after three days.' };
const FAQ = { id: 'faq_aaaaaaaaaaaaaaaa', title: 'Who pays for a return?', text: 'We do, within the country. '.repeat(20).trim() };
const STILL = { reducedMotion: 'reduce' };
const suggested = (page) => page.locator('.suggested button');
const titles = (page) => page.locator('.suggested b').allInnerTexts().then((all) => all.map((one) => one.trim()));

/** A visitor who has asked an agent something that the bot could answer. */
function asks(more = {}) {
  it.world.bot.suggestions = { [ASKED]: [RETURN, REFUND, FAQ], 'and then?': [REFUND], ...more };
  const room = it.world.addRoom('Noor Haddad', { site: it.shop.id });
  room.profile = { ...room.profile, locale: 'en-GB' };
  room.visitorSays(ASKED);
  return room;
}

test('a press or a key puts one into the field, where it can be changed; Enter sends it', async () => {
  const room = asks();
  const page = await visitRoom(room, STILL);
  await becomes(() => titles(page), ['Return', 'Refund', 'Who pays for a return?'], 'three');
  assert.deepEqual(it.world.bot.suggested, [[ASKED, 'en-GB']], 'asked once');
  assert.equal(await page.getByRole('region', { name: 'Suggested answers of the bot' }).getByRole('button').count(), 3);
  await becomes(() => page.locator('.composer [role=status]').innerText(), '3 suggested answers, to be inserted with Alt and their number, with Shift to be sent', 'heard');
  assert.deepEqual(await findings(page), []);
  await suggested(page).nth(1).click();
  await becomes(() => field(page).inputValue(), REFUND.text, 'by a press');
  await becomes(() => field(page).evaluate((node) => node === document.activeElement), true, 'to go on writing');
  await field(page).fill('Dear Noor,');
  await page.keyboard.press('Alt+Digit1');
  await becomes(() => field(page).inputValue(), `Dear Noor, ${RETURN.text}`, 'to what is there');
  await page.keyboard.press('Enter');
  await bubble(page, `Dear Noor, ${RETURN.text}`).waitFor();
  await becomes(() => suggested(page).count(), 0, 'it is answered');
  assert.equal(room.messages.filter(({ text }) => text?.includes(RETURN.text)).length, 1);
  // From outside of the field, too.
  room.visitorSays('and then?');
  await becomes(() => titles(page), ['Refund'], 'of the next one');
  await field(page).press('Escape');
  await page.keyboard.press('Alt+Digit2');
  await page.keyboard.press('Alt+Digit1');
  await becomes(() => field(page).inputValue(), REFUND.text, 'and there is no second');
  await clean(page);
});

test('with Shift a key sends it at once, unless the agent has begun to write, or it has something to be filled in', async () => {
  const blank = { id: 'blank', title: 'Blank', text: 'Within [number of days].' };
  const room = asks({ 'how long?': [blank] });
  const page = await visitRoom(room, STILL);
  const sent = () => room.messages.filter(({ text }) => [RETURN, REFUND, blank].some((one) => text?.includes(one.text))).map(({ text }) => text);
  await suggested(page).nth(2).waitFor();
  assert.equal(await suggested(page).nth(1).getAttribute('aria-keyshortcuts'), 'Alt+2 Alt+Shift+2');
  await field(page).fill('Dear Noor,');
  await page.keyboard.press('Alt+Shift+Digit2');
  await becomes(() => field(page).inputValue(), `Dear Noor, ${REFUND.text}`, 'to what is there');
  await field(page).fill('  ');
  // Held: it is sent once.
  await page.keyboard.down('Alt');
  await page.keyboard.down('Shift');
  for (let n = 0; n < 3; n++) await page.keyboard.down('Digit1');
  for (const key of ['Digit1', 'Shift', 'Alt']) await page.keyboard.up(key);
  await bubble(page, RETURN.text).waitFor();
  await becomes(() => suggested(page).count(), 0, 'it is answered');
  assert.equal(await field(page).inputValue(), '');
  room.visitorSays('how long?');
  await becomes(() => titles(page), ['Blank'], 'of the next one');
  await page.keyboard.press('Alt+Shift+Digit1');
  await becomes(() => field(page).inputValue(), blank.text, 'to be filled in first');
  assert.deepEqual(sent(), [RETURN.text]);
  await clean(page);
});

test('it goes to where the cursor is', async () => {
  const page = await visitRoom(asks(), STILL);
  await suggested(page).first().waitFor();
  await field(page).fill('Hello! Bye');
  await field(page).evaluate((node) => node.setSelectionRange(7, 7));
  await page.keyboard.press('Alt+Digit1');
  await becomes(() => field(page).inputValue(), `Hello! ${RETURN.text}Bye`, 'between');
  assert.equal(await field(page).evaluate((node) => node.selectionStart), 7 + RETURN.text.length);
  await clean(page);
});

test('where nothing is likely nothing is there, nor in a note, nor for what is not the agent’s to answer', async () => {
  const room = asks({ hm: [] });
  const page = await visitRoom(room, STILL);
  await suggested(page).first().waitFor();
  await page.getByRole('button', { name: 'Note', exact: true }).click();
  await becomes(() => suggested(page).count(), 0, 'a note is no answer');
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await suggested(page).first().waitFor();
  room.visitorSays('hm');
  await becomes(() => it.world.bot.suggested.length, 2, 'asked');
  await becomes(() => suggested(page).count(), 0, 'nothing likely');
  room.visitorSays(ASKED);
  await suggested(page).first().waitFor();
  room.assign({ kind: 2, id: it.lina.id, name: it.lina.name });
  await becomes(() => suggested(page).count(), 0, 'it is somebody else’s');
  room.assign(undefined);
  await suggested(page).first().waitFor();
  const asked = it.world.bot.suggested.length;
  room.begunByBot();
  room.broadcast({ state: room.state });
  await becomes(() => suggested(page).count(), 0, 'the bot has it');
  room.visitorSays('and then?');
  await bubble(page, 'and then?').waitFor();
  room.handedOver('visitor_asked');
  await becomes(() => titles(page), ['Refund'], 'people have it');
  assert.equal(it.world.bot.suggested.length, asked + 1, 'while the bot has it nobody asks');
  await clean(page);
});

test('a bot that has learnt nothing is not asked again with each message, and one that fails disturbs nobody', async () => {
  const room = it.world.addRoom('Noor Haddad', { site: it.shop.id });
  room.visitorSays(ASKED);
  const page = await visitRoom(room, STILL);
  await becomes(() => it.world.bot.suggested.length, 1, 'asked once');
  room.visitorSays('again');
  await bubble(page, 'again').waitFor();
  room.visitorSays('and again');
  await bubble(page, 'and again').waitFor();
  assert.equal(it.world.bot.suggested.length, 1);

  it.world.bot.suggestions = { again: [RETURN] };
  let failed = 0;
  const other = await visitRoom(room, STILL);
  await becomes(() => it.world.bot.suggested.length, 2, 'another window asks');
  await other.route('**/api/v1/bot/suggestions', (route) => (failed++ ? route.continue() : route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ code: 'storage', status: 503 }) })));
  room.visitorSays('fails');
  await becomes(() => failed, 1, 'refused');
  room.visitorSays('again');
  await becomes(() => titles(other), ['Return'], 'the next one asks again');
  assert.equal(await other.locator('.toast').count(), 0);
});

test('the list of keys has them, and they can be turned off', async () => {
  const page = await visitRoom(asks(), STILL);
  await suggested(page).first().waitFor();
  await field(page).press('Escape');
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Insert a suggested answer').waitFor();
  await dialog.getByText('Send a suggested answer at once').waitFor();
  await page.keyboard.press('Alt+Digit1');
  await dialog.getByRole('switch').click();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await field(page).inputValue(), '', 'not while a dialog is open');
  await page.keyboard.press('Alt+Digit1');
  assert.equal(await suggested(page).first().getAttribute('aria-keyshortcuts'), null);
  await suggested(page).first().click();
  await becomes(() => field(page).inputValue(), RETURN.text, 'a press does it still, and did it once');
  await clean(page);
});

for (const [name, options] of [['dark, Chinese', { colorScheme: 'dark', locale: 'zh-CN' }], ['a phone', { viewport: { width: 390, height: 760 }, hasTouch: true }]]) {
  test(`axe finds nothing, and nothing is wider than the page: ${name}`, async () => {
    const page = await visitRoom(asks(), { ...STILL, ...options });
    await suggested(page).nth(2).waitFor();
    assert.deepEqual(await findings(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    if (name.includes('Chinese')) await page.getByRole('region', { name: '机器人建议的回答' }).waitFor();
    await clean(page);
  });
}

test('from right to left', async () => {
  const page = await visitRoom(asks(), STILL);
  await suggested(page).nth(2).waitFor();
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  const [first, keys] = await Promise.all([suggested(page).first().locator('svg').boundingBox(), suggested(page).first().locator('.keys').boundingBox()]);
  assert.ok(first.x > keys.x, 'the picture on the right, the keys on the left');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  assert.deepEqual(await findings(page), []);
});
