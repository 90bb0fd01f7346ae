// Actions on the real runtime: the bot asks the shop of examples/shop.mjs, and what becomes of it when that is slow, broken or hostile.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { shop as example } from '../../examples/shop.mjs';
import { asks, isBots, shop } from './lib/bot.mjs';
import { sign } from './lib/identity.mjs';
import { until } from './lib/socket.mjs';
import { STATUS } from './lib/wire.mjs';
import { DEMO_SITE, message, ok, request, Visitor } from './lib/world.mjs';

const NO_REPLY = /^I can't get an answer from our system/;

async function listening(t, server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}

/** A server of the owner's that answers by `how(call)` and keeps what it was asked. */
async function owners(t, how) {
  const calls = [];
  const server = createServer(async (asked, answer) => {
    let body = '';
    for await (const chunk of asked) body += chunk;
    const call = { url: asked.url, headers: asked.headers, key: asked.headers['idempotency-key'], text: body, body: JSON.parse(body || '{}'), at: Date.now() };
    calls.push(call);
    await how(call, answer);
  });
  return { url: await listening(t, server), calls };
}

const json = (answer, body, status = 200) => answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** A workspace whose `order_status` asks for an order number and then calls this address. */
async function acting(t, url, { verified = false } = {}) {
  const intents = [
    { id: 'order_status', title: { en: 'Where is my order?', zh: '订单到哪了' }, form: [{ key: 'order', kind: 'order' }], action: { url, verified }, examples: ['where is my order'] },
    { id: 'business_hours', title: { en: 'Opening hours', zh: '营业时间' }, answer: { en: 'Nine to five.', zh: '九点到五点。' }, examples: ['opening hours'] },
    { id: 'refund_request', title: { en: 'A refund', zh: '退款' }, answer: { en: 'Soon.', zh: '很快。' }, examples: ['i want a refund'] },
  ];
  return shop(t, { intents });
}

const secretOf = async (owner) => (await owner.call('POST', '/bot/signing-secret', {})).json.secret;

