// Visitors whom their site has signed, and those who come before others: in the list and its order, where they ring, in
// the panel, and in the settings that make it so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, clean, dialog, it, row, rows, stage, toast, visit, visitRoom } from './console-fixture.mjs';

stage();

const shown = (page) => rows(page).evaluateAll((all) => all.map((one) => one.dataset.conversation));

/** Gives the visitors of conversations a level each; the Desk tells. */
function rank(...levels) {
  for (const [room, level] of levels) room.profile = { ...room.profile, level, verified: true, subject: `C-${level}` };
  for (const [room] of levels) it.world.changed(room);
}

/** The queue as the Desk has it. */
const queue = () => [...it.world.rooms.values()].filter((room) => room.queuedAt && !room.state.assignee).sort((a, b) => a.queuedAt - a.movedUp - (b.queuedAt - b.movedUp));

test('the queue has those first who come first, keys follow it, and each of them is marked', async () => {
  const [longest, second] = queue();
  rank([it.chen, 2], [second, 1]);
  const page = await visit('/inbox/unassigned');
  await row(page, it.chen).getByText('VIP 2', { exact: true }).waitFor();
  await row(page, second).getByText('VIP', { exact: true }).waitFor();
  await row(page, second).getByText('VIP, level 1: comes before others').waitFor({ state: 'attached' });
  assert.equal(await row(page, longest).locator('.vip').count(), 0, 'nobody else is');
  // Ten minutes a level, as it stands: twenty minutes are not enough for three hours.
  assert.notEqual(queue()[0], it.chen);
  assert.deepEqual(await shown(page), queue().map(({ id }) => id));
  it.world.routing.ageing_minutes = 0;
  rank([it.chen, 2], [second, 1]);
  await becomes(() => shown(page), queue().map(({ id }) => id), 'a level is worth more than any wait');
  assert.deepEqual(queue().slice(0, 3), [it.chen, second, longest]);
  await page.getByRole('button', { name: 'Order: As in the queue' }).waitFor();
  await page.keyboard.press('j');
  await page.waitForURL((url) => url.pathname.endsWith(it.chen.id));
  await page.keyboard.press('j');
  await page.waitForURL((url) => url.pathname.endsWith(second.id));
  // Newest first is what it says.
  await page.getByRole('button', { name: 'Order: As in the queue' }).click();
  await page.getByRole('menuitemradio', { name: 'Newest first' }).click();
  await becomes(async () => (await shown(page)).indexOf(second.id) > 1, true, 'a level counts for nothing there');
  await page.getByRole('link', { name: 'All' }).click();
  await page.getByRole('button', { name: 'Order: Newest first' }).click();
  await page.getByRole('menuitemradio', { name: 'Longest waiting first' }).waitFor();
  await clean(page);
});

test('whom it rings for and the head of a conversation say so, too', async () => {
  rank([it.chen, 1]);
  const page = await visitRoom(it.ada, { view: 'mine' });
  await page.locator('header.head').getByText('VIP 2', { exact: true }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  it.world.desk.ring(it.chen, it.mei, 200);
  await page.locator('.offer').getByText('VIP', { exact: true }).waitFor();
  await clean(page);
});

test('the visitor’s panel has the site’s own name for them and their level; attributes are never proven', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  const panel = page.getByRole('complementary', { name: 'Visitor' });
  const fact = (name) => panel.locator('dl > div', { has: page.getByText(name, { exact: true }) }).locator('dd').innerText();
  await panel.getByText('Verified by your site').waitFor();
  assert.deepEqual([await fact('Customer ID'), await fact('Priority')], ['C-20931', 'Level 2']);
  await panel.getByRole('heading', { name: 'From your site Not verified' }).waitFor();
  await page.goto(`${it.fake.url}/console/inbox/unassigned/${it.bo.id}`);
  await panel.getByText('Safari · iOS').waitFor();
  assert.equal(await panel.getByText(/Customer ID|Priority|erified/).count(), 0);
  // Their site knows them by nothing but its own name.
  it.bo.profile = { ...it.bo.profile, verified: true, subject: 'عميل-5512' };
  await page.reload();
  await panel.getByText('عميل-5512').waitFor();
  await panel.getByText('Verified by your site').waitFor();
  await clean(page);
});

