// The widget's conversation in a real browser: what is sent, kept, resumed, shared between windows and told to the
// visitor. Against a double of the server (`widget-server.mjs`), which also refuses and cuts as it is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './browser.mjs';
import { bubbles, field, holds, it, keys, launcher, line, MEI, open, panel, progress, room, say, shows, stage, visit, visitor } from './widget-fixture.mjs';

stage();

test('a page view costs the script alone, opening it a session, and nothing is a Room before the first message', async () => {
  const page = await visit(await visitor());
  await page.waitForLoadState('networkidle');
  assert.deepEqual(it.server.requests.filter((one) => !/page|favicon/.test(one)), ['GET /widget.js']);
  assert.deepEqual(await keys(page), []);
  await open(page);
  await shows(bubbles(page).first(), 'Hello! How can we help you today?');
  await shows(panel(page).locator('h2'), 'Lantern & Loom');
  assert.equal(it.server.asked('/v1/session').length, 1);
  assert.equal(it.server.rooms.size, 0);
  await say(page, 'Hello');
  await holds(page, ['Hello']);
  await shows(progress(page), /Sent$/);
  assert.equal(it.server.asked('/v1/session').length, 1);
  assert.equal((await room()).log.length, 1);
  assert.deepEqual(page.problems, []);
});

test('a message shows at once, then how far it has got: sending, sent, delivered, read', async () => {
  const page = await visit(await visitor());
  await open(page);
  let acks = false;
  it.server.onSend = () => !acks && {};
  await say(page, '  A <b>bold</b> & "quoted" question  ');
  await holds(page, ['A <b>bold</b> & "quoted" question']);
  await shows(progress(page), /Sending$/);
  assert.equal(await field(page).inputValue(), '');
  assert.equal((await keys(page, '.out.')).length, 1, 'CO1: stored before it is acknowledged');
  acks = true;
  it.server.cut();
  it.server.up();
  await shows(progress(page), /Sent$/);
  assert.deepEqual(await keys(page, '.out.'), [], 'CO1: gone with the ack');
  const there = await room();
  there.has({ participant: MEI, delivered: 1, read: 0 });
  await shows(progress(page), /Delivered$/);
  there.has({ participant: MEI, delivered: 1, read: 1 });
  await shows(progress(page), /Read$/);
  assert.equal(there.log.length, 1);
});

test('what is written offline survives a reload and arrives once, in order', async () => {
  const context = await visitor();
  let page = await visit(context);
  await open(page);
  await say(page, 'one');
  await shows(progress(page), /Sent$/);
  it.server.cut();
  await say(page, 'two');
  await say(page, 'three');
  await shows(progress(page), /Waiting for network$/);
  await shows(line(page), /Reconnecting · 0:\d\d|Connecting/);
  await page.reload();
  await field(page).waitFor();
  await holds(page, ['two', 'three']);
  assert.equal((await keys(page, '.out.')).length, 2);
  await page.close();
  it.server.up();
  page = await visit(context);
  await open(page);
  await holds(page, ['one', 'two', 'three']);
  await until(async () => (await keys(page, '.out.')).length === 0, 'an empty queue');
  assert.deepEqual(it.server.room.log.map((one) => one.text), ['one', 'two', 'three']);
});

test('a refused message says so and is sent again, or removed, by its writer', async () => {
  const page = await visit(await visitor());
  await open(page);
  let refuse = true;
  it.server.onSend = () => refuse && { error: { code: 'bad_request', retryable: false } };
  await say(page, 'first');
  await shows(progress(page), /^Not sentTry againRemove$/);
  await page.reload();
  await field(page).waitFor();
  await shows(progress(page), /^Not sentTry againRemove$/);
  refuse = false;
  await panel(page).getByRole('button', { name: 'Try again' }).click();
  await shows(progress(page), /Sent$/);
  assert.equal(await field(page).evaluate((node) => node.getRootNode().activeElement === node), true, 'focus is not lost with the button');
  refuse = true;
  await say(page, 'second');
  await panel(page).getByRole('button', { name: 'Remove' }).click();
  await holds(page, ['first']);
  assert.deepEqual(await keys(page, '.out.'), []);
  assert.deepEqual(it.server.room.log.map((one) => one.text), ['first']);
});

