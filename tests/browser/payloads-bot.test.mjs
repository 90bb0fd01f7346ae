// Text stays text, where a visitor's words go further than their conversation: what rings, the bot's pages, the board, teams and tags; and a
// bot whose answers and buttons are payloads, in the widget and in its owner's own chat with it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demo } from '../../scripts/lib/demo.mjs';
import { trained, variant } from '../e2e/lib/model.mjs';
import { STATUS } from '../e2e/lib/wire.mjs';
import { Agent, DEMO_SITE, message, say, Visitor, world } from '../e2e/lib/world.mjs';
import { watch } from './audit.mjs';
import { launch, until } from './browser.mjs';
import { arrive, CUSTOMER, FIELDS, flat, line, NAMES, shows, TEXTS } from './payload-pages.mjs';

/** Names that are nobody else's: teams and tags may have no two that differ in case alone. */
const UNIQUE = [...new Map(NAMES.map((name) => [name.normalize('NFKC').toLowerCase(), name])).values()];
/** So many ring at once. */
const RINGING = 20;
const TEAMS = 50;
const TAG_CHARS = 40;
/** As a preview has them. */
const short = (text) => [...text].slice(0, 120).join('');

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A server, its owner and agents with payloads for names. */
async function deployment(t) {
  const it = await world(t, { entry: CUSTOMER, vars: { BELLHOP_LIMIT_FACTOR: '1000' }, seed: { ...demo, workspace: NAMES[0], agents: demo.agents.map((one, n) => ({ ...one, name: NAMES[20 + n] })) } });
  const [owner, mei] = await Promise.all([it.people.owner, it.people.agents[0]].map((person) => Agent.signIn(it, person)));
  return { it, owner, mei };
}

/** A console of somebody's, watched: `{page, clean, go}`. */
async function console_(t, it, agent, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 2400 }, locale: 'en', ...options });
  t.after(() => context.close());
  const watched = await watch(context, it.url);
  const [name, value] = agent.cookie.split('=');
  await context.addCookies([{ name, value, url: it.url }]);
  const page = await context.newPage();
  return { page, clean: (what) => watched.clean(page, what), go: (path) => page.goto(`${it.url}/console${path}`) };
}

test('what rings: name and preview of a visitor; and who is asked, on the board and among the decisions', async (t) => {
  const { it, owner, mei } = await deployment(t);
  await owner.call('PATCH', '/routing', { method: 'round_robin', ring_seconds: 300, capacity: 100 });
  // As many teams as there may be, and a tag for each that is short enough.
  const teams = [];
  for (const name of UNIQUE.slice(0, TEAMS)) teams.push((await owner.call('POST', '/teams', { name, members: [mei.me.id] })).json.team);
  const tags = UNIQUE.filter((name) => [...name].length <= TAG_CHARS);
  assert.ok(tags.length >= 60, String(tags.length));
  for (const name of tags) await owner.call('POST', '/tags', { name });

  const meis = await console_(t, it, mei);
  await meis.go('/inbox/unassigned');
  await meis.page.getByText('Live', { exact: true }).waitFor();
  const visitors = [];
  for (let n = 0; n < RINGING; n++) visitors.push(await arrive(it, n));
  for (const [n, { socket }] of visitors.entries()) await say(socket, TEXTS[n]);
  await shows(meis.page, '.offers .offer .name', visitors.map(({ name }) => name), 'names of those who ring');
  await meis.clean('what rings');
  // All of them ring while each says what is the last thing said, in turns.
  for (let from = 0; from < TEXTS.length; from += visitors.length) {
    const wave = TEXTS.slice(from, from + visitors.length);
    await Promise.all(wave.map((text, n) => say(visitors[n].socket, text)));
    await shows(meis.page, '.offers .offer .preview', wave.map(short), `what those who ring say, from ${from} on`);
    await meis.clean(`what those who ring say, from ${from} on`);
  }
  await meis.page.locator('.offers .offer').first().getByRole('button', { name: 'Accept' }).click();
  await meis.page.locator('header.head h2').waitFor();
  await meis.clean('a conversation that was accepted');

  const owners = await console_(t, it, owner, { viewport: { width: 1440, height: 9000 } });
  for (const [path, selector, wanted] of [
    ['/board', 'main', [...teams.map(({ name }) => name), NAMES[20]]],
    ['/settings/decisions', 'main', [NAMES[20]]],
    ['/settings/teams', 'main', teams.map(({ name }) => name)],
    ['/settings/tags', 'main', tags],
    [`/inbox/${teams[0].id}`, 'body', [teams[0].name]],
    ['/settings/routing', 'main', []],
  ]) {
    await owners.go(path);
    await owners.page.locator('main h1, main h2').first().waitFor();
    await shows(owners.page, selector, wanted, path);
    await owners.clean(path);
  }
});

