// The bot in conversations, on the real runtime: it answers, asks back, hands over with everything said so far, falls silent for
// people and when it is switched off, and gives each message one answer, however often the server is killed (INV-2).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { failDesk, kv, neighbour, staleKv, staleReads, sweep } from './lib/backdoor.mjs';
import { asks, isBots, rowOf, shop as begin } from './lib/bot.mjs';
import { trained, variant } from './lib/model.mjs';
import { until } from './lib/socket.mjs';
import { STATUS } from './lib/wire.mjs';
import { Agent, DEMO_SITE, say, Visitor } from './lib/world.mjs';

const INTENTS = [
  { id: 'order_status', title: { en: 'Where is my order?', zh: '订单到哪了' }, answer: { en: 'It is on its way.', zh: '已经在路上了。' }, buttons: ['refund_request', 'business_hours'], examples: ['where is my order'] },
  { id: 'refund_request', title: { en: 'A refund', zh: '退款' }, answer: { en: 'A colleague will look at it.', zh: '同事会为您处理。' }, does: 'handoff', examples: ['i want a refund'] },
  { id: 'business_hours', title: { en: 'Opening hours', zh: '营业时间' }, answer: { en: 'Nine to five.', zh: '九点到五点。' }, examples: ['opening hours'] },
];
/** A new state is to reach active Rooms within this. */
const SOON_MS = 5_000;

const shop = (t, options = {}) => begin(t, { intents: INTENTS, ...options });
const labels = ({ choices = [] }) => choices.map(({ label }) => label);

test('it answers in the language of the question, buttons lead on, and a hand-over waits for the team that is named for it', async (t) => {
  const { it, owner, mei } = await shop(t);
  const { team } = (await owner.call('POST', '/teams', { name: 'Refunds', members: [mei.me.id] })).json;
  await owner.call('PATCH', '/bot', { handoff_team: team.id });
  const desk = await mei.desk();
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  const first = await asks(v, 'Where is my order?');
  assert.deepEqual([first.text, labels(first)], ['It is on its way.', ['A refund', 'Opening hours']]);
  assert.equal((await asks(v, '订单到哪了')).text, '已经在路上了。');
  assert.equal((await asks(v, 'Opening hours', 'business_hours')).text, 'Nine to five.', 'a pressed button');
  assert.match((await asks(v, 'hello')).text, /^Hello/, 'small talk');
  const row = () => rowOf(desk, visitor.conversation);
  await until('the row', row);
  assert.deepEqual([row().status, row().queuedAt ?? 0], [STATUS.PENDING, 0], 'it is the bot’s, and in no line');
  assert.equal((await asks(v, 'give me my money back')).text, 'A colleague will look at it.');
  await until('the team’s line', () => row().status === STATUS.OPEN && row().team === team.id && row().queuedAt > 0);

  const m = await mei.connect(visitor.conversation);
  const story = m.welcome.messages.map(({ text }) => text);
  assert.equal(story.length, 10, 'everything said so far');
  assert.ok(m.privateWelcome.messages.some((entry) => JSON.stringify(entry).includes('intent')), 'and why it was handed over');
  // Who waits for people is still answered where it is sure, and is asked nothing.
  assert.equal((await asks(v, 'when do you open')).text, 'Nine to five.');
  desk.send({ claim: { clientId: 'c', conversation: visitor.conversation } });
  await desk.next('assigned', (answer) => answer.clientId === 'c');
  await say(m, 'Hello, this is Mei.');
  const said = v.all('message').filter(isBots).length;
  await say(v, 'where is my order');
  await say(m, 'I am looking.');
  await v.next('message', ({ text }) => text === 'I am looking.');
  assert.equal(v.all('message').filter(isBots).length, said, 'with an agent it is silent');
});

test('INV-6: who comes back once their agent’s time is over is answered by the bot, in a Room that was awake all along', async (t) => {
  const { it, owner, mei } = await shop(t);
  await owner.call('PATCH', '/routing', { reopen_hours: 0 });
  const desk = await mei.desk();
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  assert.equal((await asks(v, 'Where is my order?')).text, 'It is on its way.');
  const m = await mei.connect(visitor.conversation);
  desk.send({ claim: { clientId: 'c', conversation: visitor.conversation } });
  await desk.next('assigned', (answer) => answer.clientId === 'c');
  await say(m, 'Hello, this is Mei.');
  m.send({ setStatus: { status: STATUS.RESOLVED, clientId: 's' } });
  await m.next('done', (done) => done.clientId === 's');
  assert.equal((await asks(v, 'when do you open')).text, 'Nine to five.');
  await until('the bot’s again', () => rowOf(desk, visitor.conversation)?.status === STATUS.PENDING);
});

