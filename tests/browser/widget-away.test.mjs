// Nobody works, or it takes long: the form that asks for an e-mail address, in the place of the field.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './browser.mjs';
import { findings } from './axe.mjs';
import { bubbles, field, it, launcher, line, MEI, open, panel, progress, room, say, shows, stage, visit, visitor } from './widget-fixture.mjs';

stage();

const HOUR = 3_600_000;
const form = (page) => panel(page).locator('.away form');
const email = (page) => form(page).locator('[type=email]');
const message = (page) => form(page).locator('textarea');
const composer = (page) => panel(page).locator('.composer');
const why = (page) => form(page).locator('.why');
const thanks = (page) => panel(page).locator('.away .why[tabindex]');
const submit = (page) => form(page).locator('.primary');
const instead = (page) => panel(page).locator('.place .text');
/** It has the focus. */
const active = (locator) => locator.evaluate((node) => node.getRootNode().activeElement === node);
const asked = (name) => it.server.asked(name).length;
/** A fixed noon, so that tomorrow is tomorrow wherever this runs. */
const NOON = new Date(2026, 10, 26, 12).getTime();

/** A page whose clock stands where the test wants it. */
async function at(now, { closed, attrs, body, lang = 'en', dir = 'ltr', ...options } = {}) {
  // A text that fades in has too little contrast for a moment.
  const context = await visitor({ reducedMotion: 'reduce', ...options });
  await context.clock.install({ time: now });
  it.server.ahead = now - Date.now();
  if (closed) it.server.site = { ...it.server.site, closed };
  const page = await visit(context, { lang, dir, ...(attrs && { attrs }), ...(body && { body }) });
  return page;
}

async function begun(now = NOON, options) {
  const page = await at(now, options);
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /(Sent|已发送)$/);
  return page;
}

test('a closed site asks for a message and an address, and fetches nothing for it before', async () => {
  const page = await at(NOON, { closed: [[NOON - HOUR, NOON + 21 * HOUR]] });
  const files = () => it.server.requests.filter((one) => one.includes('/w/')).length;
  assert.equal(files(), 0);
  await launcher(page).click();
  await form(page).waitFor();
  assert.equal(files(), 3, 'chat, texts, form');
  assert.equal(await composer(page).isVisible(), false);
  await shows(why(page), /^We are closed until tomorrow 9:00\sAM\.$/);
  assert.deepEqual(await findings(page), []);

  await submit(page).click();
  await shows(form(page).locator('.fault').nth(1), /e-mail address such as/);
  assert.equal(await email(page).evaluate((node) => node.getRootNode().activeElement === node), true, 'the first fault has the focus');
  assert.equal(await email(page).getAttribute('aria-invalid'), 'true');
  await email(page).fill('lei@shop.example');
  await submit(page).click();
  await shows(form(page).locator('.fault').nth(2), 'Write a message.');
  await shows(form(page).locator('.fault').nth(1), '');
  await form(page).getByLabel('Name').fill('Lei');
  await message(page).fill('Where is my parcel?');
  await message(page).press('Tab');
  assert.equal(it.server.rooms.size, 0, 'nothing is a Room before');
  await page.keyboard.press('Enter');
  await shows(thanks(page), /^Thanks\. We will get back to you at lei@shop\.example\. We open again tomorrow 9:00\sAM\.$/);
  assert.equal(await thanks(page).evaluate((node) => node.getRootNode().activeElement === node), true);
  const sent = it.server.room.frames.filter((frame) => frame.leaveEmail).map(({ leaveEmail: { name, email, text } }) => ({ name, email, text }));
  assert.deepEqual(sent, [{ name: 'Lei', email: 'lei@shop.example', text: 'Where is my parcel?' }]);
  await shows(bubbles(page, '.own'), 'Where is my parcel?');
  assert.deepEqual(await findings(page), []);

  await panel(page).getByRole('button', { name: 'Write another message' }).click();
  assert.ok((await composer(page).locator('textarea').boundingBox()).height >= 40, 'a field of a line');
  await composer(page).locator('textarea').fill('and when?');
  await composer(page).locator('textarea').press('Enter');
  await shows(bubbles(page, '.own').last(), 'and when?');
  assert.deepEqual(page.problems, []);
});

