// What a bot knows, on the real runtime: intents and FAQ are written by many hands, models are checked, kept and gone back to,
// whatever KV says; another workspace sees nothing of it, and a killed server forgets nothing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { BACKDOOR, failKv, kv, neighbour } from './lib/backdoor.mjs';
import { fromTheFuture, large, trained, variant } from './lib/model.mjs';
import { Agent, world } from './lib/world.mjs';

async function staffed(t) {
  const it = await world(t, { entry: BACKDOOR });
  const [owner, mei] = await Promise.all([it.people.owner, it.people.agents[0]].map((person) => Agent.signIn(it, person)));
  return { it, owner, mei };
}

const idsOf = async (agent) => (await agent.call('GET', '/intents')).json.intents.map(({ id }) => id);
const fileOf = async (agent, version) => (await agent.call('GET', `/bot/models/${version}/file`)).bytes;
const actionsOf = async (agent) => (await agent.call('GET', '/audit')).json.entries.map(({ action }) => action);

test('intents and FAQ: imported, changed, deleted, and there after the server was killed', async (t) => {
  const { it, owner, mei } = await staffed(t);
  const intents = [
    { id: 'order_status', title: { en: 'Where is my order?', zh: '我的订单到哪了？' }, answer: { en: 'On its way.', zh: '在路上。' }, buttons: ['refund_request'], examples: ['where is my order', 'WHERE is my order!', '查物流', '🎉🎉'] },
    { id: 'refund_request', title: { en: 'Refund', zh: '退款' }, does: 'handoff', examples: ['i want a refund'], library: false },
  ];
  assert.deepEqual((await owner.call('POST', '/intents/import', { intents })).json, { added: 2, changed: 0, examples: 3, live: true }, 'what folds to the same, or to nothing, teaches nothing');
  assert.deepEqual((await owner.call('POST', '/intents/import', { intents })).json, { added: 0, changed: 0, examples: 0, live: true }, 'once more changes nothing');
  const more = { intents: [{ id: 'order_status', examples: ['track my parcel'] }] };
  assert.deepEqual((await owner.call('POST', '/intents/import', more)).json, { added: 0, changed: 1, examples: 1, live: true });
  const [status] = (await mei.call('GET', '/intents')).json.intents;
  assert.deepEqual([status.id, status.answer.zh, status.buttons, status.examples], ['order_status', '在路上。', ['refund_request'], ['where is my order', '查物流', 'track my parcel']]);

  const { id, updated_at, ...whole } = status;
  const put = await owner.try('PUT', `/intents/${id}`, { ...whole, answer: { en: 'Soon.', zh: '' } });
  assert.deepEqual([put.status, put.json.answer], [200, { en: 'Soon.', zh: '' }]);
  assert.equal((await owner.try('PUT', '/intents/hours', { answer: { en: 'Nine to five.' } })).status, 201);
  assert.equal((await owner.try('PUT', '/intents/hours', { buttons: ['nobody_has_this'] })).json.code, 'bad_request');
  assert.equal((await owner.try('PUT', '/intents/Not-A-Name', {})).status, 404);
  assert.equal((await mei.try('PUT', '/intents/hours', {})).json.code, 'forbidden');

  const { id: entry } = (await owner.call('POST', '/faq', { locale: 'en', question: 'Do you ship to Norway?', answer: '**Yes**, in a week.' })).json;
  assert.deepEqual((await owner.call('POST', '/faq/import', { faq: [{ locale: 'en', question: 'Do you ship to Norway?', answer: 'Yes.' }, { locale: 'zh', question: '能开发票吗？', answer: '能。' }] })).json, { added: 1, changed: 1, live: true });
  await owner.call('PUT', `/faq/${entry}`, { locale: 'en', question: 'Do you ship to Norway?', answer: 'No longer.' });

  await it.server.kill();
  await it.server.restart();
  assert.deepEqual(await idsOf(mei), ['hours', 'order_status', 'refund_request']);
  const faq = (await mei.call('GET', '/faq')).json.faq;
  assert.equal(faq.find((it) => it.id === entry).answer, 'No longer.');
  assert.ok(faq.some(({ question }) => question === '能开发票吗？'));

  await owner.call('DELETE', '/intents/refund_request', {});
  assert.deepEqual((await mei.call('GET', '/intents')).json.intents.find((it) => it.id === 'order_status').buttons, [], 'nor does a button lead to it');
  await owner.call('DELETE', `/faq/${entry}`, {});
  assert.equal((await owner.try('DELETE', `/faq/${entry}`, {})).json.code, 'not_found');
  // The database keeps what each was, across the restart.
  const past = async (query) => (await owner.call('GET', `/bot/past?${query}`)).json.past;
  const [before, ...older] = await past('kind=intent&id=order_status');
  assert.deepEqual([before.was, before.updated_at, before.by, older.length], [whole, updated_at, { id: owner.me.id, name: owner.me.name }, 1]);
  assert.deepEqual((await past(`kind=faq&id=${entry}`)).map(({ was }) => was.answer), ['No longer.', 'Yes.', '**Yes**, in a week.']);
  const [gone, ...others] = await past('kind=faq');
  assert.deepEqual([gone.id, gone.was, others], [entry, { locale: 'en', question: 'Do you ship to Norway?', answer: 'No longer.' }, []]);
  assert.ok(Math.abs(Date.parse(gone.until) - Date.now()) < 60_000, gone.until);
  const [intent] = await past('kind=intent');
  assert.equal((await owner.try('PUT', `/intents/${intent.id}`, { ...intent.was, updated_at: '' })).status, 201);
  assert.deepEqual(await past('kind=intent'), []);
  assert.equal((await owner.try('GET', '/bot/past?kind=tag')).json.field, 'kind');
  assert.equal((await mei.try('GET', '/bot/past?kind=faq')).json.code, 'forbidden');

  const actions = await actionsOf(owner);
  for (const action of ['intents_imported', 'intent_created', 'intent_changed', 'intent_deleted']) assert.ok(actions.includes(action), `${action} is in the log: ${actions}`);
});

