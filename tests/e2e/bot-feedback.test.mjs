// What visitors say of the bot's answers, and what it drafts for agents, on the real runtime.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { neighbour } from './lib/backdoor.mjs';
import { asks, shop } from './lib/bot.mjs';
import { trained, variant } from './lib/model.mjs';
import { until } from './lib/socket.mjs';
import { RATING } from './lib/wire.mjs';
import { Agent, say, Visitor } from './lib/world.mjs';

const FORM = [{ key: 'order', kind: 'order' }];
const INTENTS = [
  { id: 'business_hours', title: { en: 'Opening hours', zh: '营业时间' }, answer: { en: 'Nine to five.', zh: '九点到五点。' }, examples: ['opening hours'] },
  { id: 'order_status', title: { en: 'Where is my order?', zh: '订单到哪了' }, answer: { en: '{order} is on its way.', zh: '{order}已经在路上了。' }, form: FORM, examples: ['where is my order'] },
];
/** A report may be had thirty times a minute. */
const becomes = async (what, look, expected) => {
  let last;
  await until(what, async () => JSON.stringify((last = await look())) === JSON.stringify(expected) || (await sleep(1_500, false))).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(last)}`));
};
const rates = (socket, seq, helpful, clientId = `r-${seq}`) => socket.ask({ rate: { seq, helpful, clientId } }, 'done', (done) => done.clientId === clientId);

test('a verdict is there after kills, counts for its intent, and what did not help can be learnt from', async (t) => {
  const { it, owner, mei } = await shop(t, { intents: INTENTS });
  const visitor = new Visitor(it);
  let v = await visitor.connect();
  const hours = await asks(v, 'opening hours');
  const greeting = await asks(v, 'hello');
  const question = await asks(v, 'where is my order');
  const answer = await asks(v, '#A-1234');
  assert.equal(answer.text, 'A-1234 is on its way.');
  assert.deepEqual([hours, greeting, question, answer].map(({ rating = 0 }) => rating), [RATING.RATING_ASKED, 0, 0, RATING.RATING_ASKED]);
  const m = await mei.connect(visitor.conversation);
  await rates(v, hours.seq, true);
  await rates(v, hours.seq, false);
  await rates(v, hours.seq, false);
  await until('Mei to hear of both', () => JSON.stringify(m.all('rated').map(({ rating }) => rating)) === JSON.stringify([RATING.HELPFUL, RATING.UNHELPFUL]));
  await it.server.kill();
  await it.server.restart();
  v = await visitor.connect({ encoding: 'proto' });
  const { rating } = v.welcome.messages.find(({ seq }) => seq === hours.seq);
  assert.equal(rating, RATING.UNHELPFUL, 'what was answered by `done` is on disk');
  await rates(v, answer.seq, true);
  for (const seq of [1, greeting.seq, question.seq, 99]) assert.equal((await v.ask({ rate: { seq, helpful: true, clientId: `x${seq}` } }, 'error')).code, 'not_found', `${seq}`);
  const again = await mei.connect(visitor.conversation);
  assert.equal((await again.ask({ rate: { seq: hours.seq, helpful: true, clientId: 'a' } }, 'error')).code, 'forbidden');

  const counted = async () => (await owner.call('GET', '/bot/report')).json.intents.filter(({ key }) => key !== 'greeting').map(({ key, answered, helped, not_helped }) => [key, answered, helped, not_helped]);
  await becomes('the report', counted, [['business_hours', 1, 0, 1], ['order_status', 1, 1, 0]]);
  const { questions } = (await owner.call('GET', '/bot/questions')).json;
  assert.deepEqual(questions.map(({ texts, count, unhelpful }) => [texts, count, unhelpful]), [[['opening hours'], 1, 1]]);
  assert.ok(!questions[0].near.includes('business_hours'), 'not what was wrong');
  // Changed once more, it is learnt from no longer.
  await rates(v, hours.seq, true);
  await becomes('the report', counted, [['business_hours', 1, 1, 0], ['order_status', 1, 1, 0]]);
  assert.deepEqual((await owner.call('GET', '/bot/questions')).json.questions, []);
});

test('agents are given what the bot would say, of their own workspace, and no other', async (t) => {
  const { it, owner, mei } = await shop(t, { intents: INTENTS, model: variant(50), on: false });
  await owner.call('POST', '/faq', { locale: 'en', question: 'Which colours does the kettle come in?', answer: 'Red and green.' });
  const ask = (agent, text, locale) => agent.call('POST', '/bot/suggestions', { text, locale }).then(({ json }) => json);
  const first = await ask(mei, 'opening hours', 'en');
  assert.deepEqual([first.learnt, first.suggestions[0]], [true, { id: 'business_hours', title: 'Opening hours', text: 'Nine to five.' }], 'also while the bot is off');
  assert.ok(first.suggestions.length <= 3);
  assert.equal((await ask(mei, '营业时间', 'en')).suggestions[0].text, '九点到五点。', 'in the language of the message');
  assert.match((await ask(mei, 'where is my order', 'en')).suggestions[0].text, /order number/u, 'what the form asks for');
  assert.equal((await ask(mei, 'where is my order #A-1234', 'en')).suggestions[0].text, 'A-1234 is on its way.');
  assert.equal((await ask(mei, 'which colours does the kettle come in', 'en')).suggestions[0].text, 'Red and green.');
  assert.deepEqual((await ask(mei, 'hello', 'en')).suggestions, []);
  // A change is there with the next question.
  await owner.call('POST', '/intents/import', { intents: [{ id: 'business_hours', answer: { en: 'Ten to six.' } }] });
  assert.equal((await ask(mei, 'opening hours', 'en')).suggestions[0].text, 'Ten to six.');

  // Below the band in which the bot asks back nothing is likely.
  await owner.sendModel(variant(60, trained(), 50));
  assert.deepEqual(await ask(mei, 'opening hours', 'en'), { suggestions: [], learnt: true });

  const eve = await Agent.signIn(it, await neighbour(it));
  assert.deepEqual(await ask(eve, 'opening hours', 'en'), { suggestions: [], learnt: false }, 'INV-8');
  for (const [body, code] of [[{ text: ' ' }, 'bad_request'], [{ text: 'x'.repeat(8_001) }, 'bad_request'], [{ text: 1 }, 'bad_request'], [{}, 'bad_request'], [{ text: 'a', more: 1 }, 'bad_request'], [{ text: '长'.repeat(8_001) }, 'bad_request']]) {
    assert.equal((await mei.try('POST', '/bot/suggestions', body)).json.code, code, JSON.stringify(body).slice(0, 40));
  }
  assert.deepEqual((await ask(mei, '长'.repeat(8_000), 'zh')).suggestions, [], 'as much as a visitor may write, in any script');
  // None of it is written or told: the bot is off, and the conversation is people's.
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'opening hours');
  assert.deepEqual(v.all('message'), []);
});
