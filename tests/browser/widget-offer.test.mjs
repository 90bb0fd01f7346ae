// The buttons under a bot's message: pressed by mouse and keyboard, over reloads and cuts, and where they can't be loaded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './browser.mjs';
import { findings } from './axe.mjs';
import { field, holds, it, keys, MEI, open, panel, progress, room, say, shows, stage, visit, visitor } from './widget-fixture.mjs';

stage();

const BUTTONS = { refund: 'A refund', return: 'Return something', invoice: 'An invoice' };
const ASKED = 'Did you mean one of these?';
const group = (page, name = 'Suggested replies') => panel(page).getByRole('group', { name });
const button = (page, name) => group(page).getByRole('button', { name });
const labels = (page) => panel(page).locator('.offer button').allTextContents();
const sends = () => it.server.room.frames.flatMap((frame) => frame.send ?? []).map(({ text, choice }) => [text, choice]);
const files = () => new Set(it.server.requests.filter((one) => one.includes('/w/'))).size;
const focused = (page) => page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.tagName);
const heard = (page) => panel(page).locator('[aria-live=polite] p').allTextContents();

/** The Room, once it has the visitor's first message. */
async function begun() {
  const there = await room();
  await until(() => there.log.length === 1, 'the question');
  return there;
}

/** A conversation in which the bot has asked back. */
async function asked(options = {}, query = {}) {
  // A text that fades in has too little contrast for a moment.
  const page = await visit(await visitor({ reducedMotion: 'reduce', ...options }), query);
  await open(page);
  await say(page, 'money');
  const there = await begun();
  there.turns({ status: 1 });
  there.offers(ASKED, BUTTONS);
  await panel(page).locator('.offer button').first().waitFor();
  return page;
}

test('a press says what the button says, and what it is; the buttons go, and come with the next ones', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'hello');
  const there = await begun();
  there.says(MEI, 'Hello!');
  await shows(panel(page).locator('.meta').last(), /^Mei/);
  assert.equal(files(), 2, 'chat and texts');
  there.offers(ASKED, BUTTONS);
  await button(page, 'A refund').waitFor();
  assert.equal(files(), 3, 'and the buttons');
  assert.deepEqual(await labels(page), Object.values(BUTTONS));
  await button(page, 'Return something').click();
  await holds(page, ['hello', 'Hello!', ASKED, 'Return something']);
  assert.equal(await focused(page), 'TEXTAREA');
  await shows(progress(page), /Sent$/);
  assert.deepEqual(sends(), [['hello', ''], ['Return something', 'return']]);
  assert.deepEqual(await labels(page), []);
  assert.equal(await group(page).count(), 0);

  there.offers('Within 30 days.', { label: 'Send me a label' });
  await button(page, 'Send me a label').waitFor();
  await say(page, 'no, thanks');
  await until(async () => (await labels(page)).length === 0, 'whoever writes has no need of them');
  assert.deepEqual(sends().at(-1), ['no, thanks', '']);
  assert.deepEqual(page.problems, []);
});

test('by keyboard, and heard', async () => {
  const page = await asked();
  await until(async () => (await heard(page)).length === 2, 'two sayings');
  assert.deepEqual(await heard(page), [`Bot: ${ASKED}`, 'Suggested replies: A refund, Return something, An invoice']);
  await panel(page).getByRole('button', { name: 'Talk to a person' }).focus();
  await page.keyboard.press('Shift+Tab');
  assert.equal(await button(page, 'An invoice').evaluate((node) => node.getRootNode().activeElement === node), true, 'the way back from the field leads to the last of them');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await holds(page, ['money', ASKED, 'Return something']);
  assert.equal(await focused(page), 'TEXTAREA', 'the focus is not lost with the button');
  await until(() => it.server.room.log.length === 3, 'it is sent');
  assert.deepEqual(sends().at(-1), ['Return something', 'return']);

  it.server.room.offers('And now?', { a: 'One', b: 'Two' });
  await button(page, 'Two').focus();
  it.server.room.offers('Wait.');
  await until(async () => (await labels(page)).length === 0, 'gone');
  assert.equal(await focused(page), 'TEXTAREA', 'nor with buttons that go by themselves');
  assert.deepEqual(page.problems, []);
});

test('INV-2: a press without a line keeps its choice over a reload, and arrives once', async () => {
  const page = await asked();
  it.server.cut();
  await button(page, 'A refund').click();
  await shows(progress(page), /Waiting for network$/);
  assert.deepEqual(await labels(page), []);
  assert.equal((await keys(page, '.out.')).length, 1);
  await page.reload();
  await holds(page, ['A refund']);
  it.server.up();
  await page.reload();
  await holds(page, ['money', ASKED, 'A refund']);
  await until(async () => (await keys(page, '.out.')).length === 0, 'an empty queue');
  assert.deepEqual(sends(), [['money', ''], ['A refund', 'refund']]);
  assert.deepEqual(await labels(page), []);
  assert.deepEqual(page.problems, []);
});

