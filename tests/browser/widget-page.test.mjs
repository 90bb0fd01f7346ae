// The widget as a guest on somebody's page: the page's policies, storage, languages and commands.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './browser.mjs';
import { agent } from './widget-server.mjs';
import { bubbles, field, holds, it, launcher, MEI, open, panel, progress, room, say, shows, stage, visit, visitor } from './widget-fixture.mjs';

stage();

test('the strictest policy and Trusted Types forbid nothing that the widget does', async () => {
  const csp = "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";
  const context = await visitor();
  const page = await visit(context, { csp });
  await page.evaluate(() => {
    window.reports = [];
    document.addEventListener('securitypolicyviolation', (event) => window.reports.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  await open(page);
  await say(page, 'look at https://example.com/a?b=1.');
  await shows(progress(page), /Sent$/);
  const there = await room();
  there.says(MEI, '<img src=x onerror=alert(1)> javascript:alert(1) data:text/html,x');
  await shows(bubbles(page).last(), '<img src=x onerror=alert(1)> javascript:alert(1) data:text/html,x');
  await page.evaluate(() => window.Bellhop('setLocale', 'zh'));
  await shows(progress(page), /已发送$/);
  assert.deepEqual(await page.evaluate(() => window.reports), []);
  assert.deepEqual(page.problems, []);
  // Colours came through: the sheet was adopted.
  assert.equal(await panel(page).locator('.head').evaluate((node) => getComputedStyle(node).backgroundColor), 'rgb(45, 79, 215)');
});

test('who has joined is shown with name and picture, where the policy allows them; of whom there is none nothing is asked for', async () => {
  const csp = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";
  const page = await visit(await visitor(), { csp });
  await page.evaluate(() => {
    window.reports = [];
    document.addEventListener('securitypolicyviolation', (event) => window.reports.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  const asked = () => it.server.requests.filter((one) => one.includes('/pictures/')).map((one) => one.split('/').at(-1));
  const images = (where) => panel(page).locator(`${where} img`);
  it.server.pictures.set('0a'.repeat(16), Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64'));
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  const there = await room();
  const joins = (who, picture) => {
    const shown = { ...who, picture };
    there.happens({ kind: 2, subject: shown });
    there.agents = [shown];
    there.tell({ presence: { agents: there.agents, visitor: true } });
    there.turns({ status: 2, assignee: shown });
    there.says(who, `I am ${who.name}`);
  };
  joins(agent('Lei'), '');
  await holds(page, ['hello', 'I am Lei']);
  assert.equal(await images('').count(), 0);
  assert.deepEqual(asked(), []);

  joins(MEI, '0a'.repeat(16));
  await holds(page, ['hello', 'I am Lei', 'I am Mei Chen']);
  const line = panel(page).locator('.event-row', { hasText: 'Mei Chen joined' });
  await until(() => images('').evaluateAll((all) => all.length === 3 && all.every((one) => one.complete && one.naturalWidth === 1)), 'in the head, in the line and beside the message');
  for (const place of ['.head .face', '.event-row', '.log .face']) {
    assert.deepEqual(await images(place).evaluateAll((all) => all.map((one) => [one.alt, one.offsetWidth === one.offsetHeight])), [['', true]], place);
  }
  assert.equal(await line.textContent(), 'Mei Chen joined the conversation');
  const [face] = await panel(page).locator('.head .face').evaluateAll((all) => all.map((one) => [one.textContent, one.offsetWidth, one.querySelector('img').offsetWidth]));
  assert.deepEqual(face, ['M', face[1], face[1]], 'over the initial, and as large');

  // One that does not load leaves the initials, and is asked for once.
  joins(agent('Bo'), '0b'.repeat(16));
  await holds(page, ['hello', 'I am Lei', 'I am Mei Chen', 'I am Bo']);
  await until(async () => asked().includes('0b'.repeat(16)) && (await images('').count()) === 2, 'without what is not there');
  await say(page, 'and now?');
  await shows(progress(page), /Sent$/);
  assert.deepEqual([...new Set(asked())].sort(), ['0a'.repeat(16), '0b'.repeat(16)]);
  assert.deepEqual(await page.evaluate(() => window.reports), []);
  assert.deepEqual(page.problems, []);
});

test('a browser that forbids storage gets a chat that works until the page goes', async () => {
  const context = await visitor();
  await context.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException('forbidden', 'SecurityError'); } });
    }
  });
  const page = await visit(context);
  await open(page);
  await say(page, 'one');
  await shows(progress(page), /Sent$/);
  it.server.cut();
  await say(page, 'two');
  await shows(progress(page), /Waiting for network$/);
  it.server.up();
  await until(() => it.server.room.log.length === 2, 'sent when the line is back');
  assert.equal(it.server.rooms.size, 1);
  assert.deepEqual(page.problems, []);
});

test('storage that is full loses nothing while the page stands', async () => {
  const context = await visitor();
  await context.addInitScript(() => (Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }));
  const page = await visit(context);
  await open(page);
  await say(page, 'one');
  await shows(progress(page), /Sent$/);
  await say(page, 'two');
  await until(() => it.server.room.log.length === 2, 'both');
});

