// What a bot has, as agents see it: where it is in the inbox, what was offered and chosen, why it was handed over, and how one
// takes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, bubble, callable, clean, field, it, opened, openPage, row, rows, stage, visit, visitRoom } from './console-fixture.mjs';

stage();

const CHOICES = { refund: 'A refund', back: 'Return something', invoice: 'An invoice' };
const ASKED = 'Did you mean one of these?';
const MINUTE = 60_000;
const bots = (page) => page.locator('.filter .bots');
const choices = (page) => page.locator('article.message ul.offer li');
const spaced = async (locator) => (await locator.innerText()).replace(/\s+/gu, ' ').trim();
const names = async (page) => (await rows(page).locator('.name').allInnerTexts()).sort();
/** Nothing moves while it is looked at. */
const STILL = { reducedMotion: 'reduce' };

/** Somebody to whom the bot talks: asked back, then answered. */
function talks() {
  const now = Date.now();
  const room = it.world.addRoom('Noor Haddad', { site: it.shop.id, createdAt: now - 4 * MINUTE });
  room.begunByBot();
  room.visitorSays('money', now - 4 * MINUTE);
  room.botSays(ASKED, CHOICES, now - 4 * MINUTE + 1000);
  room.visitorSays('A refund', now - 3 * MINUTE);
  room.botSays('It takes three days. Anything else?', { human: 'Talk to a person' }, now - 3 * MINUTE + 1000);
  return room;
}

test('what was offered stands under the bot’s words, what was chosen is marked, and nothing of it can be pressed', async () => {
  const room = talks();
  const page = await visitRoom(room, STILL);
  const first = bubble(page, ASKED);
  // What is not shown yet has no words: the log measures its rows first.
  await first.locator('.who').waitFor();
  assert.equal(await first.getAttribute('aria-label'), 'Bot');
  assert.equal(await first.locator('.who').innerText(), 'Bot');
  assert.equal(await first.locator('ul').getAttribute('aria-label'), 'What was offered');
  await becomes(async () => (await choices(page).allInnerTexts()).map((text) => text.replace(/\s+/gu, ' ').trim()), ['A refund (chosen)', 'Return something', 'An invoice', 'Talk to a person'], 'all of them');
  assert.equal(await choices(page).locator('button, a').count(), 0);
  const chosen = page.locator('article.message.theirs', { hasText: 'A refund' });
  assert.match(await spaced(chosen.locator('.about')), /Chosen from the buttons$/);
  assert.doesNotMatch(await spaced(page.locator('article.message.theirs', { hasText: 'money' }).locator('.about')), /Chosen/);
  assert.deepEqual(await findings(page), []);
  await clean(page);
});

test('what the visitor says of an answer stands under it, at once and after a reload', async () => {
  const room = talks();
  room.botSays('By post, within a week.', {}, Date.now(), 1);
  const page = await visitRoom(room, STILL);
  const answer = bubble(page, 'By post, within a week.');
  await answer.waitFor();
  assert.doesNotMatch(await spaced(answer.locator('.about')), /visitor says/, 'nobody has said anything');
  room.visitorRates(room.messages.length, 3);
  await becomes(async () => / The visitor says it did not help$/.test(await spaced(answer.locator('.about'))), true, 'it did not');
  room.visitorRates(room.messages.length, 2);
  await becomes(async () => / The visitor says it helped$/.test(await spaced(answer.locator('.about'))), true, 'it did');
  assert.deepEqual(await findings(page), []);
  await page.reload();
  await becomes(async () => / The visitor says it helped$/.test(await spaced(answer.locator('.about'))), true, 'after a reload');
  // What was said while the line was down, of a message that is held already.
  room.messages.at(-1).rating = 3;
  it.fake.cut();
  await becomes(async () => / The visitor says it did not help$/.test(await spaced(answer.locator('.about'))), true, 'after a cut');
  await clean(page);
});

test('why it was handed over is told in words, to agents alone, in both languages', async () => {
  const room = talks();
  room.visitorSays('my cat ate it');
  const page = await visitRoom(room);
  const chinese = await visitRoom(room, { agent: it.lina, locale: 'zh-CN' });
  const line = (one) => one.locator('.activity p').last();
  room.handedOver('unsure');
  await becomes(async () => (await line(page).locator('span').innerText()).trim(), 'The bot handed over: it did not know what was meant', 'in English, and no code');
  assert.equal(await line(page).locator('svg').count(), 1, 'a lock: the visitor does not see it');
  await becomes(async () => (await line(chinese).locator('span').innerText()).trim(), '机器人已转接人工：无法判断访客的意思', 'in Chinese');
  for (const one of [page, chinese]) await clean(one);
});

