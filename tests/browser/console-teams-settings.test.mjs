// The settings of teams, of what routing knows of an agent, and of whose a site's conversations are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { becomes, clean, dialog, it, stage, toast, visit } from './console-fixture.mjs';
import { addTeam } from './fake/teams.mjs';

stage();

const entry = (page, team) => page.locator(`li[data-team="${team.id}"]`);
const hasFocus = (locator) => locator.evaluate((element) => element === document.activeElement);

async function choose(page, name, item) {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

test('a team is created with its members, changed, and says beside the field what is wrong', async () => {
  const page = await visit('/settings/teams', { agent: it.lina });
  await entry(page, it.chinese).getByText('Then Support').waitFor();
  await entry(page, it.chinese).getByText('1 member').waitFor();
  await page.getByRole('button', { name: 'New team' }).click();
  const name = dialog(page).getByLabel('Name');
  await dialog(page).getByRole('button', { name: 'Create team' }).click();
  await dialog(page).getByText('Give a name.').waitFor();
  await name.fill('Support');
  await dialog(page).getByRole('button', { name: 'Create team' }).click();
  await dialog(page).getByText('This name is taken.').waitFor();
  await becomes(() => hasFocus(name), true, 'the wrong field has the focus');
  await name.fill('Returns');
  assert.equal(await dialog(page).getByLabel('Ola Berg').count(), 0, 'who is disabled joins no team');
  await dialog(page).getByLabel('Tom Okafor').check();
  await dialog(page).getByLabel('Mei Lindqvist').check();
  await dialog(page).getByText('2 chosen').waitFor();
  await dialog(page).getByLabel('Who gets a conversation').selectOption('Least busy');
  await dialog(page).getByLabel('Overflow team').selectOption('Support');
  await dialog(page).getByRole('button', { name: 'Create team' }).click();
  await toast(page, 'Returns is created.');
  const team = it.world.teams.at(-1);
  assert.deepEqual({ ...team, members: [...team.members].sort() }, { ...team, name: 'Returns', members: [it.tom.id, it.mei.id].sort(), method: 'least_busy', overflow: it.support.id });

  it.world.deskConfirms = false;
  await choose(page, 'Returns', 'Edit…');
  assert.equal(await dialog(page).getByRole('option', { name: 'Returns' }).count(), 0, 'no team overflows into itself');
  await dialog(page).getByLabel('Mei Lindqvist').uncheck();
  await dialog(page).getByLabel('Who gets a conversation').selectOption('As in “Routing”');
  await dialog(page).getByLabel('Overflow team').selectOption('None');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved. It takes effect within a few minutes.');
  assert.deepEqual([team.members, team.method, team.overflow], [[it.tom.id], null, null]);
  await entry(page, team).getByText('1 member').waitFor();
  await clean(page);
});

test('a team is deleted after a question, and nothing points to it any more', async () => {
  addTeam(it.world, 'Night', { overflow: it.chinese.id });
  const page = await visit('/settings/teams');
  await choose(page, '中文客服', 'Delete…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
  assert.equal(it.world.teams.length, 3);
  await choose(page, '中文客服', 'Delete…');
  await page.getByRole('alertdialog').getByText('Its conversations and sites are everybody’s').waitFor();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await toast(page, '中文客服 is deleted.');
  await entry(page, it.chinese).waitFor({ state: 'detached' });
  assert.equal(await page.getByText('Then').count(), 0);
  await page.getByRole('link', { name: 'Sites' }).click();
  await page.getByRole('heading', { name: '北风官网' }).waitFor();
  await becomes(() => page.locator('.chip.accent').count(), 0, 'no site is its');
  await clean(page);
});

test('the first team, and one too many', async () => {
  it.world.teams = [];
  const page = await visit('/settings/teams');
  await page.getByText('No team yet').waitFor();
  await page.getByRole('button', { name: 'New team' }).click();
  // Somebody else has created all there can be.
  for (let i = 0; i < 50; i++) addTeam(it.world, `Team ${i}`);
  await dialog(page).getByLabel('Name').fill('One more');
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('alert').getByText('There can be at most 50 teams.').waitFor();
  await clean(page);
});

test('members are found by name among many', async () => {
  for (let i = 0; i < 8; i++) it.world.addAgent({ name: `Agent ${i}`, email: `a${i}@northwind.example` });
  const page = await visit('/settings/teams');
  await choose(page, 'Support', 'Edit…');
  await dialog(page).getByRole('searchbox', { name: 'Find an agent' }).fill('agent 5');
  await dialog(page).getByRole('status').getByText('1 agent', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Space');
  await dialog(page).getByText('3 chosen').waitFor();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  assert.equal(it.support.members.length, 3, 'who is not in sight stays a member');
  await clean(page);
});

test('an agent has no page of teams, and the agents’ old address leads to them', async () => {
  const page = await visit('/settings/teams', { agent: it.tom });
  await page.waitForURL((url) => url.pathname.endsWith('/settings/profile'));
  assert.equal(await page.getByRole('link', { name: 'Teams' }).count(), 0);
  await page.goto(`${it.fake.url}/console/settings/team`);
  await page.getByRole('heading', { name: 'Agents' }).waitFor();
  await clean(page);
});

test('what routing knows of an agent is set, and refused beside its field', async () => {
  const page = await visit('/settings/agents');
  await page.locator(`li[data-agent="${it.lina.email}"]`).getByText('3 at once · Chinese, English · vip, returns').waitFor();
  await choose(page, 'Tom Okafor', 'Edit…');
  const capacity = dialog(page).getByLabel('Conversations at once');
  assert.equal(await capacity.inputValue(), '');
  await capacity.fill('101');
  await dialog(page).getByLabel('Languages').fill('en, zh-CN');
  await dialog(page).getByText('English · Chinese').waitFor();
  await dialog(page).getByLabel('Skills').fill(`VIP, ${'x'.repeat(41)}`);
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByText('Give a whole number from 1 to 100.').waitFor();
  await becomes(() => hasFocus(capacity), true, 'the wrong field has the focus');
  await capacity.fill('7');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByText('Write at most 20 skills').waitFor();
  await becomes(() => hasFocus(dialog(page).getByLabel('Skills')), true, 'what the server refused, too');
  await dialog(page).getByLabel('Skills').fill('VIP');
  await dialog(page).getByLabel('Location').fill('91, 0');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByText('Give latitude (-90 to 90)').waitFor();
  await dialog(page).getByLabel('Location').fill('31.2304, 121.4737');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  assert.deepEqual([it.tom.capacity, it.tom.languages, it.tom.skills, it.tom.location], [7, ['en', 'zh'], ['vip'], { latitude: 31.2304, longitude: 121.4737 }]);
  await choose(page, 'Tom Okafor', 'Edit…');
  await capacity.fill('');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await becomes(() => it.tom.capacity, null, 'the workspace’s again');
  await clean(page);
});

test('a site’s conversations are a team’s', async () => {
  const page = await visit('/settings/sites');
  await page.getByRole('button', { name: 'Edit Northwind shop' }).click();
  await dialog(page).getByLabel('Team', { exact: true }).selectOption('Support');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await toast(page, 'The site is saved.');
  assert.equal(it.shop.team, it.support.id);
  await page.getByRole('button', { name: 'Edit Northwind shop' }).click();
  await dialog(page).getByLabel('Team', { exact: true }).selectOption('Everybody');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await becomes(() => it.shop.team, null, 'everybody’s');
  // Another manager deletes the team while the form is open.
  await page.getByRole('button', { name: 'Edit Northwind shop' }).click();
  it.world.teams = it.world.teams.filter((team) => team !== it.support);
  await dialog(page).getByLabel('Team', { exact: true }).selectOption('Support');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByText('This team does not exist any more.').waitFor();
  await dialog(page).getByLabel('Team', { exact: true }).selectOption('Everybody');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(it.shop.team, null);
  await clean(page);
});

test('a server of before is asked for nothing that it would refuse', async () => {
  it.world.isOlder = true;
  const page = await visit('/settings/agents');
  await choose(page, 'Tom Okafor', 'Edit…');
  assert.equal(await dialog(page).getByLabel('Languages').count(), 0);
  await dialog(page).getByLabel('Name').fill('Tom O.');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await becomes(() => it.tom.name, 'Tom O.', 'saved');
  await page.getByRole('link', { name: 'Sites' }).click();
  await page.getByRole('button', { name: 'Edit Northwind shop' }).click();
  assert.equal(await dialog(page).getByLabel('Team', { exact: true }).count(), 0);
  await dialog(page).getByLabel('Greeting').fill('Hello');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await becomes(() => it.shop.greeting, 'Hello', 'saved');
  await page.getByRole('link', { name: 'Routing' }).click();
  await page.getByLabel('Best match').check();
  assert.equal(await page.locator('[data-field=language], [data-field=skill], [data-field=distance], [data-field=overflow_minutes], [data-field=reopen_hours], [data-field=last_agent_days], [data-field=idle_minutes]').count(), 0);
  await page.getByRole('button', { name: 'Save' }).click();
  await becomes(() => it.world.routing.method, 'best_match', 'saved');
  await clean(page);
});