test('a reload shows them again, also while the chat is about to end; old ones are not read out', async () => {
  const page = await asked();
  // Two minutes ago.
  it.server.room.log.forEach((message) => (message.at -= 120_000));
  it.server.room.happens({ kind: 9, endsAt: Date.now() + 300_000 });
  await page.reload();
  await button(page, 'An invoice').waitFor();
  assert.deepEqual(await labels(page), Object.values(BUTTONS));
  assert.deepEqual(await heard(page), []);
  await page.evaluate(() => window.Bellhop('setLocale', 'zh-CN'));
  await group(page, '快捷回复').getByRole('button', { name: 'An invoice' }).click();
  await until(() => it.server.room.log.length === 4, 'sent');
  assert.deepEqual(sends().at(-1), ['An invoice', 'invoice']);
});

test('a person who comes takes them away', async () => {
  const page = await asked();
  it.server.room.turns({ status: 2, assignee: MEI });
  await until(async () => (await labels(page)).length === 0, 'gone');
});

test('two windows: a press in one is one in the other', async () => {
  const page = await asked();
  const other = await visit(page.context());
  await open(other);
  await button(other, 'A refund').click();
  await holds(page, ['money', ASKED, 'A refund']);
  assert.deepEqual(await labels(page), []);
  assert.equal(it.server.room.log.length, 3);
});

test('whoever can not load them writes; they come when they can be had', async () => {
  const context = await visitor();
  await context.clock.install();
  let blocked = true;
  let refused = 0;
  const page = await visit(context);
  await open(page);
  await say(page, 'money');
  const there = await begun();
  await page.route('**/w/*', (route) => (blocked ? (refused++, route.abort()) : route.continue()));
  there.offers(ASKED, BUTTONS);
  await holds(page, ['money', ASKED]);
  await say(page, 'A refund');
  await shows(progress(page), /Sent$/);
  await holds(page, ['money', ASKED, 'A refund']);
  assert.deepEqual(sends().at(-1), ['A refund', '']);
  assert.equal(await panel(page).locator('.line').isVisible(), false, 'nothing is said');
  blocked = false;
  there.offers('More?', { more: 'Yes' });
  await holds(page, ['money', ASKED, 'A refund', 'More?']);
  assert.equal(refused, 1, 'not asked for with every stroke');
  await until(async () => (await page.clock.fastForward(20_000), (await labels(page)).length === 1), 'the buttons');
  await button(page, 'Yes').click();
  await until(() => there.log.length === 5, 'sent');
  assert.deepEqual(sends().at(-1), ['Yes', 'more']);
  assert.deepEqual(page.problems, []);
});

test('a touch screen gets no keyboard; many long buttons stay in sight', async () => {
  const page = await visit(await visitor({ viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true }));
  await page.locator('.launcher').tap();
  await field(page).waitFor();
  await say(page, 'money');
  const there = await begun();
  const long = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`i${n}`, `${n} ${'A long title of an intent that goes on '.repeat(2)}`]));
  there.offers(ASKED, long);
  await panel(page).locator('.offer button').first().waitFor();
  const inside = () => panel(page).locator('.log').evaluate((log) => {
    const [last, frame] = [log.querySelector('.offer button:last-child').getBoundingClientRect(), log.getBoundingClientRect()];
    return last.bottom <= frame.bottom && last.left >= frame.left && last.right <= frame.right && log.scrollWidth <= log.clientWidth;
  });
  await until(inside, 'the last one is in sight');
  assert.ok((await panel(page).locator('.offer button').first().boundingBox()).height >= 40);
  await panel(page).locator('.offer button').last().tap();
  await until(() => there.log.length === 3, 'sent');
  assert.equal(await focused(page), 'DIALOG');
});

test('a label is text, whatever stands in it', async () => {
  const page = await asked();
  it.server.room.offers('<b>x</b>', { x: '<img src=x onerror=alert(1)>', y: '\u202eesrever' });
  await until(async () => (await labels(page))[0] === '<img src=x onerror=alert(1)>', 'text');
  assert.equal(await panel(page).locator('img').count(), 0);
  assert.equal(await panel(page).locator('.offer bdi').count(), 2);
});