test('on a low screen nothing lies over the form, and its last button is on it', async () => {
  for (const [width, height] of [[844, 390], [667, 375], [640, 400], [390, 240]]) {
    const page = await at(NOON, { closed: [[NOON - HOUR, NOON + 21 * HOUR]], viewport: { width, height }, hasTouch: true, isMobile: true });
    await launcher(page).click();
    await form(page).waitFor();
    /** Of what is where its text is. */
    const seen = (locator) => locator.evaluate((node) => {
      node.scrollIntoView({ block: 'nearest' });
      const { left, top, bottom } = node.getBoundingClientRect();
      return [top, bottom - 1].map((y) => node.contains(node.getRootNode().elementFromPoint(left + 20, y)));
    });
    assert.deepEqual(await seen(why(page)), [true, true], `${width} × ${height}`);
    assert.deepEqual(await seen(submit(page)), [true, true], `${width} × ${height}`);
    assert.deepEqual(await panel(page).evaluate(({ scrollTop, scrollHeight, clientHeight }) => [scrollTop, scrollHeight - clientHeight]), [0, 0], 'nothing is cut off');
  }
});

test('a site that lets people wait while it is closed asks for nothing', async () => {
  const page = await at(NOON);
  await open(page);
  assert.equal(await composer(page).isVisible(), true);
  assert.equal(await form(page).count(), 0);
});

test('closing time arrives and the chat turns, and opens again', async () => {
  const page = await at(NOON, { closed: [[NOON + HOUR, NOON + 2 * HOUR]] });
  await open(page);
  await field(page).fill('half a sentence');
  await page.clock.fastForward(HOUR + 30_000);
  await form(page).waitFor();
  await shows(why(page), /^We are closed until today 2:00\sPM\.$/);
  assert.equal(await message(page).inputValue(), 'half a sentence', 'what was typed goes along');
  assert.equal(await message(page).evaluate((node) => node.getRootNode().activeElement === node), true, 'and so does the focus');
  await message(page).press('End');
  await message(page).pressSequentially(', and more');
  await page.clock.fastForward(HOUR);
  await composer(page).waitFor();
  assert.equal(await field(page).first().isVisible(), false, 'the form is gone');
  assert.equal(await composer(page).locator('textarea').inputValue(), 'half a sentence, and more');
  assert.equal(await active(composer(page).locator('textarea')), true, 'and so it does on the way back');
  assert.deepEqual(page.problems, []);
});

test('INV-6: who waits is asked at closing time, and may go on waiting', async () => {
  const page = await begun();
  const there = await room();
  there.waits(1);
  await shows(panel(page).locator('.place [role]'), 'You are next.');
  there.waits(1, 0, { opensAt: NOON + 21 * HOUR, form: true });
  await form(page).waitFor();
  await shows(why(page), /^We are closed until tomorrow/);
  await form(page).getByRole('button', { name: 'Keep waiting here' }).click();
  await composer(page).waitFor();
  await shows(panel(page).locator('.place [role]'), /^Closed until/);
  await instead(page).click();
  await form(page).waitFor();
  there.turns({ status: 2, assignee: MEI, assignmentEpoch: 1 });
  there.waits(0);
  await composer(page).waitFor();
  assert.equal(await form(page).isVisible(), false, 'nor does it stay over an agent');
  there.turns({ status: 1, assignee: undefined, assignmentEpoch: 2 });
  there.waits(1, 0, { opensAt: NOON + 21 * HOUR, form: true });
  await form(page).waitFor();
  await email(page).fill('lei@shop.example');
  await submit(page).click();
  await shows(thanks(page), /^Thanks\./);
  const [{ leaveEmail }] = there.frames.filter((frame) => frame.leaveEmail);
  assert.equal(leaveEmail.text, '', 'what was written before is enough');
  there.turns({ status: 2, assignee: MEI, assignmentEpoch: 1 });
  there.says(MEI, 'Hello, I am here');
  await shows(bubbles(page).last(), 'Hello, I am here');
  assert.deepEqual(page.problems, []);
});

/** The line is cut, and the next one comes to a Room that has slept: it tells of no place. */
async function comesToOneThatSlept(page, there) {
  it.server.cut();
  there.queue = undefined;
  await until(() => line(page).isVisible(), 'no line');
  it.server.up();
  await until(async () => {
    await page.clock.runFor(1_000);
    return there.sockets.size;
  }, 'a line');
}

