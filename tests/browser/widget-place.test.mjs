// Waiting and ending: the visitor's place in the line, and the button that ends the chat.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './browser.mjs';
import { findings } from './axe.mjs';
import { field, it, line, MEI, open, panel, progress, room, say, shows, stage, visit, visitor } from './widget-fixture.mjs';

stage();

const place = (page) => panel(page).locator('.place [role]');
const end = (page) => panel(page).locator('.head .text');
const ended = (page) => panel(page).locator('.event-row');
const gone = (locator) => locator.waitFor({ state: 'hidden' });
const status = (page) => place(page).evaluate((node) => [node.getAttribute('role'), node.closest('.panel').querySelectorAll('.place').length].join());

/** A page with a conversation that has begun. */
async function begun(context, query) {
  const page = await visit(context ?? (await visitor()), query);
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /(Sent|已发送)$/);
  return page;
}

test('INV-6: the place in the line is one line that changes, and goes when somebody joins', async () => {
  const page = await begun();
  const there = await room();
  await shows(place(page), '');
  there.waits(3, 240_000);
  await shows(place(page), 'You are number 3 in line. About 4 min.');
  assert.equal(await status(page), 'status,1');
  there.waits(2, 60_001);
  await shows(place(page), 'You are number 2 in line. About 2 min.');
  there.waits(1, 59_000);
  await shows(place(page), 'You are next. Less than a minute.');
  there.waits(1);
  await shows(place(page), 'You are next.');
  await page.evaluate(() => window.Bellhop('setLocale', 'zh'));
  await shows(place(page), '下一位就是您。');
  there.waits(4, 300_000);
  await shows(place(page), '您排在第 4 位。等待约 5 分钟。');
  there.turns({ status: 2, assignee: MEI, assignmentEpoch: 1 });
  await shows(place(page), '');
  there.turns({ status: 2, assignmentEpoch: 2 });
  await shows(place(page), '您排在第 4 位。等待约 5 分钟。');
  there.waits(0);
  await shows(place(page), '');
  assert.deepEqual(page.problems, []);
});

test('it stands between the messages and the field, and the newest message stays in sight', async () => {
  const page = await begun();
  const there = await room();
  for (let i = 1; i <= 20; i++) there.says(MEI, 'answer ' + i);
  await panel(page).getByText('answer 20', { exact: true }).waitFor();
  there.waits(2, 60_000);
  await shows(place(page), /^You are number 2/);
  const box = async (name) => panel(page).locator(name).last().boundingBox();
  const below = async () => {
    const [last, said, form] = [await box('.bubble'), await box('.place'), await box('.composer')];
    return last.y + last.height <= said.y && said.y + said.height <= form.y;
  };
  await until(below, 'messages, then the place, then the field');
});

test('nobody is told a place without a line; the next welcome tells it again', async () => {
  const page = await begun();
  const there = await room();
  there.waits(2, 60_000);
  await shows(place(page), /^You are number 2/);
  it.server.cut();
  await shows(place(page), '');
  there.waits(1);
  it.server.up();
  await shows(place(page), 'You are next.');
});

test('a status is written once: the same place again is not read again', async () => {
  const page = await begun();
  const there = await room();
  there.waits(2, 60_000);
  await shows(place(page), /^You are number 2/);
  await place(page).evaluate((node) => {
    window.writes = 0;
    new MutationObserver((list) => (window.writes += list.length)).observe(node, { childList: true, characterData: true, subtree: true });
  });
  there.waits(2, 60_000);
  there.says(MEI, 'one moment');
  await panel(page).getByText('one moment', { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => window.writes), 0);
  there.waits(1);
  await shows(place(page), 'You are next.');
  assert.equal(await page.evaluate(() => window.writes), 1);
});

test('the visitor ends the chat by keyboard, reads that it has ended, and begins it again by writing', async () => {
  const page = await visit(await visitor());
  await open(page);
  await gone(end(page));
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  const there = await room();
  there.waits(2);
  await shows(place(page), 'You are number 2 in line.');
  // Past the way out of the line, the log and the button that closes.
  for (let n = 0; n < 4; n++) await page.keyboard.press('Shift+Tab');
  assert.ok(await panel(page).getByRole('button', { name: 'End chat' }).evaluate((node) => node.getRootNode().activeElement === node));
  await page.keyboard.press('Enter');
  await shows(ended(page), 'The chat has ended. Write again any time.');
  await gone(end(page));
  await shows(place(page), '');
  const heard = await panel(page).locator('[aria-live=polite]').allTextContents();
  assert.deepEqual(heard, ['The chat has ended. Write again any time.']);
  assert.ok(await panel(page).evaluate((node) => node.contains(node.getRootNode().activeElement)), 'the focus stays in the panel');
  const { leave } = there.frames.find((frame) => frame.leave);
  assert.match(leave.clientId, /^[\w-]{1,64}$/);
  await say(page, 'one more thing');
  await gone(ended(page));
  await end(page).waitFor();
  assert.deepEqual(there.log.map((one) => one.text), ['hello', 'one more thing']);
  assert.deepEqual(page.problems, []);
});

