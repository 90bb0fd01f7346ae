// A machine that people share: whoever the site has proven has a conversation of their own, and gets it back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './browser.mjs';
import { bubbles, field, holds, it, MEI, open, panel, say, stage, visit, visitor } from './widget-fixture.mjs';

stage();

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** As a site's server would sign it, but for the signature: the double believes it. */
const signed = (sub) => `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub, aud: 'bellhop/identity', n: Math.random() })}.x`;
const identify = (page, given) => page.evaluate((given) => window.Bellhop('identify', given), given);
const log = (text) => [...it.server.rooms.values()].find((room) => room.log.some((one) => one.text === text))?.log.map((one) => one.text);

test('what was written before signing in goes along; nobody else who signs in, or out, sees it', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'who am I?');
  await until(() => log('who am I?'), 'it arrives');
  await identify(page, { token: signed('ada'), attributes: { plan: 'pro' } });
  await field(page).waitFor();
  await holds(page, ['who am I?']);
  await say(page, 'Ada I am');
  await until(() => log('Ada I am')?.length === 2, 'in the same conversation');

  await identify(page, { token: signed('Björn 李') });
  await field(page).waitFor();
  await holds(page, []);
  await say(page, 'I am Björn');
  await until(() => log('I am Björn')?.length === 1, 'in another one');

  await identify(page, {});
  await field(page).waitFor();
  await holds(page, []);
  await say(page, 'and I am nobody');
  await until(() => log('and I am nobody')?.length === 1, 'in a third one');

  await field(page).focus();
  await identify(page, { token: signed('ada') });
  await field(page).waitFor();
  await holds(page, ['who am I?', 'Ada I am']);
  assert.equal(await field(page).evaluate((node) => node.getRootNode().activeElement === node), true, 'the focus goes along');
  assert.equal(it.server.rooms.size, 3);
  assert.deepEqual(page.problems, []);
});

test('the next page knows whose conversation it is, also when it says so late, and a fresh token disturbs nothing', async () => {
  const context = await visitor();
  const page = await visit(context);
  await identify(page, { token: signed('ada') });
  await open(page);
  await say(page, 'hello');
  await until(() => log('hello'), 'it arrives');
  await page.evaluate(() => window.Bellhop('close'));
  await page.reload();
  await identify(page, { token: signed('ada') });
  await until(() => it.server.room.sockets.size === 1, 'connected without being opened');
  it.server.room.says(MEI, 'welcome back');
  await page.locator('.badge', { hasText: '1' }).waitFor();
  const asked = it.server.asked('/v1/session').length;
  await identify(page, { token: signed('ada') });
  await open(page);
  await holds(page, ['hello', 'welcome back']);
  assert.equal(it.server.asked('/v1/session').length, asked);
  assert.equal(await panel(page).count(), 1, 'there is one panel, not one for each visitor');
});

test('a message that was not sent yet stays with whoever wrote it', async () => {
  const page = await visit(await visitor());
  await identify(page, { token: signed('ada') });
  await open(page);
  await say(page, 'first');
  await until(() => log('first'), 'it arrives');
  it.server.cut();
  await say(page, 'for Ada alone');
  await identify(page, { token: signed('bo') });
  await field(page).waitFor();
  assert.equal(await bubbles(page, '.own').count(), 0);
  it.server.up();
  await say(page, 'Bo here');
  await until(() => log('Bo here'), 'it arrives');
  assert.deepEqual(log('Bo here'), ['Bo here']);
  await identify(page, { token: signed('ada') });
  await until(() => log('first')?.length === 2, 'sent when Ada is back');
});

test('a reset forgets the proven visitor’s conversation here, and is nobody from then on', async () => {
  const page = await visit(await visitor());
  await identify(page, { token: signed('ada') });
  await open(page);
  await say(page, 'hello');
  await until(() => log('hello'), 'it arrives');
  await page.evaluate(() => window.Bellhop('reset'));
  await holds(page, []);
  await say(page, 'who is it?');
  await until(() => log('who is it?')?.length === 1, 'another conversation');
  await identify(page, { token: signed('ada') });
  await field(page).waitFor();
  await holds(page, []);
});

test('a reset forgets what was written here before, between two times of being proven, as well', async () => {
  const page = await visit(await visitor());
  await identify(page, { token: signed('ada') });
  await open(page);
  await say(page, 'hello');
  await until(() => log('hello'), 'it arrives');
  await identify(page, {});
  await field(page).waitFor();
  await say(page, 'not signed in');
  await until(() => log('not signed in')?.length === 1, 'in another one');
  await identify(page, { token: signed('ada') });
  await holds(page, ['hello']);
  await page.evaluate(() => window.Bellhop('reset'));
  await holds(page, []);
  await page.evaluate(() => window.Bellhop('close'));
  await page.reload();
  await open(page);
  await holds(page, []);
  await say(page, 'somebody else');
  await until(() => log('somebody else')?.length === 1, 'in a third one');
  assert.deepEqual(page.problems, []);
});