test('the inbox has a place for what the bot has, one press away; it calls nobody and is in no queue', async () => {
  const page = await visit('/inbox/mine');
  await rows(page).first().waitFor();
  const before = await page.locator('.views .count').allInnerTexts();
  const title = await page.title();
  assert.equal(await bots(page).count(), 0, 'nothing to show');
  const room = talks();
  room.visitorSays('hello?');
  await becomes(() => spaced(bots(page)), 'With the bot 1', 'it has come');
  assert.deepEqual(await page.locator('.views .count').allInnerTexts(), before);
  assert.equal(await page.title(), title, 'it calls nobody');

  await bots(page).click();
  await becomes(() => names(page), ['Noor Haddad'], 'what the bot has');
  assert.equal(await bots(page).getAttribute('aria-pressed'), 'true');
  assert.equal(new URL(page.url()).pathname, '/console/inbox/all');
  assert.match(await spaced(row(page, room)), /hello\?.*Bot$/);
  assert.deepEqual(await findings(page), []);
  await page.getByRole('link', { name: /^Mine/ }).click();
  await becomes(() => bots(page).getAttribute('aria-pressed'), 'false', 'an agent’s own is never the bot’s');
  await page.getByRole('link', { name: /^Unassigned/ }).click();
  assert.equal(await row(page, room).count(), 0);
  await bots(page).click();
  await becomes(() => names(page), ['Noor Haddad'], 'from here as well');
  assert.equal(new URL(page.url()).pathname, '/console/inbox/unassigned');

  room.handedOver('visitor_asked');
  await becomes(() => names(page), [], 'handed over');
  await page.getByText('The bot is talking to nobody').waitFor();
  await becomes(() => page.title(), title.replace(/\d+/u, (count) => Number(count) + 1), 'now it calls');
  await bots(page).click();
  await row(page, room).waitFor();
  assert.equal(await bots(page).count(), 0);
  await clean(page);
});

test('what the bot hands over calls whoever has it open and looks elsewhere, in their tab’s title as well', async () => {
  const room = talks();
  const context = await it.newContext();
  await context.addCookies([{ name: 'fake', value: it.world.signIn(it.mei), url: it.fake.url }]);
  await callable(context);
  await context.addInitScript(() => {
    window.isHidden = false;
    document.hasFocus = () => !window.isHidden;
    Object.defineProperty(document, 'visibilityState', { get: () => (window.isHidden ? 'hidden' : 'visible') });
  });
  const page = await opened(await openPage(context, `/inbox/all/${room.id}`));
  const hide = (is) => page.evaluate((hidden) => {
    window.isHidden = hidden;
    document.dispatchEvent(new Event('visibilitychange'));
  }, is);
  const called = () => page.evaluate(() => [window.bells, window.notices.map(({ title, body }) => `${title}: ${body}`)]);
  await bots(page).waitFor();
  const title = await page.title();
  const more = title.replace(/\d+/u, (count) => Number(count) + 1);

  await hide(true);
  room.visitorSays('my cat ate it');
  await bubble(page, 'my cat ate it').waitFor();
  assert.deepEqual([await called(), await page.title()], [[0, []], title], 'the bot has it');
  room.handedOver('unsure');
  await becomes(called, [1, ['New message from Noor Haddad: my cat ate it']], 'it calls once');
  await becomes(() => page.title(), more, 'and counts');
  await page.evaluate(() => (window.ahead += 1_000));
  room.visitorSays('hello?');
  await becomes(async () => (await called())[0], 2, 'what comes then calls as ever');
  await hide(false);
  await becomes(() => page.title(), title, 'seen');

  // Read while the bot had it, and handed over when nobody looked any more.
  room.begunByBot();
  room.visitorSays('a person, please');
  await becomes(() => room.unread, 0, 'read along');
  await hide(true);
  await page.evaluate(() => (window.ahead += 1_000));
  room.handedOver('visitor_asked');
  await becomes(async () => (await called())[0], 3, 'it calls all the same');
  await clean(page);
});

test('a preview shows who has written', async () => {
  const room = talks();
  const page = await visit('/inbox/all');
  await bots(page).click();
  await row(page, room).waitFor();
  assert.equal(await row(page, room).locator('.preview').innerText(), 'It takes three days. Anything else?');
  assert.equal(await row(page, room).locator('.preview svg').count(), 1);
  await clean(page);
});

test('a first reply takes it from the bot, and says so before; so does taking it', async () => {
  const [room, other] = [talks(), talks()];
  const page = await visitRoom(room, STILL);
  await page.locator('.head .chip', { hasText: 'Bot' }).waitFor();
  await page.getByRole('button', { name: 'Who has this conversation: Bot' }).waitFor();
  await page.getByText('The bot has this conversation. Your first reply takes it over.').waitFor();
  await field(page).fill('I am Mei. I look into it.');
  await field(page).press('Enter');
  await bubble(page, 'I am Mei.').waitFor();
  await becomes(() => page.locator('.head .chip', { hasText: 'Bot' }).count(), 0, 'not the bot’s any more');
  assert.equal(room.state.assignee.id, it.mei.id);
  await page.goto(`${it.fake.url}/console/inbox/all/${other.id}`);
  await page.getByRole('button', { name: 'Take', exact: true }).click();
  await becomes(() => page.locator('.head .chip', { hasText: 'Bot' }).count(), 0, 'taken');
  assert.equal(other.state.assignee.id, it.mei.id);
  await becomes(() => bots(page).count(), 0, 'the bot has none');
  await clean(page);
});

for (const [name, options] of [['dark, Chinese', { colorScheme: 'dark', locale: 'zh-CN' }], ['a phone', { viewport: { width: 390, height: 760 } }]]) {
  test(`axe finds nothing in a bot’s conversation: ${name}`, async () => {
    const room = talks();
    const page = await visitRoom(room, { ...STILL, ...options });
    await choices(page).first().waitFor();
    assert.deepEqual(await findings(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await page.goto(`${it.fake.url}/console/inbox/all`);
    await bots(page).click();
    await row(page, room).waitFor();
    assert.deepEqual(await findings(page), []);
    await clean(page);
  });
}
