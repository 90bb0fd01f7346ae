// Business hours: of the workspace on its page, of a team and of a site in their dialogs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, clean, dialog, it, stage, toast, visit } from './console-fixture.mjs';

stage();

const BERLIN = { timezoneId: 'Europe/Berlin' };
const span = (from, to) => ({ from: from * 60, to: to * 60 });
/** Monday to Friday. */
const week = (...spans) => Array.from({ length: 7 }, (_, day) => (day < 5 ? spans : []));
const HOURS = { timezone: 'Europe/Berlin', weekly: week(span(9, 18)), exceptions: [{ date: '2031-12-25', spans: [] }] };

const save = (page) => page.getByRole('button', { name: 'Save' }).click();
const day = (page, name) => page.getByRole('group', { name, exact: true });
const focused = (page) => page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent);
const times = (group) => group.locator('input[type=time]').evaluateAll((all) => all.map((one) => one.value));
const zone = (page) => page.getByRole('combobox', { name: 'Time zone' });

async function editTeam(page, name) {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Edit…' }).click();
  await dialog(page).getByLabel('Name').waitFor();
}

test('hours are set, say beside the field what is wrong, and are there again after a reload', async () => {
  const page = await visit('/settings/profile', { agent: it.lina, ...BERLIN });
  await page.getByRole('link', { name: 'Business hours' }).click();
  assert.equal(await page.getByLabel('Always open').isChecked(), true);
  assert.equal(await zone(page).count(), 0);
  await page.getByLabel('By hours').check();
  assert.equal(await zone(page).inputValue(), 'Europe / Berlin', 'the browser’s');
  assert.deepEqual(await times(day(page, 'Friday')), ['09:00', '18:00']);
  await day(page, 'Saturday').getByText('Closed').waitFor();

  const monday = day(page, 'Monday');
  await page.getByLabel('Monday, to').fill('12:00');
  await page.getByRole('button', { name: 'Add hours to Monday' }).click();
  await becomes(() => focused(page), 'Monday, no. 2, from', 'one goes on in the new hours');
  assert.deepEqual(await times(monday), ['09:00', '12:00', '13:00', '18:00']);
  await page.getByLabel('Monday, no. 2, from').fill('11:30');
  await page.getByLabel('Tuesday, to').fill('02:00');
  await page.getByRole('button', { name: 'Add a day' }).click();
  await becomes(() => focused(page), 'Date', 'and in the new day');
  await save(page);
  await monday.getByText('This overlaps with other hours of that day.').waitFor();
  await day(page, 'Tuesday').getByText('It must end after it begins.').waitFor();
  await page.getByText('Give a date.').waitFor();
  await becomes(() => focused(page), 'Monday, no. 2, from', 'the first wrong field');
  assert.equal(await page.locator('[aria-invalid]').count(), 5);
  await page.getByText('Complete the hours to see').waitFor();

  await page.getByLabel('Monday, no. 2, from').fill('13:30');
  await page.getByLabel('Tuesday, to').fill('00:00');
  await day(page, 'Tuesday').getByText('until the end of the day').waitFor();
  await page.getByLabel('Date').fill('2031-12-25');
  await day(page, 'Dec 25, 2031').getByText('Thursday').waitFor();
  await page.getByRole('button', { name: 'Add a day' }).click();
  await page.getByLabel('Date').nth(1).fill('2031-12-24');
  const eve = day(page, 'Dec 24, 2031');
  await eve.getByRole('switch', { name: 'Open' }).check();
  await page.getByLabel('Dec 24, 2031, to').fill('12:00');
  await day(page, 'Wednesday').getByRole('switch').uncheck();
  assert.equal(await page.locator('[aria-invalid]').count(), 0);
  await save(page);
  await toast(page, 'Saved.');
  const { hours } = it.world;
  assert.deepEqual(hours, {
    timezone: 'Europe/Berlin',
    weekly: [[span(9, 12), span(13.5, 18)], [span(9, 24)], [], [span(9, 18)], [span(9, 18)], [], []],
    exceptions: [{ date: '2031-12-25', spans: [] }, { date: '2031-12-24', spans: [span(9, 12)] }],
  });

  it.world.deskConfirms = false;
  await page.reload();
  await page.getByText('Saved. It takes effect within a few minutes.').waitFor();
  assert.deepEqual(await times(monday), ['09:00', '12:00', '13:30', '18:00']);
  assert.deepEqual(await times(day(page, 'Tuesday')), ['09:00', '00:00']);
  assert.equal(await page.getByLabel('Date').first().inputValue(), '2031-12-24', 'other days in order');
  it.world.deskConfirms = true;
  await page.getByLabel('Always open').check();
  await save(page);
  await becomes(() => it.world.hours, null, 'always open');
  await clean(page);
});

