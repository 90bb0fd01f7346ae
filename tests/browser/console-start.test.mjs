// The first day: from an empty workspace to the first answered visitor, step by step, each done by what is there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, clean, field, it, row, rows, stage, visit } from './console-fixture.mjs';

stage();

/** A workspace of which there is nothing but its owner. */
function newborn() {
  it.world.rooms.clear();
  it.world.sites.length = it.world.teams.length = 0;
  it.world.agents.length = 1;
}

const done = (page) => page.locator('.start-list li.done').evaluateAll((steps) => steps.map((step) => step.dataset.step));
const steps = (page, wanted, what) => becomes(() => done(page), wanted, what);
const toStart = (page) => page.getByRole('link', { name: 'Start' }).click();
/** What the preview shows, as a visitor would read it. */
const preview = (page) => page.locator('figure .frame > div');

test('an owner is led from nothing to the first answer', async () => {
  newborn();
  const page = await visit('/inbox/mine');
  await page.getByRole('heading', { name: 'Getting started' }).waitFor();
  await steps(page, [], 'nothing is there');

  await page.getByRole('link', { name: 'Set up the site' }).click();
  const dialog = page.getByRole('dialog', { name: 'New site' });
  await dialog.getByLabel('Name').fill('Shop');
  await dialog.getByLabel('Domains').fill('shop.example');
  await dialog.getByRole('button', { name: 'Create site' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.ok(page.url().endsWith('/settings/sites'), 'the address opens nothing again');
  await toStart(page);
  await steps(page, ['site'], 'a site is there');
  const [site] = it.world.sites;
  assert.equal(await page.getByRole('textbox', { name: 'Snippet' }).inputValue(), site.snippet);
  const chat = page.getByRole('link', { name: 'Open a test chat' });
  assert.deepEqual([await chat.getAttribute('href'), await chat.getAttribute('target')], [`/demo/try.html?lang=en#${site.id}`, '_blank']);

  // The owner's own test chat shows nothing of the snippet; a visitor on a page of theirs does.
  const own = it.world.addRoom('', { pageUrl: `${it.world.url}/demo/try` });
  own.visitorSays('test');
  const visitor = it.world.addRoom('Ada', { pageUrl: 'https://shop.example/lamps?from=mail' });
  visitor.visitorSays('Hello?');
  await steps(page, ['site', 'snippet'], 'seen, without a reload');
  await page.getByText(/^Seen on .*shop\.example/).waitFor();

  await page.getByRole('link', { name: 'Invite', exact: true }).click();
  const invite = page.getByRole('dialog', { name: 'Invite an agent' });
  await invite.getByLabel('Name').fill('Ida');
  await invite.getByLabel('E-mail').fill('ida@shop.example');
  await invite.getByRole('button', { name: 'Create invitation' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await toStart(page);
  await page.getByRole('link', { name: 'Create a team' }).click();
  const team = page.getByRole('dialog', { name: 'New team' });
  await team.getByLabel('Name').fill('Support');
  await team.getByRole('button', { name: 'Create team' }).click();
  await team.waitFor({ state: 'detached' });
  await toStart(page);
  await page.getByRole('link', { name: 'Set hours' }).click();
  await page.getByRole('radio', { name: 'By hours' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.toast', { hasText: 'Saved.' }).waitFor();
  await toStart(page);
  await steps(page, ['site', 'snippet', 'agents', 'team', 'hours'], 'all but the answer');
  assert.deepEqual(await findings(page), []);

  await page.getByRole('link', { name: 'To the inbox' }).click();
  await row(page, own).click();
  await field(page).fill('It works.');
  await field(page).press('Enter');
  await page.locator('article.message', { hasText: 'It works.' }).waitFor();
  await toStart(page);
  await page.getByText('Everything is in place.').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await rows(page).first().waitFor();
  await page.getByRole('link', { name: 'Start' }).waitFor({ state: 'detached' });
  await clean(page);
});

test('the preview follows the fields, and is no more than a picture', async () => {
  const page = await visit('/settings/sites');
  await page.getByRole('button', { name: 'New site' }).click();
  const dialog = page.getByRole('dialog');
  const text = (selector) => preview(page).locator(selector).innerText();
  await becomes(() => text('.head h2'), 'Chat with us', 'before there is a name');
  await dialog.getByLabel('Name').fill('<b>Shop</b>');
  await dialog.getByLabel('Greeting').fill('Welcome!\nHow can we help?');
  await becomes(() => text('.head h2'), '<b>Shop</b>', 'its name, as it is');
  await becomes(() => text('.bubble'), 'Welcome!\nHow can we help?', 'its greeting');
  const colours = () => preview(page).locator('.head').evaluate((head) => [getComputedStyle(head).backgroundColor, getComputedStyle(head).color]);
  await becomes(colours, ['rgb(11, 107, 107)', 'rgb(255, 255, 255)'], 'dark: white on it');
  await dialog.getByLabel('Colour').fill('#ffd54a');
  await becomes(colours, ['rgb(255, 213, 74)', 'rgb(0, 0, 0)'], 'light: black on it');
  await dialog.getByLabel('Greeting').fill('');
  await dialog.getByLabel('Language').selectOption('zh-CN');
  await becomes(() => text('.bubble'), '您好！有什么可以帮您？', 'the widget’s own greeting, in its language');
  // Neither the keyboard nor a screen reader comes into it, and it lies in its frame.
  assert.equal(await preview(page).evaluate((host) => host.inert), true);
  const [frame, panel] = await Promise.all([page.locator('figure .frame').boundingBox(), preview(page).locator('.panel').boundingBox()]);
  assert.ok(panel.x >= frame.x && panel.y >= frame.y && panel.x + panel.width <= frame.x + frame.width && panel.y + panel.height <= frame.y + frame.height);
  await clean(page);
});

test('who puts the list away is not led again; an agent never is', async () => {
  newborn();
  it.world.addSite('Shop');
  const page = await visit('/start');
  await page.getByRole('button', { name: 'Hide this list' }).click();
  await page.getByText('Choose a conversation').waitFor();
  await page.reload();
  await page.getByText('Choose a conversation').waitFor();
  await becomes(() => page.getByRole('link', { name: 'Start' }).count(), 0, 'nor in the rail');
  await clean(page);

  const tom = it.world.addAgent({ name: 'Tom', email: 'tom@shop.example' });
  const theirs = await visit('/start', { agent: tom });
  await theirs.getByRole('heading', { name: 'Profile' }).waitFor();
  await theirs.getByRole('link', { name: 'Inbox' }).click();
  await theirs.getByText('Choose a conversation').waitFor();
  assert.equal(await theirs.getByRole('link', { name: 'Start' }).count(), 0);
  await clean(theirs);
});

test('what can’t be asked is said, and asked again', async () => {
  const page = await visit('/settings/profile');
  await page.getByRole('heading', { name: 'Profile' }).waitFor();
  await page.route('**/api/v1/agents', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"code":"storage"}' }));
  await page.goto(`${it.fake.url}/console/start`);
  await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
  await page.unroute('**/api/v1/agents');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Getting started' }).waitFor();
  await clean(page);
});
