// Agents come and go, on the real server, in a real browser: a laptop sleeps while it would be its turn, and somebody who has
// been invited a minute ago answers the first visitor.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Agent, say, Visitor, world } from '../e2e/lib/world.mjs';
import { launch, until } from './browser.mjs';
import { accessible, becomes, clean, heard, offer, open, openWidget, panel, profile, reply, row, signIn, turn, write } from './story-pages.mjs';
import { Wire } from './wire.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A visitor in the shop who has written. */
async function ask(t, it, text) {
  const shop = await open(await profile(t, browser), `${it.url}/`);
  await openWidget(shop);
  await write(shop, text);
  return shop;
}

/** What rings here is taken and answered; the visitor sees by whom. */
async function answer(page, shop, { name }, asked, text) {
  await offer(page, asked).getByRole('button', { name: 'Accept' }).click();
  await page.locator('article.message', { hasText: asked }).waitFor();
  await reply(page, text);
  await becomes(() => heard(shop), [asked, text], `the answer of ${name}`);
  await panel(shop).getByText(name).first().waitFor();
}

test('a laptop that sleeps is given nothing: the next one answers, and nobody waits for it', async (t) => {
  const it = await world(t);
  const [mei, tom] = it.people.agents;
  // The laptop is a browser of its own: whatever it asks of the server goes over a line that can fall silent.
  const line = new Wire();
  const [, near] = (await line.listen()).split('localhost:');
  line.to(it.server.port);
  t.after(() => line.close());
  const laptop = await launch(`--host-resolver-rules=MAP localhost:${it.server.port} 127.0.0.1:${near}`);
  t.after(() => laptop.close());

  // Tom has two conversations already, so by the score it is Mei's turn all the time. It rings for as long as it takes.
  const tomsDesk = await (await Agent.signIn(it, tom)).desk();
  for (const n of [1, 2]) {
    const visitor = new Visitor(it);
    await say(await visitor.connect(), `for Tom, ${n}`);
    const listed = () => [...tomsDesk.deskWelcome.rows, ...tomsDesk.all('deskUpdate').flatMap((u) => u.rows)].some((one) => one.conversation === visitor.conversation);
    await until(listed, 'the conversation at the Desk');
    await tomsDesk.ask({ claim: { clientId: `claim-${n}`, conversation: visitor.conversation } }, 'assigned');
  }
  await tomsDesk.close();
  const owner = await Agent.signIn(it, it.people.owner);
  await owner.call('PATCH', '/routing', { method: 'best_match', weights: { load: 100, idle: 0 }, ring_seconds: 300 });

  const meis = await signIn(await profile(t, laptop), it.url, mei);
  const first = await ask(t, it, 'Is this lamp made of brass?');
  await answer(meis, first, mei, 'Is this lamp made of brass?', 'It is.');
  assert.ok(line.passed.down > 0, 'the laptop is behind the line');

  const toms = await signIn(await profile(t, browser), it.url, tom);
  await toms.getByText('Live', { exact: true }).waitFor();
  line.stall();
  const second = await ask(t, it, 'Do you ship to Vienna?');
  await offer(toms, 'Do you ship to Vienna?').waitFor();
  assert.ok(line.lost.down > 0, 'what the server told the laptop has vanished');
  assert.equal(await offer(meis, 'Do you ship to Vienna?').count(), 0);
  await answer(toms, second, tom, 'Do you ship to Vienna?', 'We do.');

  // It wakes, sees who answered, and is asked again.
  line.mend();
  await meis.evaluate(() => window.dispatchEvent(new Event('online')));
  await meis.locator('nav.views a').filter({ hasText: 'All' }).click();
  await row(meis).filter({ hasText: 'We do.' }).waitFor();
  assert.equal(await meis.locator('.offer').count(), 0);
  await turn(toms, 'Away');
  const third = await ask(t, it, 'Can I return it?');
  await offer(meis, 'Can I return it?').waitFor();
  await answer(meis, third, mei, 'Can I return it?', 'Within thirty days.');
  for (const page of [first, second, third, meis, toms]) await clean(page);
});

test('an invited agent follows the link, comes online and takes the first conversation', async (t) => {
  const it = await world(t);
  const owner = await signIn(await profile(t, browser), it.url, it.people.owner);
  await owner.goto(`${it.url}/console/settings/team`);
  await owner.getByRole('button', { name: 'Invite an agent' }).click();
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Ida');
  await dialog.getByLabel('E-mail').fill('ida@example.com');
  await dialog.getByRole('button', { name: 'Create invitation' }).click();
  const link = await owner.getByRole('textbox', { name: 'Invitation link' }).inputValue();
  await clean(owner);
  // Whoever has the console open is an agent, too.
  await owner.close();
  const manager = await Agent.signIn(it, it.people.owner);
  await manager.call('PATCH', '/routing', { method: 'best_match', ring_seconds: 300 });

  const idas = await open(await profile(t, browser), link);
  await idas.getByRole('heading', { name: 'Welcome to Lantern & Loom' }).waitFor();
  await accessible(idas, 'the invitation');
  await idas.getByLabel('Password', { exact: true }).fill('a lantern for Ida');
  await idas.getByRole('button', { name: 'Save and sign in' }).click();
  await idas.getByText('Live', { exact: true }).waitFor();
  await turn(idas, 'Away');

  // While she is away it waits in the queue.
  const shop = await ask(t, it, 'Is anybody there?');
  await idas.locator('nav.views a').filter({ hasText: 'Unassigned' }).click();
  await row(idas).filter({ hasText: 'Is anybody there?' }).waitFor();
  assert.equal(await idas.locator('.offer').count(), 0);
  await turn(idas, 'Online');
  await offer(idas, 'Is anybody there?').waitFor();
  await answer(idas, shop, { name: 'Ida' }, 'Is anybody there?', 'I am, since a minute ago.');
  await idas.locator('nav.views a').filter({ hasText: 'Mine' }).click();
  await row(idas).filter({ hasText: 'I am, since a minute ago.' }).waitFor();

  // The link has done its work.
  const again = await open(await profile(t, browser), link);
  await again.getByText('This link was used already or is too old. Ask for a new one.').waitFor();
  for (const page of [shop, idas]) await clean(page);
});