test('a limited visitor is told when it goes on, and it does', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'one');
  await shows(progress(page), /Sent$/);
  let limit = true;
  it.server.onSend = () => limit && { error: { code: 'rate_limited', retryable: true, retryAfterMs: 2_000 } };
  await say(page, 'two');
  await shows(line(page), /^That was a lot\. Sending resumes soon · 0:0[12]$/);
  limit = false;
  await shows(progress(page), /Sent$/);
  await until(async () => !(await line(page).isVisible()), 'no line');
});

/** Long enough to be seen on a slow machine. */
const WAIT_MS = 5_000;

test('a busy server is honoured: no request before its time, and the line says when', async () => {
  const page = await visit(await visitor());
  it.server.onSession = () => {
    it.server.onSession = undefined;
    return [429, { code: 'rate_limited', retry_after_ms: WAIT_MS }];
  };
  const start = Date.now();
  await open(page);
  await shows(line(page), /^Very busy\. Trying again · 0:0[1-6]$/);
  await say(page, 'patience');
  await shows(progress(page), /Sent$/);
  assert.ok(Date.now() - start >= WAIT_MS, 'not before its time');
  assert.equal(it.server.asked('/v1/session').length, 2);
});

test('two windows that open their first chat at once are one visitor with one conversation', async () => {
  const context = await visitor();
  const pages = await Promise.all([visit(context), visit(context)]);
  await Promise.all(pages.map(open));
  await Promise.all(pages.map((page, i) => say(page, 'window ' + i)));
  await until(() => it.server.rooms.size === 1 && it.server.room.log.length === 2, 'both messages');
  for (const page of pages) await until(async () => (await bubbles(page, '.own').count()) === 2, 'both in each window');
  assert.equal(it.server.rooms.size, 1);
});

test('SE1: two windows without Web Locks are one conversation, too', async () => {
  const context = await visitor();
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
  const pages = await Promise.all([visit(context), visit(context)]);
  await Promise.all(pages.map(open));
  await Promise.all(pages.map((page) => bubbles(page).first().waitFor()));
  await Promise.all(pages.map((page, i) => say(page, 'window ' + i)));
  await until(() => [...it.server.rooms.values()].reduce((sum, one) => sum + one.log.length, 0) === 2, 'both messages');
  assert.equal(it.server.rooms.size, 1);
});

test('CO2: what a window that is gone left unsent is sent by another', async () => {
  const context = await visitor();
  const stays = await visit(context);
  await open(stays);
  await say(stays, 'one');
  await shows(progress(stays), /Sent$/);
  const goes = await visit(context);
  await open(goes);
  await holds(goes, ['one']);
  it.server.cut();
  await say(goes, 'left behind');
  await goes.close();
  it.server.up();
  await holds(stays, ['one', 'left behind']);
  // It is shown before it is sent, and kept until it is acknowledged.
  await until(async () => (await keys(stays, '.out.')).length === 0, 'nothing is left to be sent');
  assert.deepEqual(it.server.room.log.map((one) => one.text), ['one', 'left behind']);
});

test('an answer raises the badge on any page, reading it here clears it everywhere', async () => {
  const context = await visitor();
  const first = await visit(context);
  await open(first);
  await say(first, 'hello');
  await shows(progress(first), /Sent$/);
  const there = await room();
  await panel(first).getByRole('button', { name: 'Close chat' }).click();
  const second = await visit(context, { body: 'another page' });
  await until(() => there.sockets.size === 2, 'the second page connects by itself');
  there.says(MEI, 'Hi there');
  there.says(MEI, 'How can I help?');
  for (const page of [first, second]) {
    await shows(launcher(page).locator('.badge'), '2');
    assert.equal(await launcher(page).getAttribute('aria-label'), 'Open chat, 2 unread');
  }
  await open(second);
  await holds(second, ['hello', 'Hi there', 'How can I help?']);
  for (const page of [first, second]) await shows(launcher(page).locator('.badge'), '');
  assert.equal(there.receipts.get('1').read, 3);
  there.says(MEI, 'seen at once');
  await until(() => there.receipts.get('1').read === 4, 'read while it is open');
});

