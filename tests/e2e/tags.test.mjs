// Tags on the real runtime: agents, or the bot, put them on a conversation, agents who look hear of it, and the history finds it by them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asks } from './lib/bot.mjs';
import { until } from './lib/socket.mjs';
import { Agent, say, Visitor, world } from './lib/world.mjs';

test('a tag is put on, is seen by the others, is found by, and outlives the server; the visitor hears nothing', async (t) => {
  const it = await world(t);
  const [owner, mei, tom] = await Promise.all([it.people.owner, ...it.people.agents].map((person) => Agent.signIn(it, person)));
  assert.equal((await mei.try('POST', '/tags', { name: 'Refund' })).json.code, 'forbidden');
  const { tag } = (await owner.call('POST', '/tags', { name: 'Refund', color: '#D93025' })).json;
  assert.deepEqual((await mei.call('GET', '/tags')).json, { tags: [{ id: tag.id, name: 'Refund', color: '#d93025' }] });
  assert.equal((await owner.try('POST', '/tags', { name: 'Refund' })).json.code, 'conflict');

  const [visitor, other] = [new Visitor(it), new Visitor(it)];
  const v = await visitor.connect();
  await say(v, 'give me my money back');
  await say(await other.connect(), 'hello');
  const m = await mei.connect(visitor.conversation);
  const o = await tom.connect(visitor.conversation, { encoding: 'proto' });
  const since = v.frames.length;
  const put = (socket, on) => socket.ask({ tag: { clientId: `${on}`, tag: tag.id, on } }, 'done');
  await put(m, true);
  await o.next('visitor', ({ tags }) => tags?.[0] === tag.id);
  const tagsOf = async ({ conversation }) => (await mei.try('GET', `/conversations/${conversation}`)).json.conversation?.tags;
  await until('both in the history, one with the tag', async () => (await tagsOf(visitor))?.[0] === tag.id && (await tagsOf(other))?.length === 0);
  const found = async (query) => (await tom.call('GET', `/conversations?${query}`)).json.conversations.map(({ id }) => id);
  assert.deepEqual(await found(`tag=${tag.id}`), [visitor.conversation]);
  assert.deepEqual(await found(`tag=${tag.id}&visitor=${other.id}`), []);
  assert.deepEqual(await found(`tag=${tag.id}&q=money`), [visitor.conversation]);
  assert.deepEqual(await found('tag=tag_aaaaaaaaaaaaaaaa'), []);
  assert.equal((await tom.try('GET', '/conversations?tag=x')).json.code, 'bad_request');
  assert.equal((await v.ask({ tag: { clientId: 'x', tag: tag.id, on: false } }, 'error')).code, 'forbidden');
  assert.doesNotMatch(JSON.stringify(v.frames.slice(since)), /tag_/);

  await it.server.kill();
  await it.server.restart();
  const again = await tom.connect(visitor.conversation);
  assert.deepEqual(again.privateWelcome.visitor.tags, [tag.id]);
  await put(again, false);
  await until('it is off', async () => (await tagsOf(visitor))?.length === 0);
  await owner.call('DELETE', `/tags/${tag.id}`, {});
  assert.deepEqual((await mei.call('GET', '/tags')).json, { tags: [] });
});

test('the bot puts on the tags of its intent: agents who look see it, lists are asked for it, and a tag that goes is put on no more', async (t) => {
  const it = await world(t);
  const [owner, mei] = await Promise.all([it.people.owner, it.people.agents[0]].map((person) => Agent.signIn(it, person)));
  const [wanted, gone] = await Promise.all(['Wants a person', 'Gone'].map(async (name) => (await owner.call('POST', '/tags', { name })).json.tag.id));
  assert.equal((await owner.try('PUT', '/intents/human', { tags: ['tag_aaaaaaaaaaaaaaaa'] })).json.field, 'tags');
  await owner.call('PUT', '/intents/human', { does: 'handoff', answer: { en: 'Somebody comes.' }, tags: [gone, wanted] });
  assert.equal((await owner.call('PATCH', '/bot', { enabled: true })).json.live, true);
  await owner.call('DELETE', `/tags/${gone}`, {});
  assert.deepEqual((await mei.call('GET', '/intents')).json.intents[0].tags, [wanted]);

  const visitor = new Visitor(it);
  const v = await visitor.connect();
  assert.match((await asks(v, 'hello')).text, /^Hello/);
  const m = await mei.connect(visitor.conversation);
  assert.equal((await asks(v, 'I want to talk to a person')).text, 'Somebody comes.');
  assert.deepEqual((await m.next('visitor', ({ tags }) => tags?.length > 0)).tags, [wanted]);
  const found = async () => (await mei.call('GET', `/conversations?tag=${wanted}`)).json.conversations.map(({ id }) => id);
  await until('it is found by it', async () => (await found())[0] === visitor.conversation);
  await m.ask({ tag: { clientId: 'off', tag: wanted, on: false } }, 'done');
  await it.server.kill();
  await it.server.restart();
  assert.deepEqual((await mei.connect(visitor.conversation)).privateWelcome.visitor.tags ?? [], [], 'off is off');
  assert.doesNotMatch(JSON.stringify(v.frames), /tag_/);
});
