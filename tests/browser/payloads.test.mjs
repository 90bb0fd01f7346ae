// Text stays text. Every payload of payloads.mjs stands in every field that a visitor can set and in those of agents that
// visitors see, comes through the real server, and is shown in every view of widget and console. Nothing may run.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demo } from '../../scripts/lib/demo.mjs';
import { Agent, say, world } from '../e2e/lib/world.mjs';
import { watch } from './audit.mjs';
import { launch, until } from './browser.mjs';
import { arrive, CUSTOMER, FIELDS, flat, groups, NAMES, shown, shows, TEXTS, VISITORS } from './payload-pages.mjs';
import { payloads } from './payloads.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test('nothing that a visitor or an agent writes runs anywhere, and it is shown as it was written', async (t) => {
  assert.ok(payloads.length >= 60);
  const it = await world(t, { entry: CUSTOMER, vars: { BELLHOP_LIMIT_FACTOR: '1000' }, seed: { ...demo, workspace: NAMES[0], agents: demo.agents.map((one, n) => ({ ...one, name: NAMES[20 + n] })) } });
  const [mei, tom, owner] = await Promise.all([...it.people.agents, it.people.owner].map((person) => Agent.signIn(it, person)));

  // ------------------------------------------------------------------------------------------ what there is to show
  const visitors = await Promise.all(Array.from({ length: VISITORS }, (_, n) => arrive(it, n)));
  const [main] = visitors;
  for (const text of TEXTS) main.socket.send({ send: { clientId: crypto.randomUUID(), text } });
  await Promise.all(visitors.slice(1).map(({ socket }, n) => say(socket, TEXTS[n])));
  await until(() => main.socket.all('ack').length === TEXTS.length, 'the visitor’s messages');
  // There is more room for them once there is a conversation.
  for (const { socket, attributes } of visitors) socket.send({ identify: { attributes } });
  const near = await mei.connect(main.conversation);
  for (const text of TEXTS) near.send({ send: { clientId: crypto.randomUUID(), text } });
  for (const text of TEXTS) near.send({ note: { clientId: crypto.randomUUID(), text } });
  await until(() => near.all('noteAck').length === TEXTS.length, 'the agent’s notes');
  const [sites, links] = await Promise.all([
    Promise.all(NAMES.map(async (name, n) => (await owner.call('POST', '/sites', { name, greeting: FIELDS[n % FIELDS.length] })).json.site)),
    Promise.all(NAMES.map(async (name, n) => (await owner.call('POST', '/agents', { name, email: `payload-${n}@example.com`, role: 'agent' })).json.link)),
  ]);
  // ------------------------------------------------------------------------------------------------------ the widget
  const customers = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  t.after(() => customers.close());
  const widget = await watch(customers, it.url);
  const shop = await customers.newPage();
  await shop.goto(`${it.url}/customer?site=none`);
  await shop.evaluate(([site, token, conversation]) => {
    localStorage.setItem(`bellhop.${site}`, JSON.stringify({ token, conversation, started: true }));
  }, [main.site, main.token, main.conversation]);
  await shop.goto(`${it.url}/customer?site=${main.site}`);
  await shop.locator('.launcher').click();
  const bubbles = '.bubble-row .bubble';
  // The whole history: the widget pages it in while the reader is at its beginning.
  await until(async () => {
    widget.quiet('the history in the widget');
    await shop.locator('.log').evaluate((log) => (log.scrollTop = 0));
    return (await shop.locator(bubbles).count()) >= 2 * TEXTS.length;
  }, 'the whole history in the widget', 15_000);
  for (const side of ['.own', ':not(.own)']) {
    const said = await shop.locator(`.bubble-row${side} .bubble`).allTextContents();
    for (const text of TEXTS.filter((one) => !/https?:|mailto:/.test(one))) assert.ok(said.includes(text), `${side}: ${JSON.stringify(text)}`);
  }
  await widget.clean(shop, 'the conversation in the widget');
  near.send({ typing: { on: true } });
  await shop.locator('.typing-row').waitFor();
  await say(near, 'newest of the agent');
  await shop.locator(bubbles, { hasText: 'newest of the agent' }).waitFor();
  await widget.clean(shop, 'what the widget announces');

  const frames = await customers.newPage();
  await frames.goto(`${it.url}/customer?sites=${sites.slice(0, FIELDS.length).map(({ id }) => id)}`);
  for (const frame of frames.frames().slice(1)) {
    await frame.locator('.launcher').waitFor();
    await frame.evaluate(() => window.Bellhop('open'));
    const site = sites.find(({ id }) => frame.url().endsWith(id));
    await shows(frame, 'dialog', [site.name, ...site.greeting.split(/\s+/)], 'name and greeting of a site');
  }
  await widget.clean(frames, 'names and greetings in the widget');

  // What the widget itself tells of its page and its user.
  const teller = await customers.newPage();
  await teller.goto(`${it.url}/customer?site=${sites[0].id}#${encodeURIComponent(TEXTS[0])}<img src=x onerror=canary()>`);
  await teller.evaluate((text) => {
    document.title = text;
    window.Bellhop('identify', { name: text, email: text, attributes: { [text]: text } });
    window.Bellhop('open');
  }, FIELDS[0]);
  await teller.locator('dialog textarea').fill(FIELDS[1]);
  await teller.keyboard.press('Enter');
  await teller.locator('.own .meta', { hasText: 'Sent' }).waitFor();
  await widget.clean(teller, 'a page with a hostile title and address');

  // ----------------------------------------------------------------------------------------------------- the console
  const desks = await browser.newContext({ viewport: { width: 1440, height: 3600 }, locale: 'en' });
  t.after(() => desks.close());
  const console_ = await watch(desks, it.url);
  await desks.addInitScript(() => {
    if (location.protocol !== 'about:') localStorage.setItem('bellhop.console.desktop', 'on');
    window.shown = [];
    window.Notification = class {
      static permission = 'granted';
      constructor(title, { body }) {
        window.shown.push(title + '\n' + body);
      }
      close() {}
    };
  });
  const [name, value] = owner.cookie.split('=');
  await desks.addCookies([{ name, value, url: it.url }]);
  const desk = await desks.newPage();
  const clean = (what) => console_.clean(desk, what);
  await desk.goto(`${it.url}/console/inbox/all`);
  await shows(desk, 'a.row .name', visitors.map((one) => one.name), 'names in the list');
  await clean('the list');

  // Previews: in each wave another message of every visitor is the last one. The agent looks elsewhere, and is called.
  await desk.evaluate(() => (document.hasFocus = () => false));
  const others = visitors.slice(1);
  for (let from = 0; from < TEXTS.length; from += others.length) {
    const wave = TEXTS.slice(from, from + others.length);
    await Promise.all(wave.map((text, n) => say(others[n].socket, text)));
    await shows(desk, 'a.row .preview', wave.map((text) => [...text].slice(0, 120).join('')), `previews from ${from} on`);
    await clean(`previews from ${from} on`);
  }
  assert.doesNotMatch(await desk.title(), /[<>]/);
  const told = await desk.evaluate(() => window.shown);
  assert.ok(told.length >= others.length, `${told.length} notifications`);

  // Each conversation: head, panel, history. (The first visitor's browser has meanwhile told of another page.)
  for (const visitor of visitors) {
    await desk.locator(`a.row[data-conversation="${visitor.conversation}"]`).click();
    await shows(desk, 'aside.panel', [visitor.name, ...(visitor === main ? [] : [visitor.title || shown(visitor.address)]), shown(visitor.referrer), ...[...visitor.attributes].flat()], 'the panel');
    await shows(desk, 'header.head h2', [visitor.name], 'the head');
    for (const [href, said] of await desk.locator('aside.panel dd a[href^=http]').evaluateAll((links) => links.map((link) => [link.host, link.textContent]))) assert.ok(said.includes(href), `a link to ${href} says ${said}`);
    await clean(`the conversation of visitor ${visitors.indexOf(visitor)}`);
  }

  // The long one, from its end to its beginning and back, because notes may come into the middle: messages of both, and notes.
  await desk.locator(`a.row[data-conversation="${main.conversation}"]`).click();
  await shows(desk, 'article.message .text', ['newest of the agent'], 'the long conversation');
  const read = { theirs: new Set(), ours: new Set(), note: new Set() };
  let by = -2500;
  await until(async () => {
    const articles = await desk.locator('article.message').evaluateAll((nodes) => nodes.map((node) => [node.className, node.querySelector('.text').textContent]));
    for (const [classes, text] of articles) for (const kind of Object.keys(read)) if (classes.split(' ').includes(kind)) read[kind].add(text);
    await clean('the long conversation');
    by = await desk.locator('.scroller').evaluate((scroller, by) => {
      const { scrollTop: from, scrollHeight, clientHeight } = scroller;
      scroller.scrollTop = from + by;
      return from + by <= 0 ? 2500 : from + by >= scrollHeight - clientHeight ? -2500 : by;
    }, by);
    return Object.values(read).every((seen) => seen.has(TEXTS[0]) && seen.size >= TEXTS.length - 5);
  }, 'the long conversation in its whole length', 20_000);
  // An address may be followed by its true host.
  const plain = TEXTS.filter((text) => !/https?:/.test(text));
  for (const kind of Object.keys(read)) assert.deepEqual(plain.filter((text) => !read[kind].has(text)), [], `${kind}: not shown as written`);

  // What the visitor is writing, cut to its end.
  await desk.locator('.scroller').evaluate((scroller) => (scroller.scrollTop = scroller.scrollHeight));
  for (const text of groups(150)) {
    main.socket.send({ typing: { on: true, preview: text } });
    await shows(desk, '[data-test=typing]', [text], 'what the visitor is writing');
  }
  await clean('what the visitor is writing');

  // Dialogs of a conversation.
  await desk.getByRole('button', { name: 'More actions' }).click();
  await desk.getByRole('menuitem', { name: 'Block visitor…' }).click();
  await desk.getByRole('alertdialog').waitFor();
  await clean('blocking a visitor');
  await desk.keyboard.press('Escape');
  await desk.getByRole('button', { name: 'Transfer or release' }).or(desk.locator('header.head .holder')).first().click();
  await desk.locator('[data-test=transfer]').click();
  await shows(desk, '[role=dialog] .choices', demo.agents.map((_, n) => NAMES[20 + n]), 'the transfer dialog');
  await clean('the transfer dialog');
  await desk.keyboard.press('Escape');

  // The search: hits with their words marked, and a search that finds nothing says what for.
  for (const words of ['canary', 'script', 'alert', 'javascript', 'constructor', 'evil']) {
    await desk.locator('[role=search] input').fill(words);
    await until(async () => {
      const hits = await desk.locator('.results mark').allTextContents();
      return hits.length > 2 && hits.every((hit) => hit.toLowerCase() === words);
    }, `hits for ${words}`);
    await clean(`hits for ${words}`);
  }
  await desk.locator('[role=search] input').fill('<img src=x onerror=canary()> zzqx');
  await shows(desk, '.results', ['<img src=x onerror=canary()> zzqx'], 'a search without hits');
  await clean('a search without hits');

  // ----------------------------------------------------------------------------------------------------- settings
  await desk.goto(`${it.url}/console/settings/team`);
  await shows(desk, 'ul.team .name', NAMES, 'the team');
  await clean('the team');
  const member = desk.locator('[data-agent="payload-3@example.com"]');
  await member.getByRole('button').click();
  await desk.getByRole('menuitem', { name: 'Disable…' }).click();
  await shows(desk, '[role=alertdialog], [role=dialog]', [NAMES[3]], 'disabling');
  await clean('disabling');
  await desk.keyboard.press('Escape');
  await member.getByRole('button').click();
  await desk.getByRole('menuitem', { name: 'New invitation link' }).click();
  await shows(desk, '[role=dialog]', [NAMES[3]], 'an invitation');
  await clean('an invitation');
  // The link, which is shown once, has not been copied: nobody leaves it unasked.
  await desk.keyboard.press('Escape');
  await desk.goto(`${it.url}/console/settings/sites`);
  await shows(desk, 'ul.sites', [...sites.map((site) => site.name), ...FIELDS], 'the sites');
  await clean('the sites');
  await desk.locator('ul.sites li').nth(2).getByRole('button').last().click();
  await desk.getByRole('dialog').waitFor();
  await clean('a site’s dialog');
  await desk.keyboard.press('Escape');
  await desk.goto(links[0]);
  await desk.getByLabel('Password', { exact: true }).waitFor();
  await shows(desk, 'body', [NAMES[0]], 'the page of an invitation');
  await clean('the page of an invitation');

  // ------------------------------------------------------------------------------------------- the console in Chinese
  // Its sentences are others, and put the same names and texts into places of their own.
  const began = Date.now();
  const chinese = await browser.newContext({ viewport: { width: 1440, height: 3600 }, locale: 'zh-CN' });
  t.after(() => chinese.close());
  const watched = await watch(chinese, it.url);
  await chinese.addCookies([{ name, value, url: it.url }]);
  const page = await chinese.newPage();
  const quiet = (what) => watched.clean(page, `${what}, in Chinese`);
  await page.goto(`${it.url}/console/inbox/all/${main.conversation}`);
  await shows(page, 'header.head h2', [main.name], 'the head, in Chinese');
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
  await shows(page, 'a.row .name', visitors.map((one) => one.name), 'names in the list, in Chinese');
  await quiet('the long conversation');
  for (const text of groups(150)) {
    main.socket.send({ typing: { on: true, preview: text } });
    await shows(page, '[data-test=typing]', [text, '正在输入'], 'what the visitor is writing, in Chinese');
  }
  await quiet('what the visitor is writing');
  // Every fifth will do: the names of all stand in the list above.
  for (const visitor of visitors.filter((_, n) => n % 5 === 1)) {
    await page.locator(`a.row[data-conversation="${visitor.conversation}"]`).click();
    await shows(page, 'header.head h2', [visitor.name], 'the head, in Chinese');
    const hint = await page.locator('form.composer textarea').getAttribute('aria-label');
    assert.ok(flat(hint).includes(flat(visitor.name)), `the composer's label: ${hint}`);
    await quiet(`the conversation of visitor ${visitors.indexOf(visitor)}`);
  }
  await page.locator('[role=search] input').fill('<img src=x onerror=canary()> zzqx');
  await shows(page, '.results', ['<img src=x onerror=canary()> zzqx'], 'a search without hits, in Chinese');
  await quiet('a search without hits');
  await page.goto(`${it.url}/console/settings/team`);
  const entry = page.locator('[data-agent="payload-3@example.com"]');
  for (const [item, what] of [['停用…', 'disabling'], ['新的邀请链接', 'an invitation']]) {
    await entry.getByRole('button').click();
    await page.getByRole('menuitem', { name: item }).click();
    await shows(page, '[role=alertdialog], [role=dialog]', [NAMES[3]], `${what}, in Chinese`);
    await quiet(what);
    await page.keyboard.press('Escape');
  }
  await page.goto(links[1]);
  await shows(page, 'body', [NAMES[0]], 'the page of an invitation, in Chinese');
  await quiet('the page of an invitation');
  t.diagnostic(`the console in Chinese took ${Date.now() - began} ms`);
  t.diagnostic(`${TEXTS.length} payloads, ${visitors.length} visitors, ${console_.looked + watched.looked + widget.looked} elements looked at`);
});