test('CL21: what was read stays read when the Room forgot that', async () => {
  const context = await visitor();
  let page = await visit(context);
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  const there = await room();
  there.says(MEI, 'answer');
  await until(() => there.receipts.get('1')?.read === 2, 'read');
  await panel(page).getByRole('button', { name: 'Close chat' }).click();
  await page.close();
  there.receipts.clear();
  page = await visit(context);
  await until(() => there.receipts.get('1')?.read === 2, 'said again');
  await shows(launcher(page).locator('.badge'), '');
});

test('both sides see the other type', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'hello');
  const there = await room();
  await shows(progress(page), /Sent$/);
  await field(page).pressSequentially('I am');
  await until(() => there.frames.some((frame) => frame.typing?.on), 'typing');
  await field(page).fill('');
  await until(() => there.frames.some((frame) => frame.typing && !frame.typing.on), 'no longer');
  const dots = panel(page).locator('.typing-row');
  there.tell({ typing: { on: true, participant: MEI } });
  await shows(dots.locator('.sr'), 'Mei Chen is typing');
  there.says(MEI, 'answer');
  await dots.waitFor({ state: 'hidden' });
  there.tell({ typing: { on: true, participant: MEI } });
  await dots.waitFor();
  there.tell({ typing: { on: false, participant: MEI } });
  await dots.waitFor({ state: 'hidden' });
});

test('history comes back, and further up page by page without a jump', async () => {
  const context = await visitor();
  let page = await visit(context);
  await open(page);
  await say(page, 'm1');
  await shows(progress(page), /Sent$/);
  const there = await room();
  for (let i = 2; i <= 260; i++) there.append(MEI, { text: 'm' + i });
  await page.close();
  page = await visit(context);
  await open(page);
  await until(async () => (await bubbles(page).last().textContent()) === 'm260', 'the newest');
  await until(async () => (await bubbles(page).last().boundingBox()).y < 760, 'in sight');
  const log = panel(page).getByRole('log');
  await until(async () => {
    await log.evaluate((node) => (node.scrollTop = 0));
    return (await panel(page).locator('.own .bubble').count()) === 1;
  }, 'the first message');
  assert.equal(await bubbles(page).count(), 261);
  // A page that arrives above leaves what is being read where it is.
  const mark = bubbles(page).filter({ hasText: /^m150$/ });
  await mark.scrollIntoViewIfNeeded();
  const before = (await mark.boundingBox()).y;
  there.says(MEI, 'm261');
  await panel(page).getByRole('button', { name: 'Latest message' }).waitFor();
  assert.equal((await mark.boundingBox()).y, before);
  await panel(page).getByRole('button', { name: 'Latest message' }).click();
  await until(() => there.receipts.get('1').read === 261, 'read at the end');
});

test('an older page of a long day leaves what is read where it is, and asks for no other', async () => {
  const context = await visitor();
  let page = await visit(context);
  await open(page);
  await say(page, 'm1');
  await shows(progress(page), /Sent$/);
  const there = await room();
  for (let i = 2; i <= 350; i++) there.append(MEI, { text: 'm' + i });
  await page.close();
  page = await visit(context);
  await open(page);
  await until(async () => (await bubbles(page).last().textContent()) === 'm350', 'the newest');
  let give;
  it.server.onPage = (given) => (give = given);
  const log = panel(page).getByRole('log');
  await log.evaluate((node) => (node.scrollTop = 0));
  await shows(log.locator('.event-row').first(), 'Loading…');
  await until(() => give, 'a page is asked for');
  const first = bubbles(page).filter({ hasText: /^m251$/ });
  // The panel comes up for a moment.
  await first.evaluate((node) => Promise.all(node.getRootNode().getAnimations().map(({ finished }) => finished)));
  const before = (await first.boundingBox()).y;
  give();
  await until(async () => (await bubbles(page).count()) === 200, 'the page');
  assert.ok(Math.abs((await first.boundingBox()).y - before) < 1, 'the same place');
  await say(page, 'and on');
  await until(() => there.log.length === 351, 'time for another');
  assert.equal(there.frames.filter((frame) => frame.page).length, 1);
  await log.evaluate((node) => (node.scrollTop = 0));
  await until(() => there.frames.filter((frame) => frame.page).length === 2, 'the next, when it is wanted');
  assert.deepEqual(page.problems, []);
});