test('of two who change what the bot knows at the same time none is lost without a word', async (t) => {
  const { owner } = await staffed(t);
  const names = Array.from({ length: 12 }, (_, n) => `intent_${n}`);
  const answers = await Promise.all(names.map((name) => owner.try('PUT', `/intents/${name}`, { examples: [name] })));
  const made = names.filter((_, n) => answers[n].status === 201);
  const late = answers.filter(({ status }) => status !== 201);
  assert.ok(made.length > 0);
  for (const answer of late) assert.deepEqual([answer.status, answer.json.code], [409, 'conflict']);
  assert.deepEqual(await idsOf(owner), made.toSorted());
});

test('a model is checked, used, gone back to, and never lost with KV', async (t) => {
  const { it, owner, mei } = await staffed(t);
  assert.equal((await owner.call('GET', '/bot')).json.model, null);
  const sent = await owner.sendModel(trained(), '?examples=15&accuracy=93.3');
  assert.equal(sent.status, 201, sent.text);
  const { version, hash, intents, accuracy, current } = sent.json;
  assert.deepEqual([version, intents, accuracy, current], [1, 3, 93.3, true]);

  const other = variant(2);
  const second = (await owner.sendModel(other)).json;
  assert.equal((await owner.call('GET', '/bot')).json.model.version, 2);
  assert.equal((await owner.sendModel(trained())).json.version, 1, 'the same bytes are the same version');
  assert.equal((await owner.call('GET', '/bot')).json.model.version, 1);
  await owner.call('POST', '/bot/models/2/use', {});

  // One that was learnt before another became the one in use is of no use to anybody, in KV either.
  const late = await owner.sendModel(variant(4), '?revision=0');
  assert.deepEqual([late.status, late.json.code, late.json.field], [409, 'conflict', 'revision']);
  const name = `model/${createHash('sha256').update(variant(4)).digest('hex')}`;
  assert.equal(await kv(it, 'get', name), null);
  assert.notEqual(await kv(it, 'get', `model/${second.hash}`), null, 'those of the others are there');

  const cut = trained().slice(0, -1);
  const flipped = trained();
  flipped[flipped.length >> 1] ^= 1;
  const bad = { bot_model_unknown: new Uint8Array([1, 2, 3]), bot_model_checksum: cut, bot_model_version: fromTheFuture(), too_large: new Uint8Array(900_001) };
  for (const [code, file] of [...Object.entries(bad), ['bot_model_checksum', flipped]]) assert.equal((await owner.sendModel(file)).json.code, code);
  assert.equal((await owner.call('GET', '/bot')).json.model.version, 2, 'the former one goes on');
  assert.equal((await mei.sendModel(trained())).json.code, 'forbidden');

  // KV has it; has something else of its name; has nothing; fails.
  const file = `model/${second.hash}`;
  assert.deepEqual(await fileOf(mei, 2), other);
  await kv(it, 'put', file, 'something else');
  assert.deepEqual(await fileOf(mei, 2), other, 'its hash decides');
  await kv(it, 'delete', file);
  assert.deepEqual(await fileOf(mei, 2), other, 'D1 has it');
  await failKv(it, true);
  assert.deepEqual(await fileOf(mei, 2), other);
  assert.equal((await owner.sendModel(variant(3))).status, 201, 'nothing depends on KV');
  await failKv(it, false);

  // The largest that there may be passes through D1 as well.
  const huge = large(895_000);
  const whole = await owner.sendModel(huge);
  assert.equal(whole.status, 201, whole.text);
  await kv(it, 'delete', `model/${whole.json.hash}`);
  assert.deepEqual(await fileOf(mei, whole.json.version), huge);

  await it.server.kill();
  await it.server.restart();
  const { models } = (await mei.call('GET', '/bot/models')).json;
  assert.deepEqual(models.map((it) => [it.version, it.current]), [[4, true], [3, false], [2, false], [1, false]]);
  assert.equal(models.at(-1).hash, hash);
  await owner.call('POST', '/bot/models/1/use', {});
  assert.deepEqual(await fileOf(mei, 1), trained());
  assert.ok((await actionsOf(owner)).includes('bot_model_chosen'));

  const eve = await Agent.signIn(it, await neighbour(it));
  assert.deepEqual([(await eve.call('GET', '/bot')).json.model, (await eve.call('GET', '/bot/models')).json.models, await idsOf(eve)], [null, [], []], 'next door');
  assert.equal((await eve.try('GET', '/bot/models/1/file')).json.code, 'not_found');
  assert.equal((await eve.try('POST', '/bot/models/1/use', {})).json.code, 'not_found');
});