test('what was declined stays so when a Room that slept tells it anew, and comes for another reason', async () => {
  const page = await begun();
  const there = await room();
  const place = panel(page).locator('.place [role]');
  there.waits(2, 0, { form: true });
  await form(page).getByRole('button', { name: 'Keep waiting here' }).click();
  await composer(page).waitFor();
  await comesToOneThatSlept(page, there);
  await shows(place, '');
  there.waits(3, 0, { form: true });
  await shows(place, /3/);
  assert.equal(await composer(page).isVisible(), true, 'it was declined');
  assert.equal(await form(page).isVisible(), false);
  there.waits(3, 0, { opensAt: NOON + 21 * HOUR, form: true });
  await form(page).waitFor();
  await shows(why(page), /^We are closed until tomorrow/);
  assert.deepEqual(page.problems, []);
});

test('who fills it in goes on with it on a new line to a Room that has slept, until somebody has it', async () => {
  const page = await begun();
  const there = await room();
  there.waits(2, 0, { form: true });
  await email(page).pressSequentially('lei@');
  await comesToOneThatSlept(page, there);
  await shows(panel(page).locator('.place [role]'), '');
  assert.equal(await active(email(page)), true);
  await page.keyboard.type('shop.example');
  assert.equal(await email(page).inputValue(), 'lei@shop.example');
  there.turns({ status: 2, assignee: MEI, assignmentEpoch: 1 });
  await composer(page).waitFor();
  assert.deepEqual(page.problems, []);
});

test('where the form can not be had that is said, and the next press brings it', async () => {
  const page = await begun();
  const there = await room();
  there.waits(2);
  const place = panel(page).locator('.place [role]');
  await shows(place, 'You are number 2 in line.');
  assert.equal(await instead(page).textContent(), 'Leave an e-mail address');
  let blocked = true;
  await page.route('**/w/*', (route) => (blocked ? route.abort() : route.continue()));
  await instead(page).click();
  await shows(place, 'Waiting for network');
  blocked = false;
  await instead(page).click();
  await form(page).waitFor();
  await shows(form(page).locator('label').nth(2), 'Message (optional)');
  await form(page).getByRole('button', { name: 'Keep waiting here' }).click();
  await composer(page).waitFor();
  assert.deepEqual(page.problems, []);
});

test('whoever is served stays: no form for them', async () => {
  const page = await begun(NOON, { closed: [[NOON + HOUR, NOON + 21 * HOUR]] });
  const there = await room();
  there.turns({ status: 2, assignee: MEI, assignmentEpoch: 1 });
  await page.clock.fastForward(2 * HOUR);
  there.says(MEI, 'still here');
  await shows(bubbles(page).last(), 'still here');
  assert.equal(await composer(page).isVisible(), true);
});

test('a form that goes takes no focus that is not in it', async () => {
  const page = await at(NOON, { closed: [[NOON - HOUR, NOON + HOUR]], body: '<input>' });
  await launcher(page).click();
  await form(page).waitFor();
  const own = page.locator('main input');
  await own.focus();
  await page.clock.fastForward(HOUR + 30_000);
  await composer(page).waitFor();
  assert.equal(await active(own), true);
});

test('an agent who is in the conversation keeps the field there, claimed or not', async () => {
  const page = await begun();
  const there = await room();
  const present = (agents) => there.tell({ presence: { agents: (there.agents = agents), visitor: true } });
  present([MEI]);
  there.waits(1, 0, { form: true });
  there.says(MEI, 'I am here');
  await shows(bubbles(page).last(), 'I am here');
  assert.equal(await composer(page).isVisible(), true);
  present([]);
  await shows(why(page), 'It takes longer than usual.');
});

test('a long wait does not take the field from whoever is writing', async () => {
  const page = await begun();
  const there = await room();
  await field(page).pressSequentially('in the middle of');
  there.waits(3, 0, { form: true });
  await shows(panel(page).locator('.place [role]'), /3/);
  assert.equal(await composer(page).isVisible(), true);
  await page.keyboard.press('Enter');
  await shows(why(page), 'It takes longer than usual.');
  assert.deepEqual(page.problems, []);
});