test('everything goes by keys: hours are removed, added and copied, and the focus is never lost', async () => {
  it.world.hours = { ...HOURS, weekly: week(span(9, 12), span(13, 18)) };
  const page = await visit('/settings/hours', BERLIN);
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await day(page, 'Monday').getByRole('switch').focus();
  await press('Tab');
  await becomes(() => focused(page), 'Monday, no. 1, from', 'the switch is before the times');
  await page.getByRole('button', { name: 'Remove 09:00 to 12:00 from Monday' }).focus();
  await press('Enter');
  await becomes(() => focused(page), 'Remove 13:00 to 18:00 from Monday', 'the next hours');
  await press('Enter');
  await becomes(() => page.evaluate(() => document.activeElement.role), 'switch', 'the closed day’s switch');
  await press('Space');
  await becomes(() => times(day(page, 'Monday')), ['09:00', '18:00'], 'usual hours');
  await page.getByLabel('Monday, to').fill('17:00');
  await page.getByRole('button', { name: 'Copy the hours of Monday' }).focus();
  await press('Enter');
  await page.getByRole('menuitem', { name: 'To Monday to Friday' }).waitFor();
  await becomes(() => focused(page), 'To Monday to Friday', 'the first of the menu');
  await press('Enter');
  await page.getByRole('status').getByText('The hours of Monday are copied to Monday to Friday.').waitFor();
  await becomes(() => focused(page), 'Copy the hours of Monday', 'back from the menu');
  assert.deepEqual([await times(day(page, 'Friday')), await times(day(page, 'Saturday'))], [['09:00', '17:00'], []]);
  await press('Enter');
  await page.getByRole('menuitem', { name: 'To every day' }).waitFor();
  await becomes(() => focused(page), 'To Monday to Friday', 'the first of the menu');
  await press('ArrowDown', 'Enter');
  await becomes(() => times(day(page, 'Sunday')), ['09:00', '17:00'], 'every day');
  await page.getByRole('button', { name: 'Remove Dec 25, 2031' }).focus();
  await press('Enter');
  await page.getByText('None yet.').waitFor();
  await becomes(async () => (await focused(page)).trim(), 'Add a day', 'no other day is left');
  await page.getByLabel('Sunday, to').focus();
  await press('Enter');
  await toast(page, 'Saved.');
  assert.deepEqual(it.world.hours, { timezone: 'Europe/Berlin', weekly: Array.from({ length: 7 }, () => [span(9, 17)]), exceptions: [] });
  await clean(page);
});

test('a time zone is found by typing, and its list is left without a trace', async () => {
  it.world.hours = HOURS;
  const page = await visit('/settings/hours', BERLIN);
  await zone(page).click();
  await page.locator('[role=option][aria-selected=true]').getByText('Europe / Berlin').waitFor();
  await zone(page).fill('new y');
  await page.getByRole('status').getByText('1 time zone', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('listbox').waitFor({ state: 'detached' });
  assert.equal(await zone(page).inputValue(), 'America / New York');
  await page.getByText(/^Eastern (Standard|Daylight) Time · GMT-[45]$/u).waitFor();
  await zone(page).fill('nowhere');
  await page.getByRole('option').getByText('No time zone is called that.').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await zone(page).inputValue(), 'America / New York');
  await zone(page).press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const active = await zone(page).getAttribute('aria-activedescendant');
  await page.locator(`[id="${active}"]`).click();
  assert.notEqual(await zone(page).inputValue(), 'America / New York', 'the one after it');
  await zone(page).fill('中国');
  await page.keyboard.press('Escape');
  await zone(page).fill('shanghai');
  await page.getByRole('option', { name: 'Asia / Shanghai' }).click();
  assert.equal(it.world.hours, HOURS, 'choosing is not saving');
  await save(page);
  await toast(page, 'Saved.');
  assert.equal(it.world.hours.timezone, 'Asia/Shanghai');
  await clean(page);
});

test('it says whether it is open now, and until when, by the fields as they stand', async () => {
  it.world.hours = HOURS;
  const page = await visit('/settings/profile', { timezoneId: 'Asia/Tokyo' });
  // The Friday before clocks go forward in Berlin: 17:30 there.
  await page.clock.setFixedTime(new Date('2031-03-28T16:30:00Z'));
  await page.goto(`${it.fake.url}/console/settings/hours`);
  const now = page.locator('.now');
  await now.getByText('Open now, until 6:00 PM.').waitFor();
  await now.getByText('It is Friday 5:30 PM there.').waitFor();
  await page.getByLabel('Friday, to').fill('17:00');
  await now.getByText('Closed now. It opens Monday 9:00 AM.').waitFor();
  await page.getByLabel('Friday, to').fill('00:00');
  await now.getByText('Open now, until Saturday 12:00 AM.').waitFor();
  await zone(page).fill('shanghai');
  await page.keyboard.press('Enter');
  await now.getByText('It is Saturday 12:30 AM there.').waitFor();
  await now.getByText('Closed now. It opens Monday 9:00 AM.').waitFor();
  await clean(page);
});