for (const [name, colorScheme, lang, dir] of [['light', 'light', 'en', 'ltr'], ['dark, Chinese', 'dark', 'zh-CN', 'ltr'], ['right to left', 'light', 'ar', 'rtl']]) {
  test(`axe finds nothing: ${name}`, async () => {
    const page = await asked({ colorScheme, locale: lang }, { lang, dir, head: '<meta name="color-scheme" content="light dark">' });
    assert.equal(await panel(page).getByRole('group').getAttribute('aria-label'), lang === 'zh-CN' ? '快捷回复' : 'Suggested replies');
    assert.deepEqual(await findings(page), []);
    const [log, first] = await Promise.all(['.log', '.offer button'].map((part) => panel(page).locator(part).first().boundingBox()));
    const edge = dir === 'rtl' ? log.x + log.width - first.x - first.width : first.x - log.x;
    assert.ok(Math.abs(edge - 52) < 16, `under the bubble: ${edge}`);
  });
}

test('a picture under an answer has its place before it is there, and moves nothing', async () => {
  const page = await visit(await visitor({ reducedMotion: 'reduce' }), { csp: "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'" });
  const [map, gone] = ['0a'.repeat(16), '0b'.repeat(16)];
  // Two pixels, of the shape that its message says.
  it.server.pictures.set(map, Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADUlEQVR42mPQ9b8ORAAH+AKnyWl8DwAAAABJRU5ErkJggg==', 'base64'));
  const images = panel(page).locator('.bubble-row > img');
  const seen = () => images.evaluateAll((all) => all.map((one) => [one.alt, one.complete && one.naturalWidth, one.offsetWidth, one.offsetHeight]));
  const log = panel(page).locator('.log');
  const fromEnd = () => log.evaluate((node) => Math.round(node.scrollHeight - node.clientHeight - node.scrollTop));
  await open(page);
  await say(page, 'where are you');
  const there = await begun();
  for (let n = 0; n < 12; n++) there.says(MEI, `line ${n}`);
  there.answers('Here.', BUTTONS, 1, { hash: map, width: 800, height: 400, alt: 'A map of the shop' });
  await button(page, 'A refund').waitFor();
  const wanted = [['A map of the shop', 2, 296, 148]];
  await until(async () => JSON.stringify(await seen()) === JSON.stringify(wanted), 'as large as the row lets it be').catch(async () => assert.deepEqual(await seen(), wanted));
  assert.ok((await fromEnd()) <= 1, 'the end is in sight');
  const [picture, buttons] = await Promise.all([images.boundingBox(), group(page).boundingBox()]);
  const bubble = await panel(page).locator('.bubble').last().boundingBox();
  assert.ok(bubble.y + bubble.height <= picture.y && picture.y + picture.height <= buttons.y, 'under the text, above the buttons');
  assert.deepEqual(await findings(page), []);

  // Its row is drawn anew when somebody goes on, and it is not loaded again.
  const asked = () => it.server.requests.filter((one) => one.includes('/pictures/')).map((one) => one.split('/pictures/')[1]);
  const before = asked().length;
  await log.evaluate((node) => (node.scrollTop = 40));
  const top = () => panel(page).locator('.bubble', { hasText: 'line 3' }).evaluate((node) => Math.round(node.getBoundingClientRect().top));
  const stood = await top();
  there.answers('And here.', {}, 1, { hash: gone, width: 300, height: 200, alt: 'The door' });
  await until(async () => (await images.count()) === 2, 'a second one');
  assert.equal(await top(), stood, 'what is read stays where it is');
  // What is no hash is the name of nothing, and asks nobody.
  there.answers('Or there.', {}, 1, { hash: '../../w/x', width: 30, height: 20, alt: 'Nothing' });
  await until(async () => (await images.count()) === 3, 'a third one');
  assert.equal(await images.last().getAttribute('src'), '');
  assert.deepEqual(asked().slice(before).filter((hash) => hash !== gone), []);
  const told = async () => (await heard(page)).slice(-6).filter((said) => !said.startsWith('Suggested'));
  assert.deepEqual((await told()).slice(-4), ['Bot: And here.', 'The door', 'Bot: Or there.', 'Nothing'], 'whoever listens is told of it, once');
  assert.equal((await heard(page)).filter((said) => said === 'A map of the shop').length, 1);

  // From the history, with what came before it.
  await page.reload();
  await until(async () => (await images.count()) === 3 && (await fromEnd()) <= 1, 'the same at the end of the log');
  await until(async () => JSON.stringify((await seen())[0]) === JSON.stringify(wanted[0]), 'the picture has come again').catch(async () => assert.deepEqual((await seen())[0], wanted[0]));
  assert.deepEqual(await images.evaluateAll((all) => all.map((one) => one.alt)), ['A map of the shop', 'The door', 'Nothing']);
  assert.deepEqual(page.problems, []);
});