test('minutes per level and kept slots are set, of everybody and of a team', async () => {
  const page = await visit('/settings/routing', { agent: it.lina });
  await page.getByLabel('Minutes of waiting per level').fill('1441');
  await page.getByLabel('Slots kept for VIPs').fill('some');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Give a whole number from 0 to 1440.').waitFor();
  await page.getByText('Give a whole number from 0 to 100.').waitFor();
  await page.getByLabel('Minutes of waiting per level').fill('0');
  await page.getByLabel('Slots kept for VIPs').fill('2');
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  assert.deepEqual([it.world.routing.ageing_minutes, it.world.routing.reserved_slots], [0, 2]);

  await page.getByRole('link', { name: 'Teams' }).click();
  await page.getByRole('button', { name: 'Actions for Support' }).click();
  await page.getByRole('menuitem', { name: 'Edit…' }).click();
  const slots = dialog(page).getByLabel('Slots kept for VIPs');
  assert.equal(await slots.inputValue(), '0');
  await slots.fill('101');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByText('Give a whole number from 0 to 100.').waitFor();
  await becomes(() => slots.evaluate((element) => element === document.activeElement), true, 'the wrong field has the focus');
  await slots.fill('1');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await page.locator(`li[data-team="${it.support.id}"]`).getByText('1 slot kept for VIPs').waitFor();
  assert.equal(it.support.reserved_slots, 1);
  await clean(page);
});

test('a site gets a secret, shows it when asked, believes less or more, and gets another one', async () => {
  const page = await visit('/settings/sites', { agent: it.lina, permissions: ['clipboard-read', 'clipboard-write'] });
  const site = page.locator(`li[data-site="${it.shop.id}"]`);
  const identity = site.getByRole('region', { name: 'Identity verification' });
  const secret = identity.getByRole('textbox', { name: 'Secret' });
  const held = () => it.world.identities.get(it.shop.id);
  await site.getByRole('button', { name: 'Identity' }).click();
  await identity.getByText('Off', { exact: true }).waitFor();
  assert.deepEqual(await findings(page), []);
  await identity.getByRole('button', { name: 'Make a secret' }).click();
  await becomes(() => secret.evaluate((element) => element === document.activeElement), true, 'the secret has the focus');
  await identity.getByText('On', { exact: true }).waitFor();
  const first = await secret.inputValue();
  assert.deepEqual(held(), { secret: first, enforced: true });
  await identity.getByRole('button', { name: 'Copy' }).first().click();
  await becomes(() => page.evaluate(() => navigator.clipboard.readText()), first, 'copied');

  // Whoever comes back sees it when they ask for it.
  await site.getByRole('button', { name: 'Identity' }).click();
  await identity.waitFor({ state: 'detached' });
  await site.getByRole('button', { name: 'Identity' }).click();
  await identity.getByRole('button', { name: 'Show the secret' }).waitFor();
  assert.equal(await identity.getByText(first).or(secret).count(), 0, 'it is covered');
  assert.match(await identity.getByRole('textbox', { name: 'On your server' }).inputValue(), /aud: 'bellhop\/identity'/);
  assert.match(await identity.getByRole('textbox', { name: 'In the page' }).inputValue(), /Bellhop\('identify', \{ token/);
  await identity.getByRole('button', { name: 'Show the secret' }).click();
  assert.equal(await secret.inputValue(), first);

  const only = identity.getByRole('switch', { name: 'Only believe what is signed' });
  assert.equal(await only.isChecked(), true);
  await only.click();
  await toast(page, 'Saved.');
  await becomes(held, { secret: first, enforced: false }, 'the same secret');
  // What could not be saved is not shown as if it were.
  await page.route('**/identity', (route) => route.abort());
  await only.click();
  await identity.getByRole('alert').getByText('The server cannot be reached.').waitFor();
  assert.equal(await only.isChecked(), false);
  await page.unroute('**/identity');

  await identity.getByRole('button', { name: 'Make a new secret…' }).click();
  const question = page.getByRole('alertdialog', { name: 'Make a new secret for Northwind shop?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(held().secret, first);
  await identity.getByRole('button', { name: 'Make a new secret…' }).click();
  await question.getByRole('button', { name: 'Make a new secret' }).click();
  await toast(page, 'The new secret counts from now on.');
  await becomes(async () => [await secret.inputValue(), held().enforced], [held().secret, false], 'the new one, believed as before');
  assert.notEqual(held().secret, first);
  await clean(page);
});

test('an agent sees no secret; what can’t be loaded is asked for again', async () => {
  const theirs = await visit('/settings/sites', { agent: it.tom });
  await theirs.getByRole('heading', { name: 'Northwind shop' }).waitFor();
  assert.equal(await theirs.getByRole('button', { name: 'Identity' }).count(), 0);
  const page = await visit('/settings/sites');
  await page.route('**/identity', (route) => route.abort(), { times: 1 });
  await page.getByRole('button', { name: 'Identity' }).first().click();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Make a secret' }).waitFor();
  for (const one of [theirs, page]) await clean(one);
});