test('who joined, left and resolved is told; a day begins with its name', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  const there = await room();
  there.happens({ kind: 2, subject: MEI });
  there.agents = [MEI];
  there.tell({ presence: { agents: [MEI] } });
  await shows(panel(page).locator('.who p'), 'Mei Chen – here for you now');
  there.happens({ kind: 3, subject: MEI });
  there.state = { status: 4 };
  there.tell({ state: there.state });
  await until(async () => (await panel(page).locator('.event-row').count()) === 3, 'three lines');
  assert.deepEqual(await panel(page).locator('.event-row').allTextContents(), [
    'Mei Chen joined the conversation',
    'Mei Chen left the conversation',
    'The chat has ended. Write again any time.',
  ]);
  assert.deepEqual(await panel(page).locator('.day-row').allTextContents(), ['Today']);
  it.server.cut();
  await shows(panel(page).locator('.who p'), 'We reply as soon as we can');
});

test('a blocked visitor, a replaced window and a wrong credential each read what is so', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  it.server.close(4503);
  await shows(line(page), /^The chat is open in another window\.Continue here$/);
  await line(page).getByRole('button').click();
  await until(() => it.server.room.sockets.size === 1, 'taken over');
  await until(async () => !(await line(page).isVisible()), 'no line');
  it.server.close(4500);
  await shows(line(page), /^The chat is not available right now\.Try again$/);
  await line(page).getByRole('button').click();
  await until(() => it.server.room.sockets.size === 1, 'again');
  it.server.close(4504);
  await shows(line(page), /^This chat is closed\.$/);
  await field(page).waitFor({ state: 'hidden' });
});

test('CN17: a page that newer ones have driven out is back when it comes into view, or is opened', async () => {
  const page = await visit(await visitor());
  const look = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  const there = await room();
  const close = panel(page).getByRole('button', { name: 'Close chat' });
  await close.click();
  it.server.close(4503);
  await until(() => there.sockets.size === 0, 'driven out');
  there.says(MEI, 'Are you there?');
  await look(true);
  await page.waitForTimeout(1_500);
  assert.equal(there.sockets.size, 0, 'nothing by itself, and nothing in the background');
  await look(false);
  await until(() => there.sockets.size === 1, 'it is looked at');
  await shows(launcher(page).locator('.badge'), '1');
  it.server.close(4503);
  await until(() => there.sockets.size === 0, 'again');
  await open(page);
  await until(() => there.sockets.size === 1, 'it is opened');
  await holds(page, ['hello', 'Are you there?']);
  assert.equal(await line(page).isVisible(), false);
});

test('SE3, CO3: a revoked visitor begins again, and takes along what was not sent', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'old');
  await shows(progress(page), /Sent$/);
  const old = it.server.room;
  it.server.onSend = () => ({});
  await say(page, 'new');
  await shows(progress(page), /Sending$/);
  it.server.onSend = undefined;
  let refused = 0;
  it.server.onSession = ({ token }) => (token && refused++ === 0 ? [401, { code: 'unauthorized' }] : undefined);
  it.server.close(4501);
  await shows(line(page), /^The chat is not available right now\.Try again$/);
  await line(page).getByRole('button').click();
  await holds(page, ['new']);
  await shows(progress(page), /Sent$/);
  assert.equal(it.server.rooms.size, 2);
  assert.deepEqual(old.log.map((one) => one.text), ['old']);
});

test('a page in the back/forward cache holds no socket, and has one again when it returns', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  const there = await room();
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  await until(() => there.sockets.size === 0, 'closed');
  there.says(MEI, 'while it was away');
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await holds(page, ['hello', 'while it was away']);
});