test('what it is not sure of it asks back, and hands over after the second time; a new model holds where KV still has none, or another', async (t) => {
  const { it, owner } = await shop(t, { model: variant(50) });
  const v = await new Visitor(it).connect({ encoding: 'proto' });
  const first = await asks(v, 'where is my order');
  assert.equal(labels(first)[0], 'Where is my order?');
  assert.equal((await asks(v, 'Where is my order?', 'order_status')).text, 'It is on its way.');
  for (const _ of [1, 2]) assert.deepEqual([labels(await asks(v, 'opening hours')).length, labels(v.all('message').at(-1)).at(-1)], [4, 'Talk to a person']);
  const last = await asks(v, 'opening hours');
  assert.deepEqual(labels(last), []);
  assert.match(last.text, /handing you over/);

  const files = [trained(), variant(0)];
  const names = files.map((file) => `model/${createHash('sha256').update(file).digest('hex')}`);
  await kv(it, 'put', names[1], 'something else');
  await staleKv(it, ...names);
  for (const [n, file] of files.entries()) {
    assert.equal((await owner.sendModel(file)).json.live, true);
    assert.ok(await kv(it, 'get', names[n], 'arrayBuffer'), 'KV has it, elsewhere');
    const w = await new Visitor(it).connect();
    assert.equal((await asks(w, 'opening hours')).text, 'Nine to five.');
    assert.equal(await staleReads(it), n + 1, 'here it had not');
  }
});

test('a switch reaches conversations that are under way, and so does another model; a Desk that could not be told is told later', async (t) => {
  const { it, owner } = await shop(t, { on: false });
  const early = await new Visitor(it).connect();
  await say(early, 'where is my order');
  assert.equal((await owner.call('PATCH', '/bot', { enabled: true })).json.live, true);
  const v = await new Visitor(it).connect();
  assert.equal((await asks(v, 'where is my order')).text, 'It is on its way.');
  const isSure = async () => {
    const { text } = await asks(v, 'where is my order');
    // A choice ends the count of questions back, after two of which people would have it.
    if (text !== 'It is on its way.') await asks(v, 'Where is my order?', 'order_status');
    return text === 'It is on its way.';
  };
  for (const [file, wanted] of [[variant(50), false], [trained(), true]]) {
    assert.equal((await owner.sendModel(file)).json.live, true);
    await until(`the model that is ${wanted ? '' : 'not '}sure`, async () => (await isSure()) === wanted, SOON_MS);
  }
  await failDesk(it, '/bot');
  assert.equal((await owner.call('PATCH', '/bot', { enabled: false })).json.live, false);
  assert.equal((await asks(v, 'opening hours')).text, 'Nine to five.', 'nobody has heard of it');
  await failDesk(it, null);
  await sweep(it);
  const said = v.all('message').filter(isBots).length;
  await until('people to have it', async () => {
    await say(v, 'opening hours');
    return v.all('state').at(-1)?.status === STATUS.OPEN;
  }, SOON_MS);
  assert.ok(v.all('message').filter(isBots).length - said <= 1, 'at most one answer was under way');
  assert.ok(!early.all('message').some(isBots), 'what waited for people before there was a bot is theirs');

  const next = await neighbour(it);
  const eve = await Agent.signIn(it, next);
  assert.equal((await eve.call('GET', '/bot')).json.enabled, false, 'next door nothing was switched on');
});

