// A bot of the workspace's own on the real runtime: it is asked about each message, and what becomes of it when it fails.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from './lib/backdoor.mjs';
import { asks, isBots, shop } from './lib/bot.mjs';
import { unsealed } from './lib/forge.mjs';
import { until } from './lib/socket.mjs';
import { STATUS } from './lib/wire.mjs';
import { message, Visitor } from './lib/world.mjs';

const HOURS = 'Nine to five.';
const json = (answer, body, status = 200) => answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** A bot that answers by `how(call, answer)` and keeps what it was asked. */
async function bot(t, how) {
  const calls = [];
  const server = createServer(async (asked, answer) => {
    let text = '';
    for await (const chunk of asked) text += chunk;
    const call = { headers: asked.headers, method: asked.method, text, body: JSON.parse(text || '{}'), at: Date.now() };
    calls.push(call);
    await how(call, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => (server.closeAllConnections(), server.close()));
  return { url: `http://127.0.0.1:${server.address().port}/bot`, calls };
}

/** A workspace that has named this bot. */
async function named(t, url) {
  const intents = [
    { id: 'business_hours', title: { en: 'Opening hours', zh: '营业时间' }, answer: { en: HOURS, zh: '九点到五点。' }, examples: ['opening hours'] },
    { id: 'order_status', title: { en: 'Where is my order?', zh: '订单到哪了' }, form: [{ key: 'order', kind: 'order' }], answer: { en: 'Soon.', zh: '很快。' }, examples: ['where is my order'] },
    { id: 'refund_request', title: { en: 'A refund', zh: '退款' }, answer: { en: 'Soon.', zh: '很快。' }, examples: ['i want a refund'] },
  ];
  const made = await shop(t, { intents });
  const responder = { kind: 'webhook', url };
  const changed = (await made.owner.call('PATCH', '/bot', { responder })).json;
  assert.deepEqual([changed.live, changed.responder], [true, { ...responder, key_set: false }]);
  return made;
}

const isPeoples = (visitor) => until('people to have it', () => visitor.all('state').at(-1)?.status === STATUS.OPEN);
const saidBy = (welcome) => welcome.messages.filter(isBots).map(({ text }) => text);
/** How often it answered, and how often the built-in bot stood in for it. A report may be had thirty times a minute. */
const reported = (owner, answered, stoodIn) => until(`the report to say ${answered} and ${stoodIn}`, async () => {
  const { days, intents } = (await owner.call('GET', '/bot/report')).json;
  const own = intents.find(({ key }) => key === ':webhook')?.answered ?? 0;
  const is = [own, days.reduce((all, day) => all + day.stood_in, 0)];
  return (is[0] === answered && is[1] === stoodIn) || (await sleep(1_500, false));
});

test('it is told who says what, signed; its words and buttons reach the visitor, in their language', async (t) => {
  const answers = [
    (answer) => json(answer, { text: 'Which one?', buttons: ['The red one', 'The blue one'] }),
    (answer) => json(answer, { text: { en: 'Blue it is.', zh: '好的，蓝色。' } }),
    (answer) => json(answer, { text: { en: 'Hello.', zh: '您好，我是小店的机器人。' } }),
  ];
  const { url, calls } = await bot(t, (_, answer) => answers[calls.length - 1](answer));
  const { it, owner } = await named(t, url);
  const { secret } = (await owner.call('POST', '/bot/signing-secret', {})).json;
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  const asked = await asks(v, 'do you have "shoes"?');
  assert.equal(asked.text, 'Which one?');
  assert.deepEqual(asked.choices.map(({ label }) => label), ['The red one', 'The blue one']);
  const [, blue] = asked.choices;
  assert.equal((await asks(v, blue.label, blue.id)).text, 'Blue it is.');
  assert.equal((await asks(v, '你好，请问有货吗')).text, '您好，我是小店的机器人。');

  const { conversation } = visitor;
  const who = { id: visitor.id, verified: false, anonymous: true };
  assert.deepEqual(calls.map(({ body }) => body), [
    { conversation, message: { seq: calls[0].body.message.seq, text: 'do you have "shoes"?' }, visitor: who, locale: 'en', phase: 'pending' },
    { conversation, message: { seq: calls[1].body.message.seq, text: 'The blue one', choice: 2 }, visitor: who, locale: 'en', phase: 'pending' },
    { conversation, message: { seq: calls[2].body.message.seq, text: '你好，请问有货吗' }, visitor: who, locale: 'zh', phase: 'pending' },
  ]);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  for (const { headers, method, text } of calls) {
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = headers;
    assert.equal(signature, `v1,${createHmac('sha256', key).update(`${id}.${at}.${text}`).digest('base64')}`);
    assert.deepEqual([method, headers['content-type'], headers['idempotency-key']], ['POST', 'application/json', id]);
    assert.ok(Math.abs(Date.now() / 1_000 - Number(at)) < 60);
  }
  assert.equal(new Set(calls.map(({ headers }) => headers['webhook-id'])).size, 3, 'each message has a name of its own');
  assert.equal(v.all('state').at(-1)?.status ?? STATUS.PENDING, STATUS.PENDING, 'it is the bot’s');
  await reported(owner, 3, 0);
});

test('whatever goes wrong with it, the built-in bot answers, and redirects are not followed', async (t) => {
  let reached = 0;
  const target = await bot(t, (_, answer) => (reached++, json(answer, { text: 'from elsewhere' })));
  const answers = {
    broken: (answer) => answer.writeHead(500).end('{"text":"no"}'),
    refused: (answer) => json(answer, { text: 'no' }, 403),
    redirect: (answer) => answer.writeHead(307, { location: target.url }).end(),
    nonsense: (answer) => answer.writeHead(200).end('<html>'),
    other: (answer) => json(answer, { message: 'no' }),
    'too many buttons': (answer) => json(answer, { text: 'no', buttons: ['1', '2', '3', '4'] }),
    long: (answer) => json(answer, { text: 'x'.repeat(20_000) }),
    cut: (answer) => (answer.writeHead(200, { 'content-length': '1000' }).write('{"text":'), answer.destroy()),
    well: (answer) => json(answer, { text: 'I am well.' }),
  };
  let how;
  const { url, calls } = await bot(t, (_, answer) => answers[how](answer));
  const { it, owner } = await named(t, url);
  const v = await new Visitor(it).connect();
  for (how of Object.keys(answers)) {
    const expected = how === 'well' ? 'I am well.' : HOURS;
    assert.equal((await asks(v, 'opening hours')).text, expected, how);
  }
  assert.equal(calls.length, Object.keys(answers).length, 'each is tried once');
  assert.equal(reached, 0);
  await reported(owner, 1, Object.keys(answers).length - 1);
  const tried = async () => (({ took_ms, ...came }) => (assert.ok(took_ms >= 0), came))((await owner.call('POST', '/bot/responder/try', { text: 'are you there' })).json);
  assert.deepEqual(await tried(), { ok: true, status: 200, text: 'I am well.' });
  how = 'refused';
  assert.deepEqual(await tried(), { ok: false, status: 403, reason: 'status', text: '{"text":"no"}' });
  assert.deepEqual([calls.at(-1).body.try, calls.at(-1).body.message.text], [true, 'are you there']);
});

test('one that does not answer in time is not waited for; one that fails on rests, and a form of the built-in bot’s is its own', async (t) => {
  const answers = { hangs: () => {}, well: (answer) => json(answer, { text: 'Mine.' }), broken: (answer) => answer.writeHead(500).end() };
  let how = 'well';
  const { url, calls } = await bot(t, (_, answer) => answers[how](answer));
  const { it } = await named(t, url);
  const v = await new Visitor(it).connect();
  assert.equal((await asks(v, 'opening hours')).text, 'Mine.');
  how = 'hangs';
  const began = Date.now();
  assert.equal((await asks(v, 'where is my order')).text, 'What is your order number?');
  assert.ok(Date.now() - began >= 2_900, 'it had three seconds');
  // What replies to the form is the built-in bot's, though the other one is well again.
  how = 'well';
  assert.equal((await asks(v, 'A-1234')).text, 'Soon.');
  assert.equal(calls.length, 2);
  assert.equal((await asks(v, 'opening hours')).text, 'Mine.');
  how = 'broken';
  for (let n = 0; n < 5; n++) assert.equal((await asks(v, 'opening hours')).text, HOURS);
  assert.equal(calls.length, 8);
  how = 'well';
  assert.equal((await asks(v, 'opening hours')).text, HOURS, 'it rests');
  assert.equal(calls.length, 8);
});

test('people come when it says so, or when the visitor does, whatever it says', async (t) => {
  const { url, calls } = await bot(t, (call, answer) => json(answer, call.body.message.text.includes('angry') ? { text: 'A colleague looks into it.', hand_over: true } : { text: 'No, talk to me!' }));
  const { it, mei } = await named(t, url);
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  assert.equal((await asks(v, 'hello')).text, 'No, talk to me!');
  assert.equal((await asks(v, 'I am angry')).text, 'A colleague looks into it.');
  await isPeoples(v);
  // Who waits for a person is told things, and handed over no more.
  assert.equal((await asks(v, 'how long will it take')).text, 'No, talk to me!');
  assert.equal(calls.at(-1).body.phase, 'queued');
  v.send(message('still angry'));
  assert.equal((await asks(v, 'how long then')).text, 'No, talk to me!');
  await until('the bot to be asked about both', () => calls.length === 5);
  const m = await mei.connect(visitor.conversation);
  assert.deepEqual(m.privateWelcome.messages.map(({ activity }) => activity?.reason).filter(Boolean), ['webhook']);
  assert.deepEqual(saidBy(m.welcome), ['No, talk to me!', 'A colleague looks into it.', 'No, talk to me!', 'No, talk to me!'], 'with everything said so far');

  for (const text of ['转人工', 'I want to talk to a human']) {
    const asked = calls.length;
    const w = await new Visitor(it).connect();
    w.send(message(text));
    await isPeoples(w);
    assert.equal(calls.length, asked, 'it has no say in that');
  }
});

test('an agent who comes meanwhile, by a word or by a claim, is not talked over', async (t) => {
  let go;
  let given;
  const { url, calls } = await bot(t, async (_, answer) => {
    await new Promise((resolve) => (go = resolve));
    json(answer, { text: 'Too late.' }).once('close', given);
  });
  const { it, mei } = await named(t, url);
  const desk = await mei.desk();
  for (const how of ['a word', 'a claim']) {
    const isGiven = new Promise((resolve) => (given = resolve));
    const asked = calls.length;
    const visitor = new Visitor(it);
    const v = await visitor.connect();
    v.send(message('where are you'));
    await until('the bot to be asked', () => calls.length === asked + 1);
    const m = await mei.connect(visitor.conversation);
    if (how === 'a claim') {
      desk.send({ claim: { clientId: 'c', conversation: visitor.conversation } });
      await desk.next('assigned', (answer) => answer.clientId === 'c');
    } else {
      m.send(message('Mei here, how can I help?'));
      await v.next('message', ({ text }) => text === 'Mei here, how can I help?');
    }
    go();
    await isGiven;
    // What is written after it was given is there: the bot would have spoken before.
    m.send(message('Anything else?'));
    await v.next('message', ({ text }) => text === 'Anything else?');
    await v.ws.close();
    const again = await visitor.connect();
    assert.deepEqual(saidBy(again.welcome), [], how);
    assert.equal(calls.length, asked + 1, 'and it is asked no more');
  }
});

test('a kill in the middle: asked again by the same name, and one answer in the log', async (t) => {
  let hangs = true;
  const { url, calls } = await bot(t, (call, answer) => hangs || json(answer, { text: `You said: ${call.body.message.text}` }));
  const { it } = await named(t, url);
  const visitor = new Visitor(it);
  let v = await visitor.connect();
  v.send(message('a long story'));
  await until('the bot to be asked', () => calls.length === 1);
  await it.server.kill();
  hangs = false;
  await it.server.restart();
  v = await visitor.connect();
  await until('the answer', () => [...v.welcome.messages, ...v.all('message')].some(({ text }) => text === 'You said: a long story'));
  assert.ok(calls.length >= 2);
  assert.equal(new Set(calls.map(({ headers }) => headers['webhook-id'])).size, 1);
  assert.equal(new Set(calls.map(({ text }) => text)).size, 1);
  assert.equal((await asks(v, 'another one')).text, 'You said: another one', 'it goes on');
  await v.ws.close();
  v = await visitor.connect();
  assert.deepEqual(saidBy(v.welcome), ['You said: a long story', 'You said: another one']);
});

test('an address that may not be called is not kept, and agents may not say who answers', async (t) => {
  const { url, calls } = await bot(t, (_, answer) => json(answer, { text: 'x' }));
  const { it, owner, mei } = await named(t, url);
  for (const address of ['', 'http://shop.example/', 'https://192.168.0.1/', 'https://169.254.169.254/', 'https://a.internal/', 'https://shop.example:8443/', 'https://u:p@shop.example/']) {
    const { status, json: refused } = await owner.try('PATCH', '/bot', { responder: { kind: 'webhook', url: address } });
    assert.deepEqual([status, refused.code, refused.field], [400, 'url_refused', 'url'], address);
  }
  assert.equal((await mei.try('PATCH', '/bot', { responder: { kind: 'built_in' } })).status, 403);
  assert.equal((await owner.call('GET', '/bot')).json.responder.url, url);
  // Another kind, and it is asked no more.
  assert.equal((await owner.call('PATCH', '/bot', { responder: { kind: 'built_in' } })).json.live, true);
  const v = await new Visitor(it).connect();
  assert.equal((await asks(v, 'opening hours')).text, HOURS);
  assert.equal(calls.length, 0);
});

test('a key goes in and never comes out', async (t) => {
  const { it, owner } = await named(t, (await bot(t, () => {})).url);
  const key = 'sk-live-0123456789abcdef';
  const responder = { kind: 'model', url: 'https://models.example/v1', model: 'small', key };
  const { key: _, ...shown } = responder;
  assert.deepEqual((await owner.call('PATCH', '/bot', { responder })).json.responder, { ...shown, key_set: true });
  const [[{ workspace, responder_key: kept }]] = await sql(it, ['SELECT workspace, responder_key FROM bots']);
  assert.equal(unsealed(it.server.secrets, workspace, responder.url, kept), key, 'kept sealed, for this address');
  for (const path of ['/bot', '/audit', '/intents']) assert.doesNotMatch((await owner.call('GET', path)).text, /sk-live/, path);
  const elsewhere = { ...shown, url: 'https://evil.example/v1' };
  assert.deepEqual((await owner.call('PATCH', '/bot', { responder: elsewhere })).json.responder, { ...elsewhere, key_set: false });
});
