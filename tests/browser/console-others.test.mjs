// No two agents answer one conversation at once without knowing: each sees who else is there and who writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { becomes, clean, field, it, openPage, opened, stage, visit, visitRoom } from './console-fixture.mjs';

stage();

const others = async (page) => (await page.locator('.others').innerText()).replace(/\s+/gu, ' ').trim();
const say = (page, wanted, what) => becomes(() => others(page), wanted, what);
/** The same while `writer` goes on writing: who has paused for six seconds writes no more. */
const sayWhile = (writer, page, wanted, what) => becomes(async () => (await field(writer).press('e'), others(page)), wanted, what);

test('two agents at one conversation see each other, and which of them writes', async () => {
  const mei = await visitRoom(it.bo, { view: 'unassigned' });
  await say(mei, '', 'alone');
  const tom = await visitRoom(it.bo, { view: 'unassigned', agent: it.tom });
  await say(mei, 'Tom Okafor is also here', 'both');
  await say(tom, 'Mei Lindqvist is also here', 'both, the other way');
  const lina = await visitRoom(it.bo, { view: 'unassigned', agent: it.lina, locale: 'zh-CN' });
  await say(mei, 'Tom Okafor and 李娜 are also here', 'three');
  await say(lina, 'Mei Lindqvist和Tom Okafor 也在查看此会话', 'in Chinese');
  await sayWhile(tom, mei, 'Tom Okafor is writing… 李娜 is also here', 'one writes');
  assert.equal(await mei.locator('.others').getAttribute('role'), 'status');
  await say(tom, 'Mei Lindqvist and 李娜 are also here', 'nobody is told of themselves');
  await field(tom).fill('');
  await say(mei, 'Tom Okafor and 李娜 are also here', 'not any more');
  await tom.goto(`${it.fake.url}/console/inbox/mine`);
  await say(mei, '李娜 is also here', 'gone');
  for (const page of [mei, tom, lina]) await clean(page);
});

test('one’s own windows are nobody else', async () => {
  const first = await visitRoom(it.bo, { view: 'unassigned' });
  const second = await opened(await openPage(first.context(), `/inbox/unassigned/${it.bo.id}`));
  await becomes(() => it.bo.sockets.size, 2, 'both windows are there');
  await field(second).pressSequentially('Yes');
  // What comes after it on the same line shows that the window has heard of it.
  it.bo.visitorSays('still there?');
  await first.locator('article.message', { hasText: 'still there?' }).waitFor();
  assert.equal(await others(first), '');
  for (const page of [first, second]) await clean(page);
});

test('whoever has the conversation is no news while they only have it, and is while they write', async () => {
  const mei = await visit('/inbox/mine');
  await becomes(() => [...it.ada.sockets.values()].map(({ id }) => id), [it.mei.id], 'her console holds it, on the list alone');
  const tom = await visitRoom(it.ada, { agent: it.tom });
  assert.equal(await others(tom), '');
  await mei.goto(`${it.fake.url}/console/inbox/mine/${it.ada.id}`);
  await opened(mei);
  await say(mei, 'Tom Okafor is also here', 'the holder hears of a guest');
  await sayWhile(mei, tom, 'Mei Lindqvist is writing…', 'now');
  for (const page of [mei, tom]) await clean(page);
});

test('nobody is said to be there while the line is cut', async () => {
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  const tom = await visitRoom(it.bo, { view: 'unassigned', agent: it.tom });
  await say(page, 'Tom Okafor is also here', 'both');
  it.fake.setLine('down');
  await page.locator('.banner').waitFor();
  await say(page, '', 'nobody knows');
  it.fake.setLine('up');
  await say(page, 'Tom Okafor is also here', 'both again');
  for (const one of [page, tom]) await clean(one);
});
