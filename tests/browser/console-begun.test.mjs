// What is begun on a page or in a dialog: nothing leads away from it unasked, and an ended session keeps it for its agent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, clean, dialog, it, stage, toast, visit } from './console-fixture.mjs';

stage();

const asked = (page) => page.getByRole('alertdialog', { name: 'Leave without saving?' });
const to = (page, name) => page.getByRole('link', { name, exact: true }).first().click();
const isHeld = (page) => page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));
const stays = async (page) => {
  await asked(page).waitFor();
  await asked(page).getByRole('button', { name: 'Cancel' }).click();
  await asked(page).waitFor({ state: 'detached' });
};

test('a page that is being written asks before it is left by a link, by a step back, by a sign-out, or with the tab', async () => {
  const page = await visit('/inbox/mine');
  await to(page, 'Settings');
  await to(page, 'Routing');
  const capacity = page.locator('[data-field="capacity"]');
  const before = await capacity.inputValue();
  assert.equal(await isHeld(page), false);
  await capacity.fill('17');
  assert.equal(await isHeld(page), true);
  await to(page, 'Board');
  await asked(page).waitFor();
  assert.deepEqual(await findings(page), []);
  await stays(page);
  await page.goBack();
  await stays(page);
  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await stays(page);
  assert.deepEqual([await capacity.inputValue(), page.url().endsWith('/settings/routing')], ['17', true]);
  await capacity.fill(before);
  assert.equal(await isHeld(page), false, 'it is as it was');
  await capacity.fill('17');
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  assert.equal(await isHeld(page), false, 'it is saved');
  await capacity.fill('18');
  await to(page, 'Board');
  await asked(page).getByRole('button', { name: 'Leave' }).click();
  await page.waitForURL('**/board');
  await asked(page).waitFor({ state: 'detached' });
  await clean(page);
});

test('a profile that is being written asks before the sessions are ended, here or everywhere', async () => {
  const page = await visit('/settings/profile');
  const name = page.getByLabel('Name');
  await name.fill('Mei L.');
  const everywhere = page.getByRole('button', { name: 'Sign out everywhere' });
  const confirmed = page.getByRole('alertdialog', { name: 'Sign out everywhere?' });
  for (const button of [page.getByRole('button', { name: 'Sign out here' }), everywhere]) {
    await button.click();
    await stays(page);
  }
  assert.deepEqual([await name.inputValue(), await confirmed.count()], ['Mei L.', 0]);
  await everywhere.click();
  await asked(page).getByRole('button', { name: 'Leave' }).click();
  await confirmed.getByRole('button', { name: 'Cancel' }).click();
  await confirmed.waitFor({ state: 'detached' });
  assert.equal(await name.inputValue(), 'Mei L.');
  await clean(page);
});

test('a link that is shown once is held until somebody has taken it', async () => {
  const page = await visit('/inbox/mine');
  await to(page, 'Settings');
  await to(page, 'Agents');
  await page.getByRole('button', { name: 'Invite an agent' }).click();
  await dialog(page).getByLabel('Name').fill('Ida');
  await dialog(page).getByLabel('E-mail').fill('ida@northwind.example');
  await dialog(page).getByRole('button', { name: 'Create invitation' }).click();
  const link = page.getByRole('textbox', { name: 'Invitation link' });
  await link.waitFor();
  await page.goBack();
  await stays(page);
  assert.match(await link.inputValue(), /link#/u);
  assert.equal(await dialog(page).evaluate((element) => element.contains(document.activeElement)), true, 'the focus is back');
  await link.evaluate((element) => element.dispatchEvent(new ClipboardEvent('copy', { bubbles: true })));
  await page.goBack();
  await link.waitFor({ state: 'detached' });
  await clean(page);
});

test('what a page holds in its fields is held until it is as it was, and a secret until it is taken', async () => {
  const page = await visit('/settings/profile');
  await page.getByLabel('Name').fill('Mei L.');
  assert.equal(await isHeld(page), true, 'the profile');
  await page.getByLabel('Name').fill(it.mei.name);
  assert.equal(await isHeld(page), false);
  await page.getByLabel('New password').fill('a');
  assert.equal(await isHeld(page), true, 'a password');
  await page.goto(`${it.fake.url}/console/settings/hours`);
  const choices = page.locator('form input[type=radio]');
  await choices.first().waitFor();
  const [was] = await choices.evaluateAll((all) => all.flatMap((one, n) => (one.checked ? [n] : [])));
  for (const [choice, held] of [[1 - was, true], [was, false]]) {
    await choices.nth(choice).check();
    assert.equal(await isHeld(page), held, `the hours: ${held}`);
  }
  await page.goto(`${it.fake.url}/console/bot/general`);
  await page.getByRole('switch').first().click();
  assert.equal(await isHeld(page), true, 'the bot');
  await page.getByRole('switch').first().click();
  await page.locator('[data-test="signing"]').click();
  assert.equal(await isHeld(page), false);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Make it' }).click();
  const secret = page.getByRole('textbox', { name: 'Signing secret' });
  await secret.waitFor();
  assert.equal(await isHeld(page), true, 'the secret');
  await secret.evaluate((element) => element.dispatchEvent(new ClipboardEvent('copy', { bubbles: true })));
  assert.equal(await isHeld(page), false);
  await clean(page);
});

test('an answer that is being written when the session ends is there when its agent is back', async () => {
  const page = await visit('/bot/faq');
  const begin = async () => {
    await page.getByRole('button', { name: 'New question' }).first().click();
    await dialog(page).waitFor();
  };
  await begin();
  await dialog(page).getByLabel('Answer').fill('Behind the house.');
  it.world.signOutEverywhere(it.mei);
  await page.getByText('Your session has ended.').waitFor();
  await page.getByLabel('E-mail').fill(it.mei.email);
  await page.getByLabel('Password', { exact: true }).fill(it.mei.password);
  await page.keyboard.press('Enter');
  await begin();
  await toast(page, 'What you had begun here is back.');
  assert.equal(await dialog(page).getByLabel('Answer').inputValue(), 'Behind the house.');
  assert.equal(await isHeld(page), true);
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  await becomes(() => isHeld(page), false, 'it is given up');
  await begin();
  assert.equal(await dialog(page).getByLabel('Answer').inputValue(), '');
  await clean(page);
});
