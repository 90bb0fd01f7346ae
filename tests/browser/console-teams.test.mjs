// Teams where agents meet them: a conversation is handed to one, waits in its queue, and is seen there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { becomes, clean, dialog, it, row, rows, stage, visit, visitRoom } from './console-fixture.mjs';
import { addTeam } from './fake/teams.mjs';

stage();

async function askToTransfer(page) {
  await page.getByRole('button', { name: /^Who has this/ }).click();
  await page.getByRole('menuitem', { name: 'Transfer…' }).click();
  await dialog(page).getByRole('radio').first().waitFor();
}

test('a conversation is handed to a team with a private reason, and waits there for nobody in particular', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  await askToTransfer(page);
  const agents = dialog(page).getByRole('group', { name: 'Agents' });
  const teams = dialog(page).getByRole('group', { name: 'Teams' });
  assert.deepEqual([await agents.getByRole('radio').count(), await teams.getByRole('radio').count()], [2, 2]);
  await teams.getByText('1 online').waitFor();
  await teams.getByLabel('Support').check();
  await dialog(page).getByLabel('Reason').fill('About an invoice');
  await dialog(page).getByRole('button', { name: 'Transfer' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  await page.locator('.activity', { hasText: 'Mei Lindqvist gave the conversation to the team Support: “About an invoice”' }).waitFor();
  await page.getByRole('button', { name: 'Who has this conversation: Unassigned' }).waitFor();
  await page.locator('header.head').getByText('Support').waitFor();
  assert.deepEqual([it.ada.team, it.ada.state.assignee], [it.support.id, undefined]);
  assert.ok(!JSON.stringify(it.ada.messages).includes('invoice'), 'the visitor hears of no reason');
  // It waits in that queue already.
  await askToTransfer(page);
  assert.equal(await dialog(page).getByLabel('Support').count(), 0);
  await clean(page);
});

test('among many receivers one searches, by keys alone', async () => {
  for (let i = 1; i <= 6; i++) addTeam(it.world, `Region ${i}`, { members: [it.tom.id] });
  const page = await visitRoom(it.ada, { view: 'mine' });
  await askToTransfer(page);
  const search = dialog(page).getByRole('searchbox', { name: 'Find an agent or a team' });
  await becomes(() => search.evaluate((element) => element === document.activeElement), true, 'the search has the focus');
  await page.keyboard.type('zzz');
  await dialog(page).getByText('Nobody is called that.').waitFor();
  await search.fill('region 4');
  await dialog(page).getByRole('status').getByText('1 choice', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Space');
  assert.equal(await dialog(page).getByLabel('Region 4').isChecked(), true);
  // While an input method composes a word, Enter and the arrows are its own.
  const stolen = (init) => search.evaluate((element, given) => !element.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...given })), init);
  for (const key of ['Enter', 'ArrowDown']) {
    assert.deepEqual([await stolen({ key, isComposing: true }), await stolen({ key, keyCode: 229 }), await stolen({ key })], [false, false, true], key);
  }
  // What is chosen stays in sight, whatever is searched for.
  await search.fill('tom');
  await dialog(page).getByLabel('Tom Okafor').waitFor();
  assert.equal(await dialog(page).getByLabel('Region 4').isChecked(), true);
  await dialog(page).getByRole('button', { name: 'Transfer' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(it.world.teams.find(({ id }) => id === it.ada.team).name, 'Region 4');
  await clean(page);
});

test('who neither has nor manages a conversation does not move it', async () => {
  const page = await visitRoom(it.ada, { agent: it.tom });
  await page.getByRole('button', { name: /^Who has this/ }).click();
  assert.equal(await page.getByRole('menuitem', { name: 'Transfer…' }).getAttribute('aria-disabled'), 'true');
  await clean(page);
});

/** Somebody turns to the page so much later. */
const turnTo = (page, ms) => page.evaluate((ahead) => {
  const { now } = Date;
  Date.now = () => now() + ahead;
  document.dispatchEvent(new Event('visibilitychange'));
}, ms);

test('who comes into a team, or may do more, is called and served so after a cut, or when the page is looked at again', async () => {
  const page = await visit('/inbox/mine', { agent: it.tom });
  await page.getByText('Live', { exact: true }).waitFor();
  const count = async () => Number(/\((\d+)\)/u.exec(await page.title())?.[1] ?? 0);
  await row(page, it.omar).waitFor();
  const before = await count();
  const board = page.locator('nav.rail').getByRole('link', { name: 'Board' });
  assert.equal(await board.count(), 0);
  it.chinese.members = [it.lina.id, it.tom.id];
  it.tom.role = 'admin';
  it.fake.cut();
  await board.waitFor();
  await becomes(async () => (await count()) > before, true, 'the other team’s queue counts');
  const after = await count();
  // The line has held all the time; somebody turns to the page after some minutes.
  it.chinese.members = [it.lina.id];
  await turnTo(page, 60_000);
  await page.getByText('Live', { exact: true }).waitFor();
  assert.equal(await count(), after, 'not at every look');
  await turnTo(page, 6 * 60_000);
  await becomes(count, before, 'no more');
  await clean(page);
});

test('a team that another manager has just created is named as soon as a conversation is its', async () => {
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  const late = addTeam(it.world, 'Night shift');
  it.bo.giveToTeam(late, { kind: 2, id: it.lina.id, name: it.lina.name }, '');
  await page.locator('header.head').getByText('Night shift').waitFor();
  await clean(page);
});

test('where a second site is created, sites are named as soon as a conversation is on it, and as they are called now', async () => {
  it.world.sites = [it.shop];
  for (const room of it.world.rooms.values()) room.site = it.shop.id;
  const page = await visit('/inbox/unassigned', { agent: it.tom });
  const place = (room) => row(page, room).locator('.place').allInnerTexts();
  await row(page, it.bo).waitFor();
  assert.deepEqual(await place(it.bo), [], 'there is no other');
  const outlet = it.world.addSite('Northwind outlet');
  const zoe = it.world.addRoom('Zoe', { site: outlet.id });
  zoe.visitorSays('New here');
  await becomes(() => place(zoe), ['Northwind outlet']);
  await becomes(() => place(it.bo), ['Northwind shop']);
  outlet.name = 'Bargains';
  await turnTo(page, 6 * 60_000);
  await becomes(() => place(zoe), ['Bargains'], 'it is called otherwise meanwhile');
  // The one question of the start fails.
  let fails = true;
  await page.route('**/api/v1/sites', (route) => (fails ? route.abort() : route.continue()));
  await page.reload();
  await row(page, zoe).waitFor();
  assert.deepEqual(await place(zoe), []);
  fails = false;
  await turnTo(page, 6 * 60_000);
  await becomes(() => place(zoe), ['Bargains'], 'it is asked for again');
  await clean(page);
});

test('a team has a view of its own with an address: its queue first, then what somebody has', async () => {
  const page = await visit('/inbox/mine');
  await page.getByRole('button', { name: 'Teams' }).click();
  const queue = [...it.world.rooms.values()].filter((room) => room.team === it.chinese.id && room.state.status === 2);
  const nobodys = queue.filter((room) => !room.state.assignee).sort((a, b) => a.queuedAt - b.queuedAt);
  const taken = queue.filter((room) => room.state.assignee);
  assert.ok(nobodys.length > 0 && taken.length > 0, 'the story has both');
  const { length } = nobodys;
  const item = page.getByRole('menuitemradio', { name: `中文客服 ${length} unassigned` });
  await item.click();
  await page.waitForURL((url) => url.pathname.endsWith(`/inbox/${it.chinese.id}`));
  await page.locator('.list').getByText(`${length} unassigned of ${queue.length} open`).waitFor();
  const shown = () => rows(page).evaluateAll((all) => all.map((one) => one.dataset.conversation));
  const first = (await shown()).slice(0, length);
  assert.deepEqual(first, nobodys.map(({ id }) => id));
  assert.deepEqual((await shown()).slice(length).sort(), taken.map(({ id }) => id).sort());
  await page.reload();
  await row(page, it.chen).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Team: 中文客服' }).count(), 1);
  // The longest wait is taken: it follows what nobody has.
  it.world.desk.world.rooms.get(first[0]).assign({ kind: 2, id: it.tom.id, name: it.tom.name });
  await page.locator('.list').getByText(`${length - 1} unassigned of ${queue.length} open`).waitFor();
  assert.ok((await shown()).indexOf(first[0]) >= length - 1);
  it.bo.giveToTeam(it.chinese, { kind: 2, id: it.lina.id, name: it.lina.name }, '');
  await row(page, it.bo).waitFor();
  // What leaves the team leaves its view.
  it.bo.giveToTeam(it.support, { kind: 2, id: it.lina.id, name: it.lina.name }, '');
  await row(page, it.bo).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Status: Open' }).click();
  assert.equal(await page.getByRole('menuitemradio', { name: 'Resolved' }).count(), 0, 'only the Desk knows whose a conversation is');
  await clean(page);
});

test('what nobody has names its team quietly, however long that is called, and calls only who may take it', async () => {
  const page = await visit('/inbox/unassigned');
  const team = (room) => row(page, room).locator('.facts').getByText('Team: ');
  await team(it.chen).waitFor();
  assert.equal(await team(it.chen).textContent(), 'Team: 中文客服');
  assert.equal(await team(it.bo).count(), 0, 'everybody’s');
  const long = addTeam(it.world, 'Returns, warranties and everything that has to be sent back');
  it.bo.giveToTeam(long, { kind: 2, id: it.lina.id, name: it.lina.name }, '');
  await team(it.bo).waitFor();
  const [inner, outer] = await row(page, it.bo).evaluate((one) => [one.querySelector('.team'), one.querySelector('.facts')].map((element) => element.getBoundingClientRect().toJSON()));
  assert.ok(inner.right <= outer.right + 0.5 && inner.width > 40 && inner.width <= outer.width / 2 + 0.5, JSON.stringify([inner, outer]));
  await page.locator('nav.views a', { hasText: 'All' }).click();
  await row(page, it.bo).getByText('Unassigned').waitFor();
  assert.equal(await team(it.bo).count(), 0);
  // Mei is in neither team: of what nobody has only everybody's is counted, and what is Support's.
  await becomes(() => page.title(), '(9) Bellhop console', 'the count');
  it.bo.giveToTeam(it.support, { kind: 2, id: it.lina.id, name: it.lina.name }, '');
  await becomes(() => page.title(), '(11) Bellhop console', 'two of his in Support');
  await clean(page);
});

test('a team’s view that comes from elsewhere says when it is empty, and when there is no such team', async () => {
  const page = await visit('/inbox/all');
  await rows(page).first().waitFor();
  await page.getByRole('button', { name: 'Status: Open' }).click();
  await page.getByRole('menuitemradio', { name: 'Resolved' }).click();
  await row(page, it.done).waitFor();
  await page.getByRole('button', { name: 'Teams' }).click();
  await page.getByRole('menuitemradio', { name: 'Support' }).click();
  await page.getByText('Nothing waits in this team').waitFor();
  await page.getByRole('button', { name: 'Status: Open' }).waitFor();
  await page.goto(`${it.fake.url}/console/inbox/team_nowhere`);
  await page.getByText('This team does not exist').waitFor();
  await page.locator('.empty').getByRole('link', { name: 'All' }).click();
  await rows(page).first().waitFor();
  await clean(page);
});

test('a server of before teams is served as before', async () => {
  it.world.isOlder = true;
  const page = await visitRoom(it.ada, { view: 'mine' });
  await askToTransfer(page);
  assert.equal(await dialog(page).getByRole('group', { name: 'Teams' }).count(), 0);
  await dialog(page).getByLabel('Tom Okafor').check();
  await dialog(page).getByRole('button', { name: 'Transfer' }).click();
  await becomes(() => it.ada.state.assignee.id, it.tom.id, 'transferred');
  assert.equal(await page.getByRole('button', { name: 'Teams' }).count(), 0);
  await clean(page);
});
