// Tags: managers name them, agents put them on conversations, and whoever else looks at one sees it at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, choose, clean, dialog, it, stage, toast, visit, visitRoom } from './console-fixture.mjs';

stage();

test('tags are named, changed and deleted in the settings', async () => {
  const page = await visit('/settings/tags');
  await page.getByText('No tags yet').waitFor();
  await page.getByRole('button', { name: 'New tag' }).click();
  await dialog(page).getByRole('button', { name: 'Create tag' }).click();
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute('aria-invalid')), 'true', 'the name that is missing has the focus');
  await dialog(page).getByLabel('Name').fill(' Refund ');
  await dialog(page).getByLabel('Colour').fill('#d93025');
  assert.deepEqual(await findings(page), []);
  await dialog(page).getByRole('button', { name: 'Create tag' }).click();
  await toast(page, 'Refund is created.');
  const row = page.locator('[data-tag]');
  await row.getByText('Refund').waitFor();
  assert.deepEqual(it.world.tags.map(({ name, color }) => [name, color]), [['Refund', '#d93025']]);
  await page.getByRole('button', { name: 'New tag' }).click();
  await dialog(page).getByLabel('Name').fill('Refund');
  await dialog(page).getByRole('button', { name: 'Create tag' }).click();
  await becomes(() => dialog(page).getByLabel('Name').getAttribute('aria-invalid'), 'true', 'the name is taken');
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await choose(page, row, 'Edit…');
  await dialog(page).getByLabel('Name').fill('Returns');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await row.getByText('Returns').waitFor();
  assert.deepEqual(await findings(page), []);
  await choose(page, row, 'Delete…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No tags yet').waitFor();
  assert.deepEqual(it.world.tags, []);
  await clean(page);
});

test('a conversation is tagged in its panel, by whoever looks at it', async () => {
  it.world.tags = [{ id: 'tag_refund', name: 'Refund', color: '#d93025' }, { id: 'tag_bug', name: 'Bug', color: '' }];
  const page = await visitRoom(it.ada, { view: 'mine' });
  const tags = page.getByRole('region', { name: 'Tags' });
  const add = tags.getByLabel('Add a tag…');
  const chosen = () => tags.getByRole('listitem').allInnerTexts();
  await becomes(() => add.locator('option').allTextContents(), ['Add a tag…', 'Bug', 'Refund'], 'what may be put on');
  await add.selectOption('Refund');
  await becomes(chosen, ['Refund'], 'it is on');
  await becomes(() => add.locator('option').allTextContents(), ['Add a tag…', 'Bug'], 'and can’t be put on again');
  assert.deepEqual(it.ada.profile.tags, ['tag_refund']);
  // Another agent, and a tag that is named no longer.
  it.ada.profile = { ...it.ada.profile, tags: ['tag_refund', 'tag_gone', 'tag_bug'] };
  it.ada.broadcast({ visitor: it.ada.profile });
  await becomes(chosen, ['Refund', 'Bug'], 'somebody else has put one on');
  assert.deepEqual(await findings(page), []);
  await tags.getByRole('button', { name: 'Take off the tag Refund' }).click();
  await becomes(chosen, ['Bug'], 'it is off');
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Add a tag…', 'the focus is not lost');
  assert.deepEqual(it.ada.profile.tags, ['tag_gone', 'tag_bug']);
  await clean(page);
});