test('a long wait offers the form; a lost answer is asked for again, a refusal can be mended', async () => {
  const page = await begun();
  const there = await room();
  let answers = [true, { error: { code: 'bad_request', retryable: false } }];
  it.server.onLeaveEmail = () => answers.shift();
  there.waits(9, 1_200_000, { form: true });
  await shows(why(page), 'It takes longer than usual.');
  await email(page).fill('lei@shop.example');
  await submit(page).click();
  await until(() => answers.length === 1, 'the first one, which nobody answers');
  assert.equal(await submit(page).isDisabled(), true);
  it.server.cut();
  it.server.up();
  await page.clock.runFor(60_000);
  await shows(form(page).locator('.fault').nth(1), /could not be sent/);
  await submit(page).click();
  await shows(thanks(page), /^Thanks\./);
  assert.deepEqual(page.problems, []);
});

test('an answer to the form takes no focus from the page', async () => {
  const page = await begun(NOON, { body: '<input>' });
  const there = await room();
  const own = page.locator('main input');
  const said = () => there.frames.flatMap(({ leaveEmail }) => leaveEmail ?? []);
  it.server.onLeaveEmail = () => true;
  there.waits(9, 1_200_000, { form: true });
  await email(page).fill('lei@shop.example');
  for (const [answer, shown, expected] of [
    [{ error: { code: 'bad_request', message: '' } }, form(page).locator('.fault').nth(1), /could not be sent/],
    [{ done: {} }, thanks(page), /^Thanks\./],
  ]) {
    const count = said().length;
    await submit(page).click();
    await until(() => said().length > count, 'the form');
    await own.focus();
    const [[kind, frame]] = Object.entries(answer);
    there.tell({ [kind]: { ...frame, clientId: said().at(-1).clientId } });
    await shows(shown, expected);
    assert.equal(await active(own), true, kind);
    await shows(panel(page).locator('[aria-live] p').last(), expected);
  }
  assert.deepEqual(page.problems, []);
});

test('what the server does not take now is said again on the same line, as late as it asks for', async () => {
  const page = await begun();
  const there = await room();
  const said = [];
  const answers = [{ code: 'rate_limited', retryable: true, retryAfterMs: 5_000 }, { code: 'internal', retryable: true }];
  it.server.onLeaveEmail = ({ clientId }) => {
    said.push(clientId);
    const error = answers.shift();
    return error && { error };
  };
  there.waits(9, 1_200_000, { form: true });
  await email(page).fill('lei@shop.example');
  await submit(page).click();
  await until(() => said.length === 1, 'the first one');
  await page.clock.runFor(4_000);
  assert.equal(said.length, 1);
  // Each runs out by itself, as soon as its answer is here.
  for (const count of [2, 3]) {
    await until(async () => {
      await page.clock.runFor(1_000);
      return said.length >= count;
    }, `the ${count}.`);
  }
  await shows(thanks(page), /^Thanks\./);
  assert.equal(new Set(said).size, 1, 'the same one');
  assert.equal(it.server.asked('/v1/session').length, 1);
  assert.deepEqual(page.problems, []);
});

test('a widget that is taken off says no form again that it still had to say', async () => {
  const page = await begun();
  const there = await room();
  let said = 0;
  it.server.onLeaveEmail = () => {
    said += 1;
    return { error: { code: 'rate_limited', retryable: true, retryAfterMs: 5_000 } };
  };
  there.waits(9, 1_200_000, { form: true });
  await email(page).fill('lei@shop.example');
  await submit(page).click();
  await until(() => said === 1, 'the first one');
  // The refusal is here once a message behind it is.
  there.offers('one moment');
  await page.getByText('one moment').first().waitFor();
  await page.evaluate(() => window.Bellhop('destroy'));
  await page.clock.runFor(60_000);
  assert.equal(said, 1);
  assert.equal(it.server.asked('/v1/session').length, 1);
  assert.equal(there.sockets.size, 0);
  assert.deepEqual(page.problems, []);
});

