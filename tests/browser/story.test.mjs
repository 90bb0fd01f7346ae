// The whole story on the real server, in a real browser: a visitor writes in the demo shop, an agent answers in the
// console, the network is cut and comes back, both close their windows and find everything when they return.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { world } from '../e2e/lib/world.mjs';
import { launch, until } from './browser.mjs';
import { accessible, becomes, clean, heard, offer, open, openWidget, panel, profile, reply, row, seen, signIn, write } from './story-pages.mjs';
import { Wire } from './wire.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());
const context = (t) => profile(t, browser);

/** A server behind a line that can be cut; the deployment's address is the line's. */
async function deployment(t) {
  const line = new Wire();
  const url = await line.listen();
  t.after(() => line.close());
  const it = await world(t, { vars: { BELLHOP_URL: url } });
  line.to(it.server.port);
  return { ...it, line, url };
}

test('a conversation between two browsers, cut in the middle, closed and found again', async (t) => {
  const it = await deployment(t);
  const visitors = await context(t);
  const agents = await context(t);
  let shop = await open(visitors, `${it.url}/`);
  let desk = await signIn(agents, it.url, it.people.agents[0]);

  // A message travels from the widget to the console, and the answer back.
  await openWidget(shop);
  await accessible(shop, 'the demo shop with the open widget');
  await write(shop, 'Hello, do you ship to Vienna?');
  await desk.locator('nav.views a').filter({ hasText: 'Unassigned' }).click();
  await row(desk).click();
  await desk.locator('article.message', { hasText: 'do you ship to Vienna?' }).waitFor();
  await reply(desk, 'We do, in two to four days.');
  await becomes(() => heard(shop), ['Hello, do you ship to Vienna?', 'We do, in two to four days.'], 'the answer in the widget');
  await panel(shop).locator('.own .meta', { hasText: 'Read' }).waitFor();
  await accessible(desk, 'the console with the conversation');

  // Both write while the line is cut; once it is back, everything arrives once and in the same order for both.
  it.line.cut();
  for (const text of ['one', 'two', 'three']) await write(shop, text);
  await panel(shop).locator('.line').waitFor();
  await desk.locator('.banner').waitFor();
  await reply(desk, 'written in the dark');
  it.line.mend();
  const all = ['Hello, do you ship to Vienna?', 'We do, in two to four days.', 'one', 'two', 'three', 'written in the dark'];
  await becomes(async () => (await heard(shop)).toSorted(), all.toSorted(), 'everything, once, in the widget');
  const order = await heard(shop);
  assert.deepEqual(order.filter((text) => all.indexOf(text) >= 2 && all.indexOf(text) <= 4), ['one', 'two', 'three'], 'in the order of writing');
  await becomes(() => seen(desk), order, 'the same order in the console');
  await until(async () => (await desk.locator('.banner').count()) === 0, 'the console is live again');
  await clean(shop);
  await clean(desk);

  // Both close their windows. While the visitor is away the agent answers; the badge tells on any page of the shop.
  await shop.close();
  await reply(desk, 'Anything else?');
  await desk.locator('article.message', { hasText: 'Anything else?' }).waitFor();
  await desk.close();
  shop = await open(visitors, `${it.url}/`);
  await shop.locator('.launcher .badge', { hasText: '1' }).waitFor();
  await openWidget(shop);
  await becomes(() => heard(shop), [...order, 'Anything else?'], 'the whole history in the widget');
  desk = await open(agents, `${it.url}/console/inbox/all`);
  await row(desk).click();
  await becomes(() => seen(desk), [...order, 'Anything else?'], 'the whole history in the console');

  // The server itself restarts: a reconnect, and nothing else.
  await it.server.kill();
  await it.server.restart();
  await write(shop, 'still here');
  await becomes(() => seen(desk), [...order, 'Anything else?', 'still here'], 'after a killed server');
  await becomes(() => heard(shop), [...order, 'Anything else?', 'still here'], 'the same in the widget');
  await clean(shop);
  await clean(desk);
});

test('two first tabs at once are one conversation', async (t) => {
  const it = await deployment(t);
  const visitors = await context(t);
  const tabs = await Promise.all([open(visitors, `${it.url}/`), open(visitors, `${it.url}/`)]);
  await Promise.all(tabs.map(openWidget));
  await Promise.all([write(tabs[0], 'from the left'), write(tabs[1], 'from the right')]);
  for (const tab of tabs) await becomes(async () => (await heard(tab)).toSorted(), ['from the left', 'from the right'], 'both messages in each tab');
  // What is on its way stands last in its own tab; the order is the log's as soon as both are in it.
  for (const tab of tabs) await panel(tab).locator('.own .meta', { hasText: 'Sent' }).waitFor();
  assert.deepEqual(await heard(tabs[0]), await heard(tabs[1]), 'in one order');
  const desk = await signIn(await context(t), it.url, it.people.agents[0]);
  await desk.locator('nav.views a').filter({ hasText: 'All' }).click();
  await row(desk).waitFor();
  assert.equal(await desk.locator('a.row').count(), 1);
});

test('an offer: set by the owner, declined by one agent, taken by the other, and the visitor sees who came', async (t) => {
  const it = await deployment(t);
  const owners = await context(t);
  const owner = await signIn(owners, it.url, it.people.owner);
  await owner.goto(`${it.url}/console/settings/routing`);
  await owner.getByLabel('In turn').check();
  await owner.getByRole('button', { name: 'Save' }).click();
  await owner.getByText('Saved.').waitFor();
  await clean(owner);
  // Whoever has the console open is an agent, too.
  await owner.close();

  const agents = [];
  for (const person of it.people.agents) agents.push(await signIn(await context(t), it.url, person));
  const shop = await open(await context(t), `${it.url}/`);
  await openWidget(shop);
  await write(shop, 'Is anybody there?');
  const ringing = () => until(async () => {
    for (const page of agents) if (await offer(page, 'Is anybody there?').count()) return page;
  }, 'an agent at whom it rings');
  const first = await ringing();
  await accessible(first, 'the console with an offer');
  assert.doesNotMatch(await panel(shop).textContent(), /Mei|Tom/, 'the visitor is told of nobody yet');
  await offer(first, 'Is anybody there?').getByRole('button', { name: 'Decline' }).click();
  await offer(first, 'Is anybody there?').waitFor({ state: 'detached' });
  const second = await until(async () => {
    const page = await ringing();
    return page !== first && page;
  }, 'the other agent');
  await offer(second, 'Is anybody there?').getByRole('button', { name: 'Accept' }).click();
  await second.locator('article.message', { hasText: 'Is anybody there?' }).waitFor();
  const name = it.people.agents[agents.indexOf(second)].name;
  await panel(shop).getByText(name).first().waitFor();
  await reply(second, 'I am.');
  await becomes(() => heard(shop), ['Is anybody there?', 'I am.'], 'the answer');
  assert.equal(await offer(first, 'Is anybody there?').count(), 0);
  for (const page of [shop, first, second]) await clean(page);
});