test('the language follows the page, then what the site asks for, at any time', async () => {
  const context = await visitor({ locale: 'zh-CN' });
  const page = await visit(context, { lang: 'zh-CN' });
  assert.equal(await launcher(page).getAttribute('aria-label'), '打开聊天');
  await open(page);
  await say(page, '你好');
  await shows(progress(page), /已发送$/);
  await shows(panel(page).locator('.day-row'), '今天');
  assert.equal(await panel(page).getAttribute('lang'), 'zh-CN');
  await page.evaluate(() => window.Bellhop('setLocale', 'en-GB'));
  await shows(progress(page), /Sent$/);
  await shows(panel(page).locator('.day-row'), 'Today');
  assert.equal(await field(page).getAttribute('placeholder'), 'Write a message…');
  assert.equal(await launcher(page).getAttribute('aria-label'), 'Close chat');
  await page.evaluate(() => window.Bellhop('setLocale', 'zh'));
  await shows(panel(page).locator('.day-row'), '今天');
  const told = () => it.server.room.frames.flatMap(({ hello }) => hello?.context.locale ?? []).join(' ');
  await until(() => told() === 'zh-CN en zh-CN', 'agents and bot know').catch(() => assert.equal(told(), 'zh-CN en zh-CN'));
  assert.equal(it.server.room.log.length, 1);
});

test('CO4: who goes on in a page of one document is where they write, however long its address', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'one');
  await shows(progress(page), /Sent$/);
  await page.evaluate(() => history.pushState({}, '', '/page?cart#' + 'x'.repeat(100_000)));
  await say(page, 'two');
  await holds(page, ['one', 'two']);
  await until(() => it.server.room.log.length === 2, 'both');
  const urls = it.server.room.frames.flatMap(({ hello }) => hello?.context.pageUrl ?? []);
  assert.equal(urls.length, 2);
  assert.equal(urls[1].length, 500);
  assert.match(urls[1], /\/page\?cart#x+$/);
  assert.equal(it.server.rooms.size, 1);
  assert.deepEqual(page.problems, []);
});

test('the language and the side that the script’s own attributes name go before the page’s', async () => {
  const page = await visit(await visitor(), { lang: 'en', attrs: 'data-locale="zh-CN" data-position="left"' });
  assert.equal(await launcher(page).getAttribute('aria-label'), '打开聊天');
  assert.ok((await launcher(page).boundingBox()).x < 100);
  await open(page);
  assert.equal(await panel(page).getAttribute('lang'), 'zh-CN');
});