test('without a line the chat can not be ended, and nothing is said that is not so', async () => {
  const page = await begun();
  const there = await room();
  it.server.cut();
  await line(page).getByText('Reconnecting').waitFor();
  assert.ok(await end(page).isDisabled());
  it.server.up();
  await until(async () => !(await end(page).isDisabled()), 'a line');
  // Swallowed by the cut, or refused: it goes on, and so does the button.
  it.server.onLeave = () => ({});
  await end(page).click();
  await until(() => there.frames.some((frame) => frame.leave), 'asked');
  it.server.cut();
  it.server.up();
  await until(async () => !(await end(page).isDisabled()), 'a line again');
  it.server.onLeave = () => ({ error: { code: 'rate_limited', retryable: true, retryAfterMs: 1_000 } });
  await end(page).click();
  await until(() => there.frames.filter((frame) => frame.leave).length === 2, 'asked again');
  there.says(MEI, 'still here');
  await panel(page).getByText('still here', { exact: true }).waitFor();
  assert.equal(await ended(page).count(), 0);
  it.server.onLeave = undefined;
  await end(page).click();
  await ended(page).waitFor();
});

test('a visitor who is silent reads and hears when the chat ends, and that it has ended; history is not read out', async () => {
  const context = await visitor({ timezoneId: 'Asia/Taipei' });
  const page = await begun(context);
  const there = await room();
  there.says(MEI, 'Is there anything else?');
  await panel(page).getByText('Is there anything else?', { exact: true }).waitFor();
  there.happens({ kind: 9, endsAt: Date.UTC(2026, 10, 26, 6, 5) });
  const row = (page) => panel(page).locator('.event-row');
  await shows(row(page), /^The chat ends at 2:05\sPM unless you write\.$/);
  const heard = async (page) => (await panel(page).locator('[aria-live=polite] p').allTextContents()).map((text) => text.replace(/\s/g, ' '));
  await until(async () => (await heard(page)).join('|') === 'Mei Chen: Is there anything else?|The chat ends at 2:05 PM unless you write.', 'said aloud');
  await page.evaluate(() => window.Bellhop('setLocale', 'zh'));
  await shows(row(page), /^如无留言，(14:05|下午2:05) 结束会话。$/);
  await page.evaluate(() => window.Bellhop('setLocale', 'en'));
  there.turns({ status: 4 });
  await until(async () => (await heard(page)).at(-1) === 'The chat has ended. Write again any time.', 'the end as well');
  const second = await visit(context);
  await open(second);
  await row(second).nth(1).waitFor();
  assert.deepEqual(await heard(second), []);
  assert.deepEqual(await findings(second), []);
  assert.deepEqual(page.problems, []);
});

test('who finds the chat ended on another page is told so, and hears it once', async () => {
  const context = await visitor();
  const first = await begun(context);
  const second = await visit(context);
  await open(second);
  await end(second).waitFor();
  await end(first).click();
  for (const page of [first, second]) await shows(ended(page), /has ended/);
  await gone(end(second));
  const third = await visit(context);
  await open(third);
  await shows(ended(third), /has ended/);
  await gone(end(third));
  const heard = (page) => panel(page).locator('[aria-live=polite]').allTextContents();
  assert.deepEqual(await heard(second), ['The chat has ended. Write again any time.']);
  assert.deepEqual(await heard(third), [''], 'history');
});

for (const colorScheme of ['light', 'dark']) {
  for (const [lang, dir] of [['en', 'ltr'], ['zh-CN', 'ltr'], ['ar', 'rtl']]) {
    test(`axe finds nothing while waiting, without a line, and at the end: ${colorScheme}, ${lang}`, async () => {
      const page = await begun(await visitor({ colorScheme, locale: lang, reducedMotion: 'reduce', viewport: { width: 390, height: 700 } }), { lang, dir, head: '<meta name="color-scheme" content="light dark">' });
      const there = await room();
      there.waits(3, 240_000);
      await shows(place(page), /3/);
      assert.deepEqual(await findings(page), []);
      const [head, button, close] = await panel(page).locator('.head, .head .text, .close').evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect()));
      assert.ok(button.height >= 24 && button.left >= head.left && button.right <= head.right && (button.right <= close.left || button.left >= close.right));
      it.server.cut();
      await until(() => end(page).isDisabled(), 'no line');
      assert.deepEqual(await findings(page), []);
      it.server.up();
      await until(async () => !(await end(page).isDisabled()), 'a line');
      await end(page).click();
      await ended(page).waitFor();
      assert.deepEqual(await findings(page), []);
    });
  }
}
