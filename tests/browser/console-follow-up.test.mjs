// Follow up: who has left an e-mail address, or has gone while waiting, is in a list of its own until somebody takes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, clean, it, row, rows, stage, visit } from './console-fixture.mjs';

stage();

const tab = (page) => page.getByRole('navigation', { name: 'Whose conversations' }).getByRole('link', { name: /^Follow up/ });
const seen = (page) => rows(page).evaluateAll((all) => all.map((one) => one.dataset.conversation));

/** Two to be followed up, and one that waits; the older one comes first. */
function left() {
  const [old, young, waits] = [3, 2, 1].map((hours) => it.world.addRoom(['Olga', 'Yuri', 'Wei'][3 - hours], { createdAt: Date.now() - hours * 3_600_000 }));
  for (const room of [old, young, waits]) room.visitorSays('hello');
  young.leavesEmail('yuri@shop.example');
  old.goes();
  return { old, young, waits };
}

test('they are listed oldest first, with their count and address, and wait with nobody', async () => {
  const page = await visit('/inbox/unassigned');
  await rows(page).first().waitFor();
  const before = Number(await tab(page).locator('.count').textContent());
  const { old, young, waits } = left();
  await becomes(() => tab(page).locator('.count').textContent(), String(before + 2), 'the count');
  await row(page, waits).waitFor();
  assert.deepEqual((await seen(page)).filter((id) => [old.id, young.id].includes(id)), []);
  await tab(page).click();
  await becomes(() => seen(page), [old.id, young.id], 'oldest first');
  await row(page, young).getByText('yuri@shop.example').waitFor();
  await row(page, old).getByText('has left').waitFor();
  assert.deepEqual(await findings(page), []);

  old.goes(false);
  await becomes(() => seen(page), [young.id], 'who is back waits again');
  await clean(page);
});

test('taken, it is the agent’s, with the address at hand', async () => {
  const { young } = left();
  const page = await visit(`/inbox/follow_up/${young.id}`);
  const head = page.locator('header.head');
  const link = head.getByRole('link', { name: /yuri@shop\.example/ });
  assert.equal(await link.getAttribute('href'), 'mailto:yuri@shop.example');
  await page.locator('.activity', { hasText: 'Yuri left their e-mail address' }).waitFor();
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/console-follow-up.png` });
  await page.getByRole('button', { name: /^Who has this/ }).click();
  await page.getByRole('menuitem', { name: /Take/ }).click();
  await becomes(() => young.state.assignee?.id, it.mei.id, 'taken');
  await becomes(() => row(page, young).count(), 0, 'no longer followed up');
  assert.deepEqual(await findings(page), []);
  await clean(page);
});

test('an address can be nothing but an address', async () => {
  const room = it.world.addRoom('Eve', {});
  room.visitorSays('hello');
  room.leavesEmail('eve@shop.example?bcc=all@shop.example&body=x');
  const page = await visit(`/inbox/follow_up/${room.id}`);
  const link = page.locator('header.head').getByRole('link', { name: /eve@shop/ });
  assert.equal(await link.getAttribute('href'), 'mailto:eve@shop.example%3Fbcc%3Dall%40shop.example%26body%3Dx');
  await clean(page);
});

test('nobody to follow up is said, and the list keeps to what is open', async () => {
  const page = await visit('/inbox/follow_up');
  await page.getByText('Nobody to follow up with').waitFor();
  await page.getByRole('button', { name: 'Status: Open' }).click();
  assert.equal(await page.getByRole('menuitemradio').count(), 1);
  await clean(page);
});

for (const [name, options] of [['narrow', { viewport: { width: 320, height: 740 } }], ['wide', {}], ['Chinese', { locale: 'zh-CN' }], ['dark', { colorScheme: 'dark' }]]) {
  test(`the list in ${name}: nothing cut off, nothing that axe finds`, async () => {
    left();
    const page = await visit('/inbox/follow_up', options);
    await rows(page).first().waitFor();
    const views = page.locator('nav.views');
    assert.equal(await views.evaluate((it) => it.scrollWidth - it.clientWidth), 0);
    assert.deepEqual(await findings(page), []);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/console-follow-up-${name}.png` });
    await clean(page);
  });
}

test('an owner says what a closed site does, and when visitors are asked', async () => {
  const page = await visit('/settings/sites', { agent: it.mei });
  await page.getByRole('button', { name: /^(Edit|Change)/ }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('While it is closed').selectOption('hide');
  await dialog.getByText('copy it to your pages again').waitFor();
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/console-site.png` });
  assert.deepEqual(await findings(page), []);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(it.world.sites[0].when_closed, 'hide');

  await page.goto(`${it.fake.url}/console/settings/routing`);
  await page.getByLabel('Minutes before the form').fill('1441');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('0 to 1440', { exact: false }).first().waitFor();
  await page.getByLabel('Minutes before the form').fill('7');
  await page.getByLabel('Seconds a visitor may be gone').fill('60');
  await page.getByRole('button', { name: 'Save' }).click();
  await becomes(() => [it.world.routing.form_minutes, it.world.routing.follow_up_seconds], [7, 60], 'saved');
  await clean(page);
});