test('what the server refuses is said where it is, and the rest below', async () => {
  it.world.hours = HOURS;
  const page = await visit('/settings/hours', BERLIN);
  let answer;
  await page.route('**/api/v1/routing', async (route) => {
    if (route.request().method() !== 'PATCH') return route.fallback();
    const [status, more] = answer;
    return route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'x', status, ...more }) });
  });
  const refused = async (detail, text) => {
    answer = [400, { code: 'bad_request', field: 'hours', detail }];
    await save(page);
    await page.getByText(text).waitFor();
  };
  // What was not changed is not sent.
  await page.getByLabel('Monday, from').fill('08:00');
  await refused('timezone: not a time zone such as Europe/Berlin', 'The server does not know this time zone.');
  await becomes(() => zone(page).evaluate((element) => element === document.activeElement && element.ariaInvalid), 'true', 'the field has the focus');
  assert.equal(await page.locator('form [role=alert]').count(), 0, 'once is enough');
  await refused('weekly: each day at most 6 spans', 'The server refused the hours of a day');
  await becomes(() => focused(page), 'The server refused the hours of a day: at most 6 spans, one after the other.', 'it is read out');
  await refused('exceptions: at most 200 dates', 'The server refused the other days');
  answer = [409, { code: 'conflict' }];
  await save(page);
  await page.getByRole('alert').getByText('This exists already, or has changed in the meantime.').waitFor();
  assert.equal(await page.getByText('The server refused').count(), 0);
  await clean(page);
});

test('a team has hours of its own, or the workspace’s', async () => {
  it.world.hours = { ...HOURS, timezone: 'Asia/Tokyo' };
  const page = await visit('/settings/teams', BERLIN);
  const entry = page.locator(`li[data-team="${it.support.id}"]`);
  await entry.waitFor();
  assert.equal(await entry.getByText('Own hours').count(), 0);
  await editTeam(page, 'Support');
  assert.equal(await dialog(page).getByLabel('As the workspace').isChecked(), true);
  await dialog(page).getByLabel('Own hours').check();
  assert.equal(await zone(page).inputValue(), 'Asia / Tokyo', 'they begin with the workspace’s');
  await zone(page).fill('berl');
  await page.keyboard.press('Escape');
  await becomes(() => page.getByRole('listbox').count(), 0, 'Escape closes the list alone');
  await zone(page).fill('berl');
  await page.keyboard.press('Enter');
  await dialog(page).getByLabel('Monday, from').fill('18:00');
  await save(page);
  await dialog(page).getByText('It must end after it begins.').waitFor();
  await becomes(() => focused(page), 'Monday, from', 'the wrong field has the focus');
  await dialog(page).getByLabel('Monday, from').fill('08:00');
  await dialog(page).getByRole('button', { name: 'Copy the hours of Monday' }).click();
  await page.getByRole('menuitem', { name: 'To Monday to Friday' }).click();
  await becomes(() => times(day(page, 'Friday')), ['08:00', '18:00'], 'copied, and the dialog is still there');
  await dialog(page).getByLabel('Name').fill('');
  await save(page);
  await dialog(page).getByText('Give a name.').waitFor();
  assert.equal(await dialog(page).getByLabel('Monday, from').inputValue(), '08:00');
  await dialog(page).getByLabel('Name').fill('Support');
  await save(page);
  await toast(page, 'Saved.');
  assert.deepEqual(it.support.hours, { ...HOURS, weekly: week(span(8, 18)) });
  await entry.getByText('Own hours').waitFor();

  await page.reload();
  await entry.waitFor();
  await editTeam(page, 'Support');
  assert.deepEqual(await times(day(page, 'Monday')), ['08:00', '18:00']);
  // The zone is unknown to the server by now, say.
  await page.route('**/api/v1/teams/*', (route) =>
    route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify({ status: 400, code: 'bad_request', field: 'hours', detail: 'timezone: not a time zone' }) }));
  // What was not changed is not sent.
  await dialog(page).getByLabel('Monday, from').fill('09:00');
  await save(page);
  await dialog(page).getByText('The server does not know this time zone.').waitFor();
  await becomes(() => zone(page).evaluate((element) => element === document.activeElement), true, 'the field has the focus');
  await page.unroute('**/api/v1/teams/*');
  // A colleague has saved others meanwhile: theirs can be had, and one's own goes in their place only where that is said.
  const theirs = { ...it.support.hours, weekly: week(span(10, 12)) };
  it.support.hours = theirs;
  await save(page);
  await dialog(page).getByRole('button', { name: 'Load theirs instead' }).click();
  await becomes(() => times(day(page, 'Monday')), ['10:00', '12:00'], 'theirs');
  it.support.hours = HOURS;
  await dialog(page).getByLabel('As the workspace').check();
  await save(page);
  await dialog(page).getByText('Somebody else has saved this meanwhile.').waitFor();
  assert.deepEqual(it.support.hours, HOURS);
  await dialog(page).getByRole('button', { name: 'Save mine anyway' }).click();
  await becomes(() => it.support.hours, null, 'the workspace’s again');
  await clean(page);
});

