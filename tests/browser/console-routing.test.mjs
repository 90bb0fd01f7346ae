// The queue of what nobody has, what rings at others, and the settings that say who is given what.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clean, it, row, rows, stage, visit } from './console-fixture.mjs';

stage();

const toast = (page, text) => page.locator('.toast', { hasText: text });

/** A page of an owner's that is live. */
async function ready(path, options) {
  const page = await visit(path, options);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}

test('what nobody has is a queue: the longest wait first, with its time; what rings shows at whom', async () => {
  const minutes = (n) => Date.now() - n * 60_000;
  // Released a while ago: nobody waits for an answer, but for an agent.
  const back = it.world.addRoom('Vera', { site: it.shop.id, createdAt: minutes(125) });
  back.visitorSays('Thanks, until then', minutes(125));
  back.agentSays(it.tom, 'Tomorrow!', minutes(124));
  const page = await ready('/inbox/unassigned');
  await row(page, back).getByText('waiting 2 h').waitFor();
  const shown = () => rows(page).evaluateAll((all) => all.map((one) => one.dataset.conversation));
  const queue = [...it.world.rooms.values()].filter((room) => room.queuedAt && !room.state.assignee).sort((a, b) => a.queuedAt - b.queuedAt);
  assert.deepEqual(await shown(), queue.map(({ id }) => id));
  it.world.desk.ring(back, it.tom, 200);
  await row(page, back).waitFor({ state: 'detached' });
  await page.locator('nav.views a', { hasText: 'All' }).click();
  assert.equal(await row(page, back).locator('.ring').getAttribute('title'), 'Ringing for Tom Okafor');
  await row(page, back).locator('.ring').getByText('Tom Okafor', { exact: true }).waitFor();
  it.world.desk.ring(it.chen, it.mei, 200);
  await page.locator('nav.views a', { hasText: 'Mine' }).click();
  await row(page, it.chen).locator('.ring').getByText('Ringing', { exact: true }).waitFor();
  await page.locator('.offer').getByRole('button', { name: 'Accept' }).click();
  await row(page, it.chen).locator('.ring').waitFor({ state: 'detached' });
  await clean(page);
});

test('routing is set by owners and administrators, and says what is wrong and whether it counts yet', async () => {
  const page = await ready('/settings/profile', { agent: it.lina });
  await page.getByRole('link', { name: 'Routing' }).click();
  const { routing } = it.world;
  assert.equal(await page.getByLabel('Whoever takes it').isChecked(), true);
  assert.equal(await page.getByLabel('Weight of free room').count(), 0);
  await page.getByLabel('Best match').check();
  await page.getByLabel('Weight of free room').fill('0');
  await page.getByLabel('Weight of time').fill('0');
  await page.getByLabel('Weight of the visitor’s language').fill('0');
  await page.getByLabel('Weight of the skill').fill('0');
  await page.getByLabel('Conversations at once').fill('101');
  await page.getByLabel('Ring time').fill('4.5');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Give a whole number from 1 to 100.').waitFor();
  await page.getByText('Give a whole number from 5 to 300.').waitFor();
  assert.equal(await page.locator('[data-field=capacity]').evaluate((element) => element === document.activeElement), true, 'the first wrong field');
  assert.deepEqual(await page.locator('[aria-invalid]').evaluateAll((all) => all.map((one) => one.dataset.field)), ['capacity', 'ring_seconds']);
  await page.getByLabel('Conversations at once').fill('8');
  await page.getByLabel('Ring time').fill('45');
  await page.getByLabel('Minutes without an agent').fill('0');
  await page.getByLabel('Overflow after minutes').fill('7');
  await page.getByLabel('Hours with its agent after the end').fill('0');
  await page.getByLabel('Days with the same agent').fill('0');
  await page.getByLabel('Resolve after minutes').fill('30');
  await page.getByLabel('Warn minutes before').fill('30');
  await page.getByText('Must be less than the minutes after which it resolves.').waitFor();
  await page.getByLabel('Warn minutes before').fill('3');
  assert.equal(await page.getByText('One of the weights must be more than 0.').count(), 5);
  await page.getByLabel('Weight of free room').fill('70');
  await page.getByLabel('Weight of the skill').fill('25');
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.').waitFor();
  assert.deepEqual(routing, { method: 'best_match', capacity: 8, ring_seconds: 45, gone_minutes: 0, overflow_minutes: 7, reopen_hours: 0, last_agent_days: 0, ageing_minutes: 10, reserved_slots: 0, idle_minutes: 30, idle_warning_minutes: 3, form_minutes: 10, follow_up_seconds: 120, weights: { load: 70, idle: 0, language: 0, skill: 25, distance: 0 } });
  it.world.deskConfirms = false;
  await page.getByLabel('In turn').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved. It takes effect within a few minutes.').waitFor();
  assert.deepEqual([routing.method, routing.weights], ['round_robin', { load: 70, idle: 0, language: 0, skill: 25, distance: 0 }]);
  await page.reload();
  await page.getByText('Saved. It takes effect within a few minutes.').waitFor();
  assert.equal(await page.getByLabel('In turn').isChecked(), true);
  assert.equal(await page.getByLabel('Ring time').inputValue(), '45');
  await clean(page);
});

