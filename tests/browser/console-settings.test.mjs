// Signing in, setting up, and the settings: what leads a new deployment to its first conversation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { becomes, clean, it, openPage, opened, row, rows, stage, toast, visit, visitRoom } from './console-fixture.mjs';
import { who } from './fake/room.mjs';

stage();

async function signIn(page, agent, password = agent.password) {
  await page.getByLabel('E-mail').fill(agent.email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const member = (page, email) => page.locator(`li[data-agent="${email}"]`);

test('signing in says what is wrong, counts down a lock-out, and leads to where one wanted to go', async () => {
  const page = await visit('/settings/agents', { agent: null });
  await signIn(page, it.mei, 'wrong password');
  await page.getByRole('alert').getByText('E-mail and password do not match.').waitFor();
  it.world.lockedOut = true;
  await signIn(page, it.mei);
  await page.getByRole('alert').getByText(/Too many wrong passwords\. Try again in \d+ seconds/).waitFor();
  it.world.lockedOut = false;
  await signIn(page, it.mei);
  await page.getByRole('heading', { name: 'Agents' }).waitFor();
  await clean(page);
});

test('a sign-in leads to no other host', async () => {
  const page = await visit('/login?to=//evil.example/', { agent: null });
  await signIn(page, it.mei);
  await rows(page).first().waitFor();
  assert.ok(page.url().endsWith('/console/inbox/mine'));
});

test('the first owner sets up, creates a site, and takes its snippet', async () => {
  it.world.setupNeeded = true;
  it.world.sites.length = 0;
  it.world.rooms.clear();
  const page = await visit('/', { agent: null });
  await page.getByLabel('Set-up token').fill('wrong');
  await page.getByLabel('Workspace').fill('My shop');
  await page.getByLabel('Your name').fill('Ina');
  await page.getByLabel('E-mail').fill('ina@shop.example');
  await page.getByLabel('Password', { exact: true }).fill('a long password');
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await page.getByRole('alert').getByText('This token is not right.').waitFor();
  await page.getByLabel('Set-up token').fill('first-token');
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await page.getByRole('heading', { name: 'Getting started' }).waitFor();
  await page.getByRole('link', { name: 'Inbox' }).click();
  await page.getByRole('link', { name: 'Create a site' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Shop');
  await dialog.getByLabel('Domains').fill('not a domain!');
  await dialog.getByRole('button', { name: 'Create site' }).click();
  await dialog.getByText('Write domains like').waitFor();
  await becomes(() => dialog.getByLabel('Domains').evaluate((element) => element === document.activeElement), true, 'the field has the focus and its error');
  await dialog.getByLabel('Domains').fill('https://Shop.example/start\n*.shop.example');
  await dialog.getByRole('button', { name: 'Create site' }).click();
  await dialog.waitFor({ state: 'detached' });
  const [site] = it.world.sites;
  assert.deepEqual(site.domains, ['shop.example', '*.shop.example']);
  assert.equal(await page.getByRole('textbox', { name: 'Snippet' }).inputValue(), site.snippet);
  await page.getByRole('button', { name: 'Edit Shop' }).click();
  await dialog.getByLabel('Greeting').fill('Welcome!');
  await dialog.getByLabel('Language').selectOption('zh-CN');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('“Welcome!”').waitFor();
  assert.deepEqual([site.greeting, site.locale], ['Welcome!', 'zh-CN']);
  await clean(page);
});

test('an invitation link is shown once, works once, and signs the new agent in', async () => {
  const page = await visit('/settings/agents');
  await page.getByRole('button', { name: 'Invite an agent' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Ida');
  await dialog.getByLabel('E-mail').fill(it.tom.email);
  await dialog.getByRole('button', { name: 'Create invitation' }).click();
  await dialog.getByRole('alert').getByText('This exists already').waitFor();
  await dialog.getByLabel('E-mail').fill('ida@northwind.example');
  await dialog.getByRole('button', { name: 'Create invitation' }).click();
  const link = await page.getByRole('textbox', { name: 'Invitation link' }).inputValue();
  await page.getByRole('button', { name: 'Done' }).click();
  await member(page, 'ida@northwind.example').getByText('Invited').waitFor();
  assert.equal(await page.locator(`text=${link}`).count(), 0);

  const theirs = await openPage(await it.newContext(), link.split('/console')[1]);
  await theirs.getByRole('heading', { name: 'Welcome to Northwind Outfitters' }).waitFor();
  assert.ok(!theirs.url().includes('#'), 'the token leaves the address bar');
  await theirs.getByLabel('Password', { exact: true }).fill('short');
  await theirs.getByRole('button', { name: 'Save and sign in' }).click();
  await theirs.getByRole('alert').getByText('Choose another password').waitFor();
  await theirs.getByLabel('Password', { exact: true }).fill('long enough now');
  await theirs.getByRole('button', { name: 'Save and sign in' }).click();
  await theirs.getByRole('link', { name: 'Inbox' }).waitFor();
  const again = await openPage(await it.newContext(), link.split('/console')[1]);
  await again.getByText('This link was used already or is too old. Ask for a new one.').waitFor();
  for (const one of [page, theirs, again]) await clean(one);
});

test('another link, put into the tab of one that is over, is taken', async () => {
  const page = await visit('/settings/agents');
  await page.getByRole('button', { name: 'Actions for Tom Okafor' }).click();
  await page.getByRole('menuitem', { name: 'Reset password by link' }).click();
  const link = await page.getByRole('textbox', { name: 'Reset link' }).inputValue();
  const theirs = await openPage(await it.newContext(), '/link#nothing');
  const isOver = theirs.getByText('This link was used already or is too old. Ask for a new one.');
  const put = async (address) => {
    await theirs.goto(address);
    await becomes(() => theirs.evaluate(() => location.hash), '', 'the token leaves the address bar');
  };
  await isOver.waitFor();
  await put(link);
  await theirs.getByRole('button', { name: 'Save and sign in' }).waitFor();
  assert.equal(await isOver.count(), 0);
  // The one before it does not come back, and the same one can come twice.
  await put(`${it.fake.url}/console/link#nothing`);
  await isOver.waitFor();
  for (let i = 0; i < 2; i++) await put(link);
  await theirs.getByLabel('Password', { exact: true }).fill('long enough now');
  await theirs.getByRole('button', { name: 'Save and sign in' }).click();
  await theirs.getByRole('link', { name: 'Inbox' }).waitFor();
  for (const one of [page, theirs]) await clean(one);
});

test('a disabled agent is out at once; enabling and resetting bring them back', async () => {
  const theirs = await visitRoom(it.omar, { agent: it.tom });
  const page = await visit('/settings/agents');
  const menu = async (item) => {
    await page.getByRole('button', { name: 'Actions for Tom Okafor' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await menu('Disable…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click();
  await member(page, it.tom.email).getByText('Disabled').waitFor();
  await theirs.getByRole('heading', { name: 'Sign in' }).waitFor();
  await menu('Enable');
  await member(page, it.tom.email).getByText('Active').waitFor();
  await menu('Reset password by link');
  assert.match(await page.getByRole('textbox', { name: 'Reset link' }).inputValue(), /\/console\/link#/);
  await page.getByRole('button', { name: 'Done' }).click();
  await menu('Edit…');
  await page.getByRole('dialog').getByLabel('Role').selectOption('admin');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await member(page, it.tom.email).getByText('Administrator').waitFor();
  await clean(page);
});

test('an agent sees agents and sites, and changes neither', async () => {
  const page = await visit('/settings/agents', { agent: it.tom });
  await page.getByText('Only owners and administrators can change agents.').waitFor();
  await member(page, it.mei.email).waitFor();
  assert.equal(await page.getByRole('button', { name: /Invite|Actions for/ }).count(), 0);
  await page.getByRole('link', { name: 'Sites' }).click();
  await page.getByRole('heading', { name: 'Northwind shop' }).waitFor();
  assert.equal(await page.getByRole('button', { name: /New site|Edit |Identity/ }).count(), 0);
  await clean(page);
});

test('name, password, signing out here and everywhere', async () => {
  const page = await visit('/settings/profile');
  const elsewhere = await visit('/inbox/mine');
  await rows(elsewhere).first().waitFor();
  await page.getByLabel('Name').fill('Mei L.');
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  assert.equal(it.mei.name, 'Mei L.');
  await page.getByLabel('Current password').fill('not it');
  await page.getByLabel('New password').fill('another long one');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByRole('alert').getByText('The current password is not right.').waitFor();
  await page.getByLabel('Current password').fill('correct horse');
  await page.getByRole('button', { name: 'Change password' }).click();
  await toast(page, 'The password is changed.');
  assert.equal(it.mei.password, 'another long one');
  await elsewhere.getByText('Your session has ended.').waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  it.ada.visitorSays('still there?');
  await becomes(() => page.title(), '(12) Bellhop console', 'this window goes on with its new session');
  await signIn(elsewhere, it.mei);
  await rows(elsewhere).first().waitFor();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByText('You are signed out on every device.').waitFor();
  await elsewhere.getByText('Your session has ended.').waitFor();
  await signIn(page, it.mei);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Sign out here' }).click();
  await page.getByText('You are signed out.').waitFor();
  assert.equal([...it.world.sessions.values()].filter((id) => id === it.mei.id).length, 0);
  await clean(page);
});

test('a photo becomes a small square that is shown wherever its agent is, and is taken away again', async () => {
  const page = await visit('/settings/profile');
  const own = page.getByRole('group', { name: 'Picture' });
  const photo = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 600, height: 300 });
    const context = canvas.getContext('2d');
    context.fillStyle = '#c00';
    context.fillRect(0, 0, 150, 300);
    context.fillStyle = '#08f';
    context.fillRect(150, 0, 300, 300);
    return canvas.toDataURL('image/png').split(',')[1];
  });
  const choose = (where, buffer) => where.locator('input[type=file]').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer });
  await choose(own, Buffer.from('<svg onload="alert(1)">'));
  await own.getByRole('alert').getByText('This file is no picture that can be used.').waitFor();
  await choose(own, Buffer.from(photo, 'base64'));
  await toast(page, 'Saved.');
  const sent = it.world.pictures.get(it.mei.picture);
  assert.equal(sent.subarray(8, 12).toString(), 'WEBP');
  const shown = (where) => where.locator('.avatar img').evaluateAll(async (all) => {
    await Promise.all(all.map((one) => one.decode()));
    return all.map(({ naturalWidth, naturalHeight, alt }) => [naturalWidth, naturalHeight, alt]);
  });
  assert.deepEqual(await shown(page), [[128, 128, ''], [128, 128, '']], 'in the menu and beside the field');
  // What was in its middle, and nothing of its sides.
  const [red, , blue] = await own.locator('img').evaluate((image) => {
    const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d');
    context.drawImage(image, 2, 64, 1, 1, 0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  });
  assert.ok(red < 60 && blue > 200, `${red} ${blue}`);
  await clean(page);
  await own.getByRole('button', { name: 'Remove picture' }).click();
  await becomes(() => page.locator('.avatar img').count(), 0, 'initials again');
  assert.equal(it.mei.picture, '');

  it.mei.role = 'owner';
  const settings = await visit('/settings/agents');
  const other = it.world.agents.find((one) => one !== it.mei && one.state === 'active');
  await member(settings, other.email).getByRole('button').click();
  await settings.getByRole('menuitem', { name: 'Edit' }).first().click();
  const dialog = settings.getByRole('dialog');
  await choose(dialog, Buffer.from(photo, 'base64'));
  await dialog.getByRole('button', { name: 'Remove picture' }).waitFor();
  assert.equal(await member(settings, other.email).locator('img').count(), 1, 'the list has it');
  await clean(settings);
});

test('blocking a visitor asks first, shows on both sides of the page, and can be taken back', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  const more = async (item) => {
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await more('Block visitor…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
  assert.equal(it.ada.profile.blocked, false);
  await more('Block visitor…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Block' }).click();
  await page.locator('.activity', { hasText: 'Mei Lindqvist blocked the visitor' }).waitFor();
  await becomes(() => page.locator('.chip.danger', { hasText: 'Blocked' }).count(), 2, 'head and panel');
  await page.locator('form.composer textarea').fill('x');
  assert.ok(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled());
  await more('Unblock visitor…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Unblock' }).click();
  await page.locator('.activity', { hasText: 'unblocked' }).waitFor();
  // A colleague blocks them while this agent is still asked whether to.
  await more('Block visitor…');
  it.ada.setBlocked(true, who(it.tom));
  await page.locator('.activity', { hasText: 'Tom Okafor blocked the visitor' }).waitFor();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Block' }).click();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  assert.equal(it.ada.profile.blocked, true);
  await clean(page);
});

test('muting puts a conversation away, and what its visitor writes calls nobody until it is taken back', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  const more = async (item) => {
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  await more('Mute conversation');
  await page.locator('.activity', { hasText: 'Mei Lindqvist muted the conversation' }).waitFor();
  await page.locator('header .chip', { hasText: 'Muted' }).waitFor();
  await page.locator('header .chip', { hasText: 'Resolved' }).waitFor();
  await page.getByText('This conversation is muted.').waitFor();
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/console-muted.png` });
  const title = await page.title();
  it.ada.visitorSays('buy followers');
  await page.locator('.bubble', { hasText: 'buy followers' }).waitFor();
  await page.getByRole('button', { name: 'Status: Open' }).click();
  await page.getByRole('menuitemradio', { name: 'Resolved' }).click();
  const row = page.locator(`[data-conversation="${it.ada.id}"]`);
  await row.getByText('Muted').waitFor();
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/console-muted-list.png` });
  assert.equal(await row.locator('.badge').count(), 0);
  assert.equal(await page.title(), title, 'nothing is unread');
  await row.click();
  await more('Unmute conversation');
  await page.locator('.activity', { hasText: 'unmuted the conversation' }).waitFor();
  await becomes(() => page.locator('header .chip', { hasText: 'Muted' }).count(), 0);
  it.ada.visitorSays('a real question');
  await becomes(() => page.locator('header .chip', { hasText: 'Resolved' }).count(), 0, 'open again');
  await clean(page);
});

test('the visitor’s panel says what is proven, and leads to earlier conversations', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  const panel = page.getByRole('complementary', { name: 'Visitor' });
  await panel.getByText('Verified by your site').waitFor();
  assert.equal(await panel.getByRole('link', { name: 'Order 10482 · Northwind' }).getAttribute('href'), 'https://shop.northwind.example/orders/10482');
  await panel.getByText('Gold').waitFor();
  await panel.getByRole('link', { name: /We do, it takes two days more/ }).click();
  await page.getByText('This conversation is resolved.').waitFor();
  assert.ok(page.url().endsWith(it.done.id));
  it.bo.profile = { ...it.bo.profile, name: 'I say so', pageUrl: 'javascript:alert(1)', pageTitle: '' };
  await page.goto(`${it.fake.url}/console/inbox/unassigned/${it.bo.id}`);
  await panel.getByText('Not verified').waitFor();
  await panel.getByText('javascript:alert(1)').waitFor();
  assert.equal(await panel.locator('a[href^="javascript"]').count(), 0);
  await clean(page);
});

test('the language changes while one works, and activities with it', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  await page.locator('form.composer textarea').fill('unfinished');
  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByRole('menuitemradio', { name: '简体中文' }).click();
  await page.keyboard.press('Escape');
  await page.locator('.activity', { hasText: 'Mei Lindqvist 加入了会话' }).waitFor();
  await page.getByRole('link', { name: '未分配' }).waitFor();
  assert.equal(await page.locator('form.composer textarea').inputValue(), 'unfinished');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
  await page.reload();
  await page.getByRole('link', { name: '未分配' }).waitFor();
  await clean(page);
});

test('a conversation that is not there is said to be so', async () => {
  const page = await visit(`/inbox/all/cnv_${'0'.repeat(64)}`);
  await page.getByText('This conversation does not exist, or not in your workspace.').waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Back to the list' }).click();
  await row(page, it.ada).waitFor();
  await clean(page);
});

test('WCAG 1.4.10: nothing is wider than a screen of 320 pixels', async () => {
  const page = await visit('/inbox/all', { viewport: { width: 320, height: 640 } });
  await row(page, it.ada).waitFor();
  it.world.bot.did.intents = it.world.bot.did.days = [{ key: '0', answered: 1_000, asked: 1_000, handed_over: 1_000, stood_in: 3, conversations: 1_000, resolved: 1_000 }];
  for (const path of ['/board', '/start', `/inbox/${it.chinese.id}`, '/inbox/all', `/inbox/unassigned/${it.bo.id}`, `/inbox/mine/${it.ada.id}`, '/settings/profile', '/settings/preferences', '/settings/agents', '/settings/sites', '/settings/teams', '/settings/tags', '/settings/routing', '/bot/intents', '/bot/library', '/bot/training', '/bot/teach', '/bot/faq', '/bot/articles', '/bot/report', '/bot/general']) {
    await page.goto(`${it.fake.url}/console${path}`);
    await page.locator(path.includes('cnv_') ? 'article.message' : 'h1').first().waitFor();
    if (!path.includes('cnv_')) await page.getByRole('link', { name: 'Start' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, path);
  }
  await clean(page);
});

test('a phone shows one pane at a time', async () => {
  const page = await visit('/inbox/all', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await row(page, it.ada).tap();
  await opened(page);
  assert.equal(await row(page, it.ada).isVisible(), false);
  assert.equal(await page.getByRole('navigation', { name: 'Main' }).isVisible(), false);
  await page.locator('form.composer textarea').fill('one');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('form.composer textarea').inputValue(), 'one\n', 'Enter makes a line on glass');
  await page.getByRole('button', { name: 'Visitor details' }).tap();
  await page.getByRole('complementary', { name: 'Visitor' }).getByRole('button', { name: 'Hide visitor details' }).tap();
  await page.getByRole('link', { name: 'Back to the list' }).tap();
  await row(page, it.ada).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the screen');
  await clean(page);
});

test('a dialog takes the focus, keeps it, and gives it back to what opened it, a menu’s button too', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim());
  const more = page.getByRole('button', { name: 'More actions' });
  await more.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Block visitor…' }).press('Enter');
  await becomes(focused, 'Cancel', 'the harmless button');
  for (const wanted of ['Block', 'Cancel']) {
    await page.keyboard.press('Tab');
    await becomes(focused, wanted, 'round and round');
  }
  await page.keyboard.press('Escape');
  await becomes(focused, 'More actions', 'back');
  await page.goto(`${it.fake.url}/console/settings/team`);
  await page.getByRole('button', { name: 'Invite an agent' }).press('Enter');
  await page.getByRole('dialog').getByLabel('Name').fill('Ida');
  await page.getByRole('dialog').getByLabel('E-mail').fill('ida@northwind.example');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Invitation link' }).waitFor();
  await page.keyboard.press('Escape');
  await becomes(focused, 'Invite an agent', 'past the second dialog');
  await clean(page);
});

test('on a phone no page of the settings and of the bot is wider than the screen', async () => {
  const page = await visit('/settings/profile', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  it.world.bot.addIntent('a_name_that_is_as_long_as_it_may_be_forty', { title: { en: 'W'.repeat(80), zh: '' }, does: 'handoff' });
  it.world.bot.addModel(Buffer.from('one'), { examples: 12, accuracy: 91.4, by: it.mei });
  it.world.bot.questions = [{ texts: ['W'.repeat(300), 'w'], count: 2, newest: new Date().toISOString(), near: [], turns: ['cnv_a.2'] }];
  const settings = ['profile', 'preferences', 'agents', 'teams', 'sites', 'routing'].map((name) => `settings/${name}`);
  for (const name of [...settings, 'bot/intents', 'bot/library', 'bot/training', 'bot/teach', 'bot/general']) {
    await page.goto(`${it.fake.url}/console/${name}`);
    await page.locator('.settings-page .card, .settings-page li').first().waitFor();
    const { scrollWidth, clientWidth } = await page.locator('main.page-body').evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
    assert.equal(scrollWidth, clientWidth, name);
  }
  await clean(page);
});