test('where the server has no hours, nothing of them is shown', async () => {
  it.world.isOlder = true;
  const page = await visit('/settings/teams');
  const asked = page.waitForResponse('**/api/v1/routing');
  await page.reload();
  await asked;
  await page.getByRole('button', { name: 'New team' }).click();
  await dialog(page).getByLabel('Name').waitFor();
  assert.equal(await dialog(page).getByText('Business hours').count(), 0);
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Routing' }).click();
  await page.getByLabel('Best match').check();
  assert.equal(await page.getByRole('link', { name: 'Business hours' }).count(), 0);
  await page.goto(`${it.fake.url}/console/settings/hours`);
  await page.getByText('This server is older than the console').waitFor();
  await clean(page);
});

test('a site has hours of its own, begun with the workspace’s, or goes by its team', async () => {
  it.world.hours = HOURS;
  const page = await visit('/settings/sites', { agent: it.lina, ...BERLIN });
  const edit = async () => {
    await page.getByRole('button', { name: /^(Edit|Change)/ }).first().click();
    await dialog(page).getByLabel('Name').waitFor();
  };
  await edit();
  await dialog(page).getByLabel('As its team or the workspace').waitFor();
  await dialog(page).getByLabel('Own hours').check();
  assert.equal(await zone(page).inputValue(), 'Europe / Berlin');
  await dialog(page).getByLabel('Monday, to').fill('08:00');
  await save(page);
  await dialog(page).locator('[data-day="0"] .error').waitFor();
  assert.equal(it.world.sites[0].hours, undefined, 'nothing is saved');
  await dialog(page).getByLabel('Monday, to').fill('20:00');
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/console-site-hours.png` });
  assert.deepEqual(await findings(page), []);
  await save(page);
  await dialog(page).waitFor({ state: 'detached' });
  assert.deepEqual(it.world.sites[0].hours.weekly[0], [span(9, 20)]);
  await page.reload();
  await edit();
  assert.equal(await dialog(page).getByLabel('Own hours').isChecked(), true);
  await dialog(page).getByLabel('As its team or the workspace').check();
  await save(page);
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(it.world.sites[0].hours, null);
  await clean(page);
});

test('an agent has no page of hours', async () => {
  const page = await visit('/settings/hours', { agent: it.tom });
  await page.waitForURL((url) => url.pathname.endsWith('/settings/profile'));
  assert.equal(await page.getByRole('link', { name: 'Business hours' }).count(), 0);
  await clean(page);
});

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
for (const [name, look] of Object.entries({ 'light, English': {}, 'dark, Chinese, phone': { colorScheme: 'dark', locale: 'zh-CN', ...PHONE } })) {
  test(`axe finds nothing, and nothing is wider than the screen: ${name}`, async () => {
    it.world.hours = { ...HOURS, weekly: [[span(9, 12), span(13, 24)], ...HOURS.weekly.slice(1)] };
    it.support.hours = it.world.hours;
    const page = await visit('/settings/hours', { ...BERLIN, reducedMotion: 'reduce', ...look });
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('.page-body, .dialog')].every((one) => one.scrollWidth <= one.clientWidth));
    await page.locator('.week').waitFor();
    assert.deepEqual([await findings(page), await fits()], [[], true]);
    await page.locator('[data-day="0"] input[type=time]').nth(1).fill('08:00');
    await page.locator('.exceptions .add').click();
    await page.locator('form .button.primary').last().click();
    await page.locator('[data-day="0"] .error').waitFor();
    await page.getByRole('combobox').click();
    await page.getByRole('listbox').waitFor();
    assert.deepEqual([await findings(page), await fits()], [[], true]);
    await page.goto(`${it.fake.url}/console/settings/teams`);
    await page.locator(`li[data-team="${it.support.id}"] .icon-button`).click();
    await page.getByRole('menuitem').first().click();
    await page.locator('.dialog .week').waitFor();
    assert.deepEqual([await findings(page), await fits()], [[], true]);
    await clean(page);
  });
}
