// The live board: what managers see of the lines and of the agents, as it changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { becomes, clean, it, row, stage, visit } from './console-fixture.mjs';
import { who } from './fake/room.mjs';

stage();

const cells = (page, line) => page.locator(`tr[data-line="${line}"] td`).allInnerTexts();
const sum = (page, name) => page.locator(`[data-sum=${name}] dd`).innerText();
const agent = async (page, one) => (await page.locator(`tr[data-agent="${one.id}"] td`).allInnerTexts()).map((text) => text.replace(/\s+/gu, ' ').trim());

test('the board counts each line and each agent, and follows what happens without a question', async () => {
  const times = { count: 3, medianMs: 41_250, p90Ms: 125_000 };
  it.world.answers = { all: { team: '', ...times }, lines: [{ team: it.chinese.id, ...times }] };
  const page = await visit('/inbox/mine');
  await page.getByRole('link', { name: 'Board' }).click();
  await page.getByRole('heading', { name: 'Live board' }).waitFor();
  const open = () => [...it.world.rooms.values()].filter((room) => room.state.status === 2);
  const waiting = () => open().filter((room) => room.queuedAt > 0);
  const of = (rooms, team) => rooms.filter((room) => room.team === team).length;
  await becomes(() => sum(page, 'waiting'), String(waiting().length), 'who waits');
  assert.equal(await sum(page, 'open'), String(open().length));
  assert.equal(await sum(page, 'online'), '1');
  assert.deepEqual([await sum(page, 'median'), await sum(page, 'p90')], ['41 s', '2 min 5 s']);
  const [count, wait, median, p90, opened, online] = await cells(page, it.chinese.id);
  assert.deepEqual([median, p90], ['41 s', '2 min 5 s']);
  assert.deepEqual([count, opened, online], [String(of(waiting(), it.chinese.id)), String(of(open(), it.chinese.id)), '0']);
  assert.match(wait, /^\d+ min$/u);
  assert.equal((await agent(page, it.mei))[0], 'Online');

  // Nothing of this is asked for again.
  const asked = [];
  page.on('request', (request) => request.url().includes('/api/') && asked.push(request.url()));
  it.bo.giveToTeam(it.support, who(it.lina), '');
  await becomes(() => cells(page, it.support.id).then(([waits, , , , all]) => [waits, all]), ['1', '1'], 'a transfer');
  const before = Number((await agent(page, it.mei)).at(-1));
  it.world.desk.ring(it.chen, it.mei, 300);
  await becomes(async () => (await agent(page, it.mei)).at(-1), `1 1 ringing ${before}`, 'it rings');
  await page.locator('.offer').getByRole('button', { name: 'Decline' }).click();
  await becomes(async () => (await agent(page, it.mei)).at(-1), String(before), 'declined');
  it.chen.assign(who(it.tom));
  await becomes(() => cells(page, it.chinese.id).then(([waits, since]) => [waits, since]), ['0', '–'], 'taken');
  const lina = await visit('/inbox/mine', { agent: it.lina });
  await becomes(() => sum(page, 'online'), '2', 'somebody comes');
  assert.equal((await cells(page, it.chinese.id)).at(-1), '1');
  assert.deepEqual(asked, []);

  await page.locator(`tr[data-line="${it.support.id}"]`).getByRole('link', { name: 'Support' }).click();
  await row(page, it.bo).waitFor();
  for (const one of [page, lina]) await clean(one);
});

test('without teams the board is about agents; an agent who manages nothing has none', async () => {
  it.world.isOlder = true;
  const page = await visit('/board');
  await page.getByRole('table', { name: 'Agents' }).waitFor();
  assert.equal(await page.getByRole('table').count(), 1);
  const theirs = await visit('/board', { agent: it.tom });
  await theirs.waitForURL((url) => url.pathname.endsWith('/settings/profile'));
  assert.equal(await theirs.getByRole('link', { name: 'Board' }).count(), 0);
  for (const one of [page, theirs]) await clean(one);
});