for (const [name, options] of [
  ['Chinese', { lang: 'zh', locale: 'zh-CN' }],
  ['right to left', { lang: 'ar', dir: 'rtl' }],
  ['a phone', { viewport: { width: 360, height: 640 }, hasTouch: true }],
  ['dark', { colorScheme: 'dark' }],
]) {
  test(`the form in ${name}: complete, nothing cut off, nothing that axe finds`, async () => {
    const page = await at(NOON, { closed: [[NOON - HOUR, NOON + 21 * HOUR]], ...options });
    await launcher(page).click();
    await form(page).waitFor();
    assert.deepEqual(await findings(page), []);
    const node = panel(page).locator('.away');
    assert.equal(await node.evaluate((it) => it.scrollWidth <= it.clientWidth), true);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/away-${name.replaceAll(' ', '-')}.png` });
    if (name === 'Chinese') await shows(why(page), '我们已下班，明天 09:00 恢复服务。');
  });
}

test('a site that hides shows itself when it opens, and to whoever has a conversation', async () => {
  const closed = [[NOON - HOUR, NOON + HOUR], [NOON + 3 * HOUR, NOON + 20 * HOUR]];
  const context = await visitor();
  await context.clock.install({ time: NOON });
  it.server.site = { ...it.server.site, closed };
  const page = await context.newPage();
  await page.goto(`${it.server.url}/page?${new URLSearchParams({ attrs: 'data-closed="hide"' })}`);
  await until(() => asked('/v1/session') === 1, 'the question whether it is open');
  assert.equal(await launcher(page).isVisible(), false);
  await page.clock.fastForward(HOUR + 61_000);
  await launcher(page).waitFor();
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  await page.clock.fastForward(3 * HOUR);
  await composer(page).waitFor();
  await page.reload();
  await launcher(page).waitFor();
});

test('a closed site shows its button to whoever turns out to have a conversation, and to whoever begins one', async () => {
  const hidden = new URLSearchParams({ attrs: 'data-closed="hide"' });
  const context = await visitor();
  await context.clock.install({ time: NOON });
  it.server.site = { ...it.server.site, closed: [[0, Number.MAX_SAFE_INTEGER]] };
  const page = await context.newPage();
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const load = async () => {
    const count = asked('/v1/session');
    await page.goto(`${it.server.url}/page?${hidden}`);
    await until(() => asked('/v1/session') > count, 'the question whether it is open');
    assert.equal(await launcher(page).isVisible(), false);
    await page.evaluate((token) => window.Bellhop('identify', { token }), [part({}), part({ sub: 'ada' }), 'x'].join('.'));
  };
  await load();
  await page.evaluate(() => window.Bellhop('open'));
  await email(page).fill('lei@shop.example');
  await message(page).fill('Where is my parcel?');
  assert.equal(await launcher(page).isVisible(), false);
  await submit(page).click();
  await shows(thanks(page), /^Thanks/);
  await page.evaluate(() => window.Bellhop('close'));
  await launcher(page).waitFor();
  await load();
  await launcher(page).waitFor();
});

test('closing hides no button from whoever has written, and says nothing to a page that hides it itself', async () => {
  const hidden = { attrs: 'data-closed="hide"' };
  const context = await visitor();
  await context.clock.install({ time: NOON });
  it.server.site = { ...it.server.site, closed: [[NOON + HOUR, NOON + 20 * HOUR]] };
  const page = await visit(context, hidden);
  const command = (...given) => page.evaluate((given) => window.Bellhop(...given), given);
  await command('hide');
  await page.clock.fastForward(120_000);
  assert.equal(await launcher(page).isVisible(), false, 'hidden by the page while it is open');
  await command('show');
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  await command('close');
  await page.clock.fastForward(HOUR);
  assert.equal(await launcher(page).isVisible(), true, 'closed, with a conversation');
  await command('hide');
  await page.clock.fastForward(20 * HOUR);
  assert.equal(await launcher(page).isVisible(), false, 'hidden by the page when it opens');

  const other = await (await visitor()).newPage();
  await other.clock.install({ time: NOON + 2 * HOUR });
  await other.goto(`${it.server.url}/page?${new URLSearchParams(hidden)}`);
  await until(() => asked('/v1/session') >= 2, 'the question whether it is open');
  await other.evaluate(() => (window.Bellhop('show'), window.Bellhop('open')));
  await form(other).waitFor();
  assert.equal(await launcher(other).isVisible(), false, 'a link of the page opens the chat without a button');
});

test('a site that hides is there when nobody can say whether it is open', async () => {
  const context = await visitor();
  it.server.onSession = () => [500, {}];
  const page = await context.newPage();
  await page.goto(`${it.server.url}/page?${new URLSearchParams({ attrs: 'data-closed="hide"' })}`);
  await launcher(page).waitFor();
});