test('the shop of the example answers, in both languages, and to whoever is signed in of their own orders', async (t) => {
  let shops;
  const url = await listening(t, createServer((asked, answer) => shops.emit('request', asked, answer)));
  const { it, owner, mei } = await acting(t, url);
  assert.equal((await mei.try('POST', '/bot/signing-secret', {})).status, 403);
  const first = await secretOf(owner);
  shops = example({ secret: first });
  assert.match(first, /^whsec_[A-Za-z0-9+/]{43}=$/);
  const v = await new Visitor(it).connect();
  assert.equal((await asks(v, 'where is my order')).text, 'What is your order number?');
  assert.equal((await asks(v, '#a-1234')).text, 'Order A-1234: it left our workshop on Tuesday and should be with you by Friday.');
  assert.equal((await asks(v, '订单到哪了，单号 #A-2001')).text, '订单 A-2001：正在制作，两天内发出。');
  assert.match((await asks(v, 'where is my order #A-9999')).text, /^I can't find an order A-9999/);

  // What a visitor proves to the site, the shop hears.
  const { secret } = (await owner.call('POST', `/sites/${DEMO_SITE}/identity`, { new_secret: true, enforced: false })).json;
  const identity = sign(secret, { sub: 'customer-7' });
  const { json: session } = await ok(it, 'POST', '/v1/session', { body: { site: DEMO_SITE, identity } });
  const known = await Object.assign(new Visitor(it), { token: session.token, conversation: session.conversation, ticket: session.ticket }).connect();
  assert.match((await asks(known, 'where is my order #A-1234')).text, /left our workshop/);
  assert.match((await asks(known, 'where is my order #A-2001')).text, /can't find/, 'somebody else’s');

  // Another secret: what is signed by it the shop refuses until it has it. The API shows none a second time, and the log who made them.
  assert.notEqual(await secretOf(owner), first);
  assert.match((await asks(v, 'where is my order #A-1234')).text, NO_REPLY);
  await until('people to have it', () => v.all('state').at(-1)?.status === STATUS.OPEN);
  for (const path of ['/bot', '/intents', '/bot/models', '/audit']) assert.doesNotMatch((await owner.call('GET', path)).text, /whsec/, path);
  const audit = (await owner.call('GET', '/audit')).json.entries;
  assert.equal(audit.filter(({ action }) => action === 'bot_signing_secret_made').length, 2);
});

test('what is sent to the example again is answered as before, whatever header nobody signed', async (t) => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  let done = 0;
  const url = await listening(t, example({ secret, answer: () => `done ${++done}` }));
  const [id, at, body] = ['act_1', String(Math.floor(Date.now() / 1_000)), '{}'];
  const sign = (id) => `v1,${createHmac('sha256', Buffer.alloc(32, 7)).update(`${id}.${at}.${body}`).digest('base64')}`;
  const post = async (id, key, signature = sign(id)) => {
    const answer = await fetch(url, { method: 'POST', body, headers: { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature, 'idempotency-key': key } });
    return [answer.status, (await answer.json()).message];
  };
  assert.deepEqual(await post(id, id), [200, 'done 1']);
  assert.deepEqual(await post(id, 'another'), [200, 'done 1']);
  assert.deepEqual(await post('act_2', id), [200, 'done 2']);
  assert.equal((await post('act_3', 'act_3', sign(id)))[0], 401);
});

test('a kill between the commit and the reply: asked again by the same name, and answered once', async (t) => {
  let hangs = true;
  const { url, calls } = await owners(t, (call, answer) => hangs || json(answer, { message: `Order ${call.body.fields.order} is on its way.` }));
  const { it } = await acting(t, url);
  const visitor = new Visitor(it);
  let v = await visitor.connect();
  await asks(v, 'where is my order');
  v.send(message('#A-1234'));
  await until('the shop to be asked', () => calls.length === 1);
  await it.server.kill();
  hangs = false;
  await it.server.restart();
  v = await visitor.connect();
  await until('the answer', () => [...v.welcome.messages, ...v.all('message')].some(({ text }) => text === 'Order A-1234 is on its way.'));
  assert.ok(calls.length >= 2);
  assert.deepEqual([...new Set(calls.map(({ key }) => key))].length, 1);
  assert.deepEqual([...new Set(calls.map(({ text }) => text))].length, 1);
  assert.deepEqual(calls[0].headers['webhook-id'], calls[0].key);
  assert.deepEqual(Object.keys(calls[0].body), ['intent', 'fields', 'visitor', 'conversation', 'locale']);
  assert.deepEqual(calls[0].body, { intent: 'order_status', fields: { order: 'A-1234' }, visitor: { id: visitor.id, verified: false, anonymous: true }, conversation: visitor.conversation, locale: 'en' });
  assert.equal((await asks(v, 'opening hours')).text, 'Nine to five.', 'it goes on');
  await v.ws.close();
  v = await visitor.connect();
  const said = v.welcome.messages.filter(isBots).map(({ text }) => text);
  assert.deepEqual(said, ['What is your order number?', 'Order A-1234 is on its way.', 'Nine to five.']);
});

test('redirects are not followed, what is too long or no message fails, and markup is text', async (t) => {
  let reached = 0;
  const target = await owners(t, (_, answer) => (reached++, json(answer, { message: 'from elsewhere' })));
  const answers = {
    redirect: (answer) => answer.writeHead(307, { location: target.url }).end(),
    long: (answer) => answer.writeHead(200, { 'content-type': 'application/json' }).end(`{"message":"${'x'.repeat(20_000)}"}`),
    other: (answer) => json(answer, { text: 'no message' }),
    refused: (answer) => json(answer, { message: 'x' }, 403),
    markup: (answer) => json(answer, { message: '<img src=x onerror=alert(1)> [a](javascript:alert(1))' }),
  };
  let how;
  const { url, calls } = await owners(t, (_, answer) => answers[how](answer));
  const { it } = await acting(t, url);
  for (how of ['redirect', 'long', 'other', 'refused']) {
    calls.length = 0;
    const v = await new Visitor(it).connect();
    assert.match((await asks(v, 'where is my order #A-1234')).text, NO_REPLY, how);
    assert.equal(calls.length, 1, `${how} is not tried again`);
    await until('people to have it', () => v.all('state').at(-1)?.status === STATUS.OPEN);
  }
  assert.equal(reached, 0);
  how = 'markup';
  const v = await new Visitor(it).connect();
  const said = await asks(v, 'where is my order #A-1234');
  assert.equal(said.text, '<img src=x onerror=alert(1)> [a](javascript:alert(1))');
  assert.deepEqual(said.choices ?? [], []);
});

test('what is broken is tried three times, then people have it; a host that fails on is left alone', async (t) => {
  let fails = true;
  const { url, calls } = await owners(t, (_, answer) => (fails ? answer.writeHead(500).end() : json(answer, { message: 'well again' })));
  const { it, mei } = await acting(t, url);
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  assert.match((await asks(v, 'where is my order #A-1234')).text, NO_REPLY);
  await until('people to have it', () => v.all('state').at(-1)?.status === STATUS.OPEN);
  assert.equal(calls.length, 3);
  assert.equal(new Set(calls.map(({ key }) => key)).size, 1);
  const m = await mei.connect(visitor.conversation);
  const notes = [...m.privateWelcome.messages].map(({ note }) => note).filter(Boolean);
  assert.deepEqual(notes, ['order: A-1234'], 'with what was collected');
  // Two more make five in a row: the sixth is not made.
  const w = await new Visitor(it).connect();
  assert.match((await asks(w, 'where is my order #A-1234')).text, NO_REPLY);
  assert.equal(calls.length, 5);
  fails = false;
  const began = Date.now();
  const x = await new Visitor(it).connect();
  assert.match((await asks(x, 'where is my order #A-1234')).text, NO_REPLY);
  assert.deepEqual([calls.length, Date.now() - began < 5_000], [5, true], 'at once');
});

test('a system that does not answer in time is given up, and what is written meanwhile is answered after it', async (t) => {
  const { url, calls } = await owners(t, () => {});
  const { it } = await acting(t, url);
  const v = await new Visitor(it).connect();
  v.send(message('where is my order #A-1234'));
  await until('it to be asked', () => calls.length === 1);
  v.send(message('opening hours'));
  await until('both answers', () => v.all('message').filter(isBots).length === 2, 60_000);
  assert.equal(v.all('state').at(-1).status, STATUS.OPEN);
  const said = v.all('message').filter(isBots).map(({ text }) => text);
  assert.match(said[0], NO_REPLY);
  assert.deepEqual(said.slice(1), ['Nine to five.']);
  assert.equal(calls.length, 3);
  const gaps = calls.slice(1).map(({ at }, place) => at - calls[place].at);
  // The pauses between them are of no fixed length; the Room's own tests know them.
  assert.ok(gaps.every((gap) => gap > 5_000), `five seconds each: ${gaps}`);
});

test('only for visitors whom their site has signed', async (t) => {
  const { url, calls } = await owners(t, (_, answer) => json(answer, { message: 'x' }));
  const { it } = await acting(t, url, { verified: true });
  const v = await new Visitor(it).connect();
  assert.match((await asks(v, 'where is my order')).text, /signed in on this site/, 'before anything is asked');
  await until('people to have it', () => v.all('state').at(-1)?.status === STATUS.OPEN);
  assert.equal(calls.length, 0);
});

test('an address that may not be called is refused by a code of its own', async (t) => {
  const { url, calls } = await owners(t, (_, answer) => json(answer, { message: 'x' }));
  const { it, owner } = await acting(t, url);
  const put = (address) => owner.try('PUT', '/intents/business_hours', { answer: { en: 'x' }, action: { url: address } });
  for (const address of ['http://shop.example/', 'https://192.168.0.1/', 'https://a.internal/', 'https://shop.example:8443/', 'https://u:p@shop.example/']) {
    const { status, json: refused } = await put(address);
    assert.deepEqual([status, refused.code, refused.field], [400, 'url_refused', 'action'], address);
  }
  assert.deepEqual((await put('https://shop.example/bot?a=b')).json.action, { url: 'https://shop.example/bot?a=b', verified: false });
  assert.equal((await put('')).json.action, undefined);
  assert.equal((await request(it, 'POST', '/api/v1/bot/signing-secret', { body: {} })).status, 401);
  assert.equal(calls.length, 0);
});