test('the FAQ answers what it is asked, is asked back about, and is heard of as soon as it changes', async (t) => {
  const { it, owner } = await shop(t);
  const v = await new Visitor(it).connect();
  const colours = 'Which colours does the kettle come in?';
  assert.equal((await asks(v, 'opening hours')).text, 'Nine to five.');
  const made = await owner.call('POST', '/faq', { locale: 'en', question: colours, answer: 'Red and <b>green</b>.' });
  assert.equal(made.json.live, true);
  const said = async (socket, ...words) => (await asks(socket, ...words)).text;
  assert.equal(await said(v, 'which colours does the kettle come in'), 'Red and <b>green</b>.', 'in the conversation that was under way');
  assert.equal(await said(v, 'opening hours'), 'Nine to five.', 'what is plainly meant goes first');
  const offered = await asks(v, 'kettle colours?');
  const { id } = offered.choices.find(({ label }) => label === colours);
  assert.equal(id, made.json.id);
  await it.server.kill();
  await it.server.restart();
  const again = await new Visitor(it).connect();
  assert.equal(await said(again, colours, id), 'Red and <b>green</b>.');

  const eve = await Agent.signIn(it, await neighbour(it));
  await eve.call('POST', '/faq', { locale: 'en', question: 'Do you ship to the moon?', answer: 'Next door we do.' });
  assert.doesNotMatch(await said(again, 'Do you ship to the moon?'), /Next door/u, 'INV-8');
  const w = await new Visitor(it).connect();
  assert.equal(await said(w, colours), 'Red and <b>green</b>.');
  await owner.call('PUT', `/faq/${id}`, { locale: 'en', question: colours, answer: 'Blue.' });
  assert.equal(await said(w, colours), 'Blue.');
  assert.equal((await owner.try('DELETE', `/faq/${id}`, {})).status, 204);
  assert.doesNotMatch(await said(w, colours, id), /Blue|Red/u, 'nor by a button that was there before');
  const counted = ({ intents }) => intents.some(({ key, answered }) => key === ':faq' && answered === 4);
  // A report may be had thirty times a minute.
  await until('a line of the report', async () => counted((await owner.call('GET', '/bot/report')).json) || (await sleep(1_500, false)));
});

test('a closed site may leave visitors to the bot; whom it hands over is asked for an address', async (t) => {
  const { it, owner } = await shop(t);
  const never = { timezone: 'UTC', weekly: [[], [], [], [], [], [], []], exceptions: [] };
  await owner.call('PATCH', '/routing', { hours: never });
  const opens = async () => ((await new Visitor(it).session()).site.closed ?? []).length === 0;
  await until('the form to begin with', async () => !(await opens()));
  await owner.call('PATCH', `/sites/${DEMO_SITE}`, { when_closed: 'bot' });
  await until('the chat to begin with', opens);
  const v = await new Visitor(it).connect();
  assert.equal((await asks(v, 'opening hours')).text, 'Nine to five.');
  assert.ok(!v.all('queue').some(({ form }) => form), 'who talks to the bot waits for nobody');
  await asks(v, 'talk to a person');
  await until('the form', () => v.all('queue').at(-1)?.form);
});

test('INV-6: an address left on a closed site stands among what is to be followed up, also where there is a bot', async (t) => {
  const { it, owner, mei } = await shop(t);
  await owner.call('PATCH', '/routing', { hours: { timezone: 'UTC', weekly: [[], [], [], [], [], [], []], exceptions: [] } });
  const desk = await mei.desk();
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  v.send({ leaveEmail: { clientId: 'e', email: 'lei@shop.example', name: 'Lei', text: 'where is my order' } });
  await until('the row', () => rowOf(desk, visitor.conversation)?.followUp);
  assert.equal(rowOf(desk, visitor.conversation).status, STATUS.OPEN);
  assert.ok(!v.all('message').some(isBots));
});

test('INV-2: one answer to each message, over kills and whatever is sent again, with models that KV has lost', async (t) => {
  const { it } = await shop(t);
  const ROOMS = 8;
  const visitors = Array.from({ length: ROOMS }, () => new Visitor(it));
  const asked = visitors.map(() => []);
  for (let round = 0; round < 4; round++) {
    const sockets = await Promise.all(visitors.map((visitor, n) => visitor.connect({ encoding: n % 2 ? 'proto' : 'json' })));
    await Promise.all(sockets.map(async (socket, n) => {
      // A client that has not heard of it sends again what it sent before the kill.
      for (const { seq, text, clientId } of asked[n].slice(-3)) assert.equal((await say(socket, text, clientId)).seq, seq);
      for (let k = 0; k < 3; k++) asked[n].push(await say(socket, ['where is my order', 'opening hours', '查物流'][k]));
    }));
    // Acknowledged, and perhaps not answered yet.
    await it.server.kill();
    await it.server.restart();
  }
  const owner = await Agent.signIn(it, it.people.owner);
  await kv(it, 'delete', `model/${(await owner.call('GET', '/bot')).json.model.hash}`);
  await Promise.all(visitors.map(async (visitor, n) => {
    const socket = await visitor.connect();
    for (const { seq, text, clientId } of asked[n]) assert.equal((await say(socket, text, clientId)).seq, seq);
    const answers = () => new Set([...socket.welcome.messages, ...socket.all('message')].filter(isBots).map(({ seq }) => seq)).size;
    await until('every answer', () => answers() >= asked[n].length);
    assert.equal((await asks(socket, 'opening hours')).text, 'Nine to five.', 'it goes on');
    assert.equal(answers(), asked[n].length + 1, 'none twice');
  }));
});