test('what the server refuses of the routing settings is said beside the field', async () => {
  const page = await ready('/settings/routing');
  await page.route('**/api/v1/routing', async (route) => {
    if (route.request().method() !== 'PATCH') return route.fallback();
    const body = JSON.stringify({ type: 'about:blank', title: 'x', status: 400, code: 'bad_request', field: 'ring_seconds' });
    return route.fulfill({ status: 400, contentType: 'application/problem+json', body });
  });
  // What was not changed is not sent.
  await page.getByLabel('Ring time').fill('60');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Give a ring time from 5 to 300 seconds.').waitFor();
  assert.equal(await page.getByLabel('Ring time').getAttribute('aria-invalid'), 'true');
  await clean(page);
});

test('an agent has no routing page', async () => {
  const page = await ready('/settings/routing', { agent: it.tom });
  await page.waitForURL((url) => url.pathname.endsWith('/settings/profile'));
  assert.equal(await page.getByRole('link', { name: 'Routing' }).count(), 0);
  await clean(page);
});

test('the log says why a conversation is where it is, and the preview whom a visitor would get', async () => {
  const { mei, tom, lina, chen } = it;
  const ranked = (agent, score, more = {}) => ({
    agent: agent.id, score, parts: { load: score - 200, idle: 170, language: 0, skill: 0, distance: 30 }, used: 1, capacity: 5, is_last: false, helps_out: false, ...more,
  });
  const decision = {
    at: Date.now() - 60_000, method: 'best_match', level: 0, ranked: [ranked(mei, 640, { is_last: true }), ranked(tom, 500)], more_ranked: 0,
    excluded: [{ agent: lina.id, reason: 'full' }], more_excluded: 0,
    rounds: [[{ agent: mei.id, answer: 'unavailable', after_ms: 12 }, { agent: tom.id, answer: 'available', after_ms: 31 }]], outcome: 'assigned', agent: tom.id,
  };
  it.world.decisions = [
    { number: 8, conversation: it.bo.id, decision: { ...decision, ranked: [], rounds: [], outcome: 'nobody_free', agent: undefined } },
    { number: 7, conversation: chen.id, decision, sequel: 'timed_out', sequel_at: Date.now() },
  ];
  const page = await ready(`/inbox/all/${chen.id}`, { agent: lina });
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Why was it assigned here?' }).click();
  await page.getByRole('heading', { name: 'Given to Tom Okafor: rang in vain' }).waitFor();
  assert.equal(await page.locator('[data-decision]').count(), 1);
  for (const text of ['640 points', '500 points', 'no after 12 ms', 'yes after 31 ms', 'no free slot']) await page.getByText(text, { exact: true }).waitFor();
  await page.getByText('distance 30').first().waitFor();
  await clean(page);
  await page.getByRole('link', { name: 'Show all' }).click();
  await page.getByRole('heading', { name: 'Nobody was free' }).waitFor();
  assert.equal(await page.locator('[data-decision]').count(), 2);

  it.world.preview = { decision: { ...decision, outcome: 'nobody_free', agent: undefined, rounds: [] }, waiting: 3 };
  await page.getByRole('link', { name: 'Routing' }).click();
  await page.getByLabel('Language', { exact: true }).fill('zh');
  await page.getByLabel('VIP level').selectOption('2');
  await page.getByLabel('Location').fill('Suzhou');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByText('Give latitude (-90 to 90)').waitFor();
  assert.equal(it.world.previewed, null, 'nothing was asked');
  await page.getByLabel('Location').fill('31.3, 120.6');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByText(/would be asked first$/u).waitFor();
  await page.getByText('3 visitors wait in this line already and come first.').waitFor();
  assert.deepEqual(it.world.previewed, { site: '', team: '', language: 'zh', topic: '', level: 2, last_agent: '', location: { latitude: 31.3, longitude: 120.6 } });
  await clean(page);
});