test('commands given before and after the script, and events', async () => {
  const before = "window.Bellhop=function(){(Bellhop.q=Bellhop.q||[]).push(arguments)};events=[];for(const n of ['open','close','unread','message'])Bellhop('on',n,(d)=>events.push(n+(d?.text??d??'')));Bellhop('identify',{name:'Ada',email:'ada@example.com',attributes:{plan:7}});Bellhop('open')";
  const page = await visit(await visitor(), { before });
  const command = (...given) => page.evaluate((given) => window.Bellhop(...given), given);
  await field(page).waitFor();
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  const there = await room();
  const { name, email, attributes } = there.frames.find((frame) => frame.identify).identify;
  assert.deepEqual([name, email, [...attributes]], ['Ada', 'ada@example.com', [['plan', '7']]]);
  assert.ok(there.frames.findIndex((frame) => frame.identify) < there.frames.findIndex((frame) => frame.send), 'known before the first message');
  await command('identify', { name: 'Ada L.' });
  await until(() => there.frames.filter((frame) => frame.identify).at(-1).identify.name === 'Ada L.', 'identified again');
  await command('close');
  await panel(page).waitFor({ state: 'hidden' });
  there.says(MEI, 'answer');
  await shows(launcher(page).locator('.badge'), '1');
  await command('toggle');
  await holds(page, ['hello', 'answer']);
  assert.deepEqual(await page.evaluate(() => window.events), ['open', 'close', 'messageanswer', 'unread1', 'open', 'unread0']);
  await command('hide');
  await launcher(page).waitFor({ state: 'hidden' });
  await command('show');
  await launcher(page).waitFor();
  assert.ok(await panel(page).isHidden());
  await command('reset');
  assert.deepEqual(await page.evaluate(() => ({ ...localStorage })), { 'bellhop.site_test': '' }, 'an empty place');
  await until(() => there.sockets.size === 0, 'the old line is closed');
  await open(page);
  await holds(page, []);
  await say(page, 'a new visitor');
  await until(() => it.server.rooms.size === 2, 'a new conversation');
  await command('nonsense');
  await command('destroy');
  assert.equal(await page.locator('bellhop-chat').count(), 0);
  assert.equal(await page.evaluate(() => typeof window.Bellhop), 'undefined');
  await until(() => [...it.server.rooms.values()].every((one) => one.sockets.size === 0), 'no line');
  assert.deepEqual(page.problems, []);
});

test('null names nobody', async () => {
  const before = "window.Bellhop=function(){(Bellhop.q=Bellhop.q||[]).push(arguments)};Bellhop('identify',{name:null,email:'ada@example.com',attributes:{plan:null}})";
  const page = await visit(await visitor(), { before });
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  const { name, email, attributes } = (await room()).frames.find((frame) => frame.identify).identify;
  assert.deepEqual([name, email, [...attributes]], ['', 'ada@example.com', [['plan', '']]]);
});

test('a page that replaces its body, or empties it, keeps the chat as it was', async () => {
  const page = await visit(await visitor());
  const replace = () => page.evaluate(() => document.body.replaceWith(document.createElement('body')));
  await replace();
  await launcher(page).waitFor();
  await open(page);
  for (let i = 0; i < 20; i++) await say(page, 'm' + i);
  await shows(progress(page), /Sent$/);
  const there = await room();
  await replace();
  await page.evaluate(() => document.body.replaceChildren('Another page'));
  assert.equal(await page.locator('bellhop-chat').count(), 1);
  there.says(MEI, 'still there?');
  await shows(bubbles(page).last(), 'still there?');
  await until(async () => (await bubbles(page).last().boundingBox()).y < 760, 'in sight');
  await page.evaluate(() => window.Bellhop('destroy'));
  await replace();
  assert.equal(await page.locator('bellhop-chat').count(), 0);
  assert.deepEqual(page.problems, []);
});

for (const name of ['hide', 'close']) {
  test(`a page that begins with ${name} gets no panel that was open on the last one`, async () => {
    const context = await visitor();
    let page = await visit(context);
    await open(page);
    await say(page, 'hello');
    await shows(progress(page), /Sent$/);
    const there = await room();
    const before = `window.Bellhop=function(){(Bellhop.q=Bellhop.q||[]).push(arguments)};Bellhop('${name}')`;
    await page.goto(`${it.server.url}/page?${new URLSearchParams({ before })}`);
    await until(() => there.sockets.size === 1 && there.frames.filter((frame) => frame.hello).length === 2, 'a line');
    there.says(MEI, 'an answer');
    await until(() => there.receipts.get('1').delivered === 2, 'delivered');
    assert.equal(await panel(page).isVisible(), false);
    assert.equal(await launcher(page).isVisible(), name === 'close');
    assert.equal(there.receipts.get('1').read, 1);
  });
}

