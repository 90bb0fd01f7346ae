// Forms on the real runtime: a talk of plain messages that outlives the process, and what agents read of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asleep } from './lib/backdoor.mjs';
import { asks, isBots, rowOf, shop } from './lib/bot.mjs';
import { made } from './lib/counting.mjs';
import { until } from './lib/socket.mjs';
import { STATUS } from './lib/wire.mjs';
import { Visitor } from './lib/world.mjs';

const FORM = [
  { key: 'order', kind: 'order', ask: { en: 'Which order is it?', zh: '是哪个订单？' } },
  { key: 'mail', kind: 'email' },
];
const INTENTS = [
  { id: 'order_status', title: { en: 'Where is my order?', zh: '订单到哪了' }, answer: { en: 'We write to {mail} about {order}.', zh: '关于{order}，我们会发邮件到{mail}。' }, form: FORM, examples: ['where is my order'] },
  { id: 'refund_request', title: { en: 'A refund', zh: '退款' }, does: 'handoff', form: [{ key: 'phone', kind: 'phone' }], examples: ['i want a refund'] },
  { id: 'business_hours', title: { en: 'Opening hours', zh: '营业时间' }, answer: { en: 'Nine to five.', zh: '九点到五点。' }, examples: ['opening hours'] },
];
const notes = (socket) => [...(socket.privateWelcome?.messages ?? []), ...socket.all('privateMessage')].map(({ note }) => note).filter(Boolean);

test('a form asks for one thing a message, in the language of the question, and is where it was after a kill', async (t) => {
  const { it, owner } = await shop(t, { intents: INTENTS });
  const stored = (await owner.call('GET', '/intents')).json.intents.find(({ id }) => id === 'order_status');
  assert.deepEqual(stored.form, [FORM[0], { ...FORM[1], ask: { en: '', zh: '' } }]);
  const visitor = new Visitor(it);
  let v = await visitor.connect();
  assert.equal((await asks(v, 'where is my order')).text, 'Which order is it?');
  assert.match((await asks(v, 'I have no idea')).text, /^I can't find an order number.*\nWhich order is it\?$/u);
  await it.server.kill();
  await it.server.restart();
  v = await visitor.connect({ encoding: 'proto' });
  assert.equal((await asks(v, 'ah, my order is #A-1234')).text, 'What is your e-mail address?');
  await it.server.kill();
  await it.server.restart();
  v = await visitor.connect();
  assert.equal((await asks(v, 'Ada@Shop.Example')).text, 'We write to ada@shop.example about A-1234.');
  assert.equal((await asks(v, '订单到哪了')).text, '是哪个订单？');
  assert.equal((await asks(v, '取消')).text, '好的，已取消。还有什么可以帮您？');
  assert.equal((await asks(v, '订单到哪了，单号Ａ－９９１２')).text, '请问您的邮箱地址是什么？', 'what is said is not asked for');
  assert.equal((await asks(v, 'opening hours')).text, 'Nine to five.', 'what is plainly something else ends it');
});

test('a form goes on over an eviction, on the socket that was open', async (t) => {
  const { it } = await shop(t, { intents: INTENTS });
  const visitor = new Visitor(it);
  const v = await visitor.connect({ encoding: 'proto' });
  const room = `Room ${visitor.conversation.replace('cnv_', '')}`;
  assert.equal((await asks(v, 'where is my order, it was #A-1234')).text, 'What is your e-mail address?');
  assert.equal(made(it.server, room), 1);
  await asleep(it, room);
  assert.match((await asks(v, 'I have no idea')).text, /\nWhat is your e-mail address\?$/u, 'it waits for an address');
  assert.equal(made(it.server, room), 2, 'the Room was evicted and made again');
  assert.equal((await asks(v, 'ada@shop.example')).text, 'We write to ada@shop.example about A-1234.', 'what was said before it is not lost');
  const again = await visitor.connect();
  assert.equal(again.welcome.messages.filter(isBots).length, 3, 'none twice');
});

test('people of the right team get what was collected', async (t) => {
  const { it, owner, mei } = await shop(t, { intents: INTENTS });
  const [bots, own] = await Promise.all(['Everything', 'Refunds'].map(async (name) => (await owner.call('POST', '/teams', { name, members: [mei.me.id] })).json.team));
  await owner.call('PATCH', '/bot', { handoff_team: bots.id });
  await owner.call('POST', '/intents/import', { intents: [{ id: 'refund_request', handoff_team: own.id }] });
  const desk = await mei.desk();
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  assert.equal((await asks(v, 'i want a refund')).text, 'What is your phone number?');
  assert.match((await asks(v, '138 0013 8000')).text, /handing you over/);
  await until('people to have it', () => v.all('state').at(-1)?.status === STATUS.OPEN);
  await until('the line of the intent’s own team', () => rowOf(desk, visitor.conversation)?.team === own.id);
  const m = await mei.connect(visitor.conversation);
  await until('the note', () => notes(m).includes('phone: 13800138000'));

  // Half of a form, and twice what does not fit: the agent who looks on reads it at once.
  const next = new Visitor(it);
  const w = await next.connect();
  await asks(w, 'where is my order');
  await asks(w, '#A-1234');
  const watching = await mei.connect(next.conversation);
  await asks(w, 'what for');
  assert.match((await asks(w, 'no')).text, /handing you over/);
  await until('the note', () => notes(watching).includes('order: A-1234'));
  await until('the line of the bot’s team', () => rowOf(desk, next.conversation)?.team === bots.id);
  assert.ok(!w.all('message').some(({ text }) => text === 'order: A-1234'), 'and the visitor does not');
});

test('a form that is none is refused by the field', async (t) => {
  const { owner } = await shop(t, { intents: INTENTS, on: false });
  const put = (form) => owner.try('PUT', '/intents/business_hours', { ...INTENTS[2], id: undefined, form });
  for (const form of [[{ key: 'A', kind: 'order' }], [FORM[0], FORM[0]], Array.from({ length: 7 }, (_, n) => ({ key: `k${n}`, kind: 'text' }))]) {
    const { status, json } = await put(form);
    assert.deepEqual([status, json.code, json.field], [400, 'bad_request', 'form'], JSON.stringify(json));
  }
  assert.equal((await put([{ key: 'a', kind: 'date' }])).status, 400);
  assert.deepEqual((await put([])).json.form, undefined);
});