test('a bot that says payloads and offers them, in the widget, in the console and in its owner’s chat; what it was asked, in its pages', async (t) => {
  const { it, owner, mei } = await deployment(t);
  // Each is the title of an intent, its answer and its example; every fifth leads to the next five.
  const titles = NAMES;
  const ids = titles.map((_, n) => `payload_${n}`);
  const buttons = (n) => ids.slice(n + 1, n + 6);
  const intent = (id, title, answer, rest) => ({ id, title: { en: title, zh: title }, answer: { en: answer, zh: answer }, ...rest });
  const intents = titles.map((title, n) => intent(ids[n], title, TEXTS.slice(n, n + 5).join('\n'), { buttons: buttons(n), examples: [title] }));
  intents.push(intent('order_status', 'Orders', [...TEXTS.slice(0, 4), ...TEXTS.slice(-5)].join('\n'), { buttons: ids.slice(0, 5), examples: ['where is my order'] }), intent('refund_request', 'Refunds', TEXTS[1], { examples: ['refund'] }), intent('business_hours', 'Hours', TEXTS[2], { examples: ['hours'] }));
  await owner.call('POST', '/intents/import', { intents });
  await owner.sendModel(trained());
  await owner.call('PATCH', '/bot', { enabled: true });

  // ------------------------------------------------------------------------------------------------------ the widget
  const customers = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: 'en' });
  t.after(() => customers.close());
  const widget = await watch(customers, it.url);
  const shop = await customers.newPage();
  await shop.goto(`${it.url}/customer?site=${DEMO_SITE}`);
  await shop.locator('.launcher').click();
  await shop.locator('dialog textarea').fill('where is my order');
  await shop.keyboard.press('Enter');
  const offered = () => shop.locator('.offer button').allTextContents();
  let pressed = 0;
  for (let n = -1; n < titles.length - 1; n += 5) {
    const next = titles.slice(n + 1, n + 6);
    let there = [];
    const all = async () => {
      there = (await offered()).map(flat);
      return next.every((title) => there.includes(flat(title)));
    };
    await until(all, `the buttons after ${n}`, 15_000).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(there)}, wanted ${JSON.stringify(next)}`));
    await widget.clean(shop, `the buttons after ${n}`);
    await shop.locator('.offer button').nth(there.indexOf(flat(next.at(-1)))).click();
    pressed++;
  }
  // An address may be followed by its true host.
  const plain = TEXTS.filter((text) => !/https?:|mailto:/.test(text));
  let unsaid;
  await until(async () => {
    const said = flat((await shop.locator('.bubble-row:not(.own) .bubble').allTextContents()).join(' '));
    unsaid = plain.filter((text) => !said.includes(flat(text)) && !said.includes(flat(line(text))));
    return !unsaid.length;
  }, 'what the bot says', 15_000).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(unsaid)}`));
  await widget.clean(shop, 'the bot’s answers');

  // --------------------------------------------------------------------------------------------------- what it was asked
  const asking = TEXTS.filter((text) => line(text));
  await owner.sendModel(variant(50));
  for (let n = 0; n < asking.length; n += 10) {
    await Promise.all(asking.slice(n, n + 10).map(async (text, k) => {
      const visitor = new Visitor(it);
      const socket = await visitor.connect();
      socket.send(message(text));
      await socket.next('message');
      if ((n + k) % 12) return socket.close();
      // And what a person answered.
      const agent = await mei.connect(visitor.conversation);
      await say(agent, TEXTS[(n + k + 50) % TEXTS.length]);
      await agent.ask({ setStatus: { status: STATUS.RESOLVED, clientId: `s${n + k}` } }, 'done');
      agent.close();
      return socket.close();
    }));
  }

  // ----------------------------------------------------------------------------------------------------- the console
  const owners = await console_(t, it, owner, { viewport: { width: 1440, height: 9000 } });
  const { page, clean, go } = owners;
  const told = async () => flat(JSON.stringify((await owner.call('GET', '/bot/questions')).json.questions.flatMap(({ texts }) => texts)));
  await until(async () => (await told()).includes(JSON.stringify(asking.at(-1)).slice(1, -1)) || (await new Promise((resolve) => setTimeout(resolve, 500))), 'the questions', 30_000);
  await go('/bot/teach');
  await page.locator('[data-question]').first().waitFor();
  const questions = async () => (await page.locator('[data-question]').evaluateAll((all) => all.map((one) => one.textContent)));
  const shown = flat((await questions()).join(' '));
  const there = asking.filter((text) => shown.includes(flat(text)));
  assert.ok(there.length >= 100, `${there.length} of ${asking.length} questions are shown as they were asked`);
  assert.ok(shown.includes(flat(NAMES[20])), 'who answered');
  await clean('what is to be taught');
  for (const [path, wanted] of [
    ['/bot/report', titles.slice(0, 1)],
    ['/bot/intents', titles],
    ['/bot/training', []],
    ['/bot/general', []],
  ]) {
    await go(path);
    await page.locator('main h1').first().waitFor();
    if (path === '/bot/training') {
      // What it would do with all that was asked: numbers alone, but every question goes through it.
      await page.getByRole('button', { name: 'Ask it' }).click();
      await page.locator('[data-test=now]').waitFor();
    }
    await shows(page, 'main', wanted, path);
    await clean(path);
  }

  // The owner's own chat with it.
  await owner.sendModel(trained());
  await go('/bot/intents');
  const chat = page.locator('section.chat');
  const field = chat.getByRole('textbox');
  for (const text of [...FIELDS, 'where is my order']) {
    await field.fill(text);
    await field.press('Enter');
    await chat.locator('.said', { hasText: flat(text) }).locator('visible=true').last().waitFor();
    await until(async () => (await chat.locator('.verdict').count()) === (await chat.locator('.said').count()), 'an answer', 15_000);
  }
  await shows(page, 'section.chat', [...FIELDS, 'where is my order', TEXTS[0], ...titles.slice(0, 5)], 'the owner’s chat');
  await clean('the owner’s chat');

  // The conversation of the widget, with everything that was offered in it.
  await go('/inbox/all');
  await page.locator('.filter .bots').click();
  await page.locator('a.row').first().click();
  await page.locator('article.message .offer li').first().waitFor();
  await clean('what the bot offered, in the console');
  t.diagnostic(`${pressed} buttons pressed, ${titles.length} titles, ${there.length} questions`);
});
