// Closing time arrives by the clock, on the real server, in real browsers: whoever is served stays, who waits is asked for an
// address, who comes finds the form; and the agent finds both in the follow-up, and answers one of them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Agent, world } from '../e2e/lib/world.mjs';
import { launch, until } from './browser.mjs';
import { becomes, clean, heard, offer, open, openWidget, panel, profile, reply, row, seen, signIn, turn, write } from './story-pages.mjs';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const form = (page) => panel(page).locator('.away form');
const date = (at) => new Date(at).toISOString().slice(0, 10);

/** Open until the next full minute that is far enough away to look around, and the day after tomorrow again. */
function closesSoon() {
  const at = Math.ceil((Date.now() + 10_000) / MINUTE) * MINUTE;
  const today = Math.floor((at - 1) / DAY) * DAY;
  const weekly = Array.from({ length: 7 }, () => [{ from: 0, to: 1440 }]);
  const until = { date: date(today), spans: [{ from: 0, to: (at - today) / MINUTE }] };
  return { at, hours: { timezone: 'Etc/UTC', weekly, exceptions: [until, { date: date(today + DAY), spans: [] }] } };
}

/** An address is left, with a message where none was written before. */
async function leaveAddress(page, email, text) {
  await form(page).waitFor();
  await form(page).locator('.why').getByText(/^We are closed until/).waitFor();
  await form(page).locator('[type=email]').fill(email);
  if (text) await form(page).locator('textarea').fill(text);
  await form(page).locator('.primary').click();
  await panel(page).locator('.away .why[tabindex]').getByText(/^Thanks\./).waitFor();
}

test('closing time arrives: one visitor goes on, one who waits leaves an address, one comes too late', async (t) => {
  const it = await world(t);
  const [mei, tom] = it.people.agents;
  const owner = await Agent.signIn(it, it.people.owner);
  await owner.call('PATCH', '/routing', { method: 'best_match', capacity: 1, ring_seconds: 300 });
  const meis = await signIn(await profile(t, browser), it.url, mei);
  await meis.getByText('Live', { exact: true }).waitFor();
  const toms = await signIn(await profile(t, browser), it.url, tom);
  await turn(toms, 'Away');

  const shop = async () => open(await profile(t, browser), `${it.url}/`);
  const served = await shop();
  await openWidget(served);
  await write(served, 'Is this lamp made of brass?');
  await offer(meis, 'Is this lamp made of brass?').getByRole('button', { name: 'Accept' }).click();
  await reply(meis, 'It is.');
  await becomes(() => heard(served), ['Is this lamp made of brass?', 'It is.'], 'the answer');
  const waiting = await shop();
  await openWidget(waiting);
  await write(waiting, 'Do you ship to Vienna?');
  await panel(waiting).getByText('You are next.').waitFor();

  const { at, hours } = closesSoon();
  assert.equal((await owner.call('PATCH', '/routing', { hours })).json.live, true);
  // Before the time nothing has changed, for nobody.
  const late = await shop();
  await openWidget(late);
  await panel(late).getByRole('button', { name: 'Close' }).first().click();
  assert.deepEqual([await form(waiting).count(), await form(late).count(), await form(served).count()], [0, 0, 0]);
  await until(() => Date.now() >= at, 'closing time', 2 * MINUTE);

  await leaveAddress(waiting, 'wei@shop.example');
  await late.locator('.launcher').click();
  await leaveAddress(late, 'lei@shop.example', 'Can I return it?');
  // Whoever is served is, as before.
  await write(served, 'Thank you!');
  await becomes(() => seen(meis), ['Is this lamp made of brass?', 'It is.', 'Thank you!'], 'the word after closing time');
  await reply(meis, 'You are welcome.');
  await becomes(() => heard(served), ['Is this lamp made of brass?', 'It is.', 'Thank you!', 'You are welcome.'], 'the last word');
  assert.equal(await form(served).count(), 0);

  // Nothing rings for what was left; it is followed up by whoever takes it.
  await turn(toms, 'Online');
  await toms.getByRole('navigation', { name: 'Whose conversations' }).getByRole('link', { name: /^Follow up/ }).click();
  await becomes(() => toms.locator('a.row').count(), 2, 'both are there');
  assert.equal(await toms.locator('.offer').count(), 0);
  await row(toms).getByText('wei@shop.example').waitFor();
  await row(toms).click();
  await toms.getByRole('button', { name: /^Who has this/ }).click();
  await toms.getByRole('menuitem', { name: /Take/ }).click();
  await reply(toms, 'We do, from next week.');
  await becomes(() => heard(waiting), ['Do you ship to Vienna?', 'We do, from next week.'], 'whoever still looks reads it');
  for (const page of [served, waiting, late, meis, toms]) await clean(page);
});