test('a page that hides the button opens the chat by a link of its own, on a phone as well', async () => {
  const page = await visit(await visitor({ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true }), { body: '<a href="#">A link</a>' });
  await page.evaluate(() => (window.Bellhop('hide'), window.Bellhop('open')));
  await field(page).waitFor();
  await panel(page).getByRole('button', { name: 'Close chat' }).tap();
  await page.getByRole('link', { name: 'A link' }).tap();
  assert.equal(await launcher(page).isVisible(), false);
});

test('a panel that would cover a low screen does not come back by itself', async () => {
  const page = await visit(await visitor({ viewport: { width: 900, height: 400 } }));
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  await page.reload();
  await until(() => it.server.room.frames.filter((frame) => frame.hello).length === 2, 'a line');
  assert.equal(await panel(page).isVisible(), false);
});

test('no element of the page stands before the script, or where its code comes from', async () => {
  const other = 'https://evil.example';
  const context = await visitor();
  const asked = [];
  await context.route(`${other}/**`, (route) => (asked.push(route.request().url()), route.abort()));
  const head = `<img name="currentScript" src="${other}/x" data-site="site_x" alt="">`;
  const page = await visit(context, { head });
  assert.ok(asked.every((url) => url.endsWith('/x')), asked.join());
  await open(page);
  await say(page, 'one');
  await shows(progress(page), /Sent$/);
  assert.ok(asked.every((url) => url.endsWith('/x')), asked.join());
});

test('a snippet that stands there twice is one button, also before there is a body', async () => {
  const snippet = '<script src="/widget.js" data-site="site_test"></script>';
  const page = await visit(await visitor(), { head: snippet + snippet });
  await open(page);
  assert.equal(await page.locator('bellhop-chat').count(), 1);
  assert.deepEqual(page.problems, []);
});

test('a reset in one window is one in the others, and takes no focus there that was not in the chat', async () => {
  const context = await visitor();
  const [one, two] = [await visit(context), await visit(context, { body: '<input>' })];
  await open(one);
  await say(one, 'secret');
  await shows(progress(one), /Sent$/);
  await open(two);
  await holds(two, ['secret']);
  await two.locator('main input').focus();
  await one.evaluate(() => window.Bellhop('reset'));
  await holds(two, []);
  await until(() => it.server.room.sockets.size === 0, 'no line is left');
  await field(two).waitFor();
  const where = (page) => page.evaluate(() => [document.activeElement.tagName, document.activeElement.shadowRoot?.activeElement?.tagName]);
  assert.deepEqual(await where(two), ['INPUT', undefined]);
  await until(async () => (await where(one))[1] === 'TEXTAREA', 'where it was in the chat it is again');
});

test('a text that is too long is counted, not cut, and not sent', async () => {
  const page = await visit(await visitor());
  await open(page);
  await field(page).fill('😀'.repeat(8_000));
  await shows(panel(page).locator('.count'), '');
  await field(page).fill('x'.repeat(8_001));
  await shows(panel(page).locator('.count'), '8001 / 8000');
  await field(page).press('Enter');
  assert.ok(await panel(page).getByRole('button', { name: 'Send' }).isDisabled());
  assert.equal((await field(page).inputValue()).length, 8_001);
  await field(page).fill('   ');
  await field(page).press('Enter');
  await field(page).fill('x'.repeat(8_000));
  await field(page).press('Enter');
  await shows(progress(page), /Sent$/);
  assert.equal(it.server.room.log[0].text.length, 8_000);
});

test('a draft, and the open panel, follow the visitor to the next page of the tab', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  await field(page).fill('half a thought');
  await page.reload();
  await field(page).waitFor();
  assert.equal(await field(page).inputValue(), 'half a thought');
  assert.equal(await page.evaluate(() => document.activeElement === document.body), true, 'the focus stays with the page');
});
