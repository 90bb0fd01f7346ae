// Articles on the real runtime: written and published, read by everybody as a page, told by the bot, and given to a language model.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { asks, shop } from './lib/bot.mjs';
import { newAddress, request, Visitor } from './lib/world.mjs';

const OWN = { en: 'Write to us.', zh: '请联系我们。' };
const INTENTS = [
  { id: 'business_hours', title: { en: 'Opening hours', zh: '营业时间' }, answer: { en: 'Nine to five.', zh: '九点到五点。' }, examples: ['opening hours'] },
  { id: 'order_status', title: { en: 'Where is my order?', zh: '订单到哪了' }, answer: OWN, buttons: ['business_hours'], examples: ['where is my order'] },
  { id: 'refund_request', title: { en: 'A refund', zh: '退款' }, answer: { en: 'Soon.', zh: '很快。' }, examples: ['i want a refund'] },
];
const ARTICLE = {
  title: { en: 'How parcels travel', zh: '包裹如何运输' },
  body: {
    en: '# On the road\n\nParcels take **two days**. <script>alert(1)</script>\n\n- by [train](https://rail.example/)\n- by mule\n\n## To islands\n\nTo islands we deliver by canoe, each Tuesday.',
    zh: '包裹需要**两天**。',
  },
  published: true,
};

const page = (it, path) => request(it, 'GET', path, { origin: null, address: newAddress() });

test('an article is told by the bot while it is published, and read by everybody', async (t) => {
  const { it, owner, mei } = await shop(t, { intents: INTENTS });
  const made = (await owner.call('POST', '/articles', ARTICLE)).json;
  assert.deepEqual([made.live, made.body], [true, ARTICLE.body]);
  const { id } = made;
  const put = async (change) => (await owner.call('PUT', `/articles/${id}`, { ...ARTICLE, ...change })).json;
  assert.equal((await mei.try('PUT', `/articles/${id}`, ARTICLE)).json.code, 'forbidden');
  assert.deepEqual((await mei.call('GET', '/articles')).json.articles.map(({ title, body, published }) => [title.en, body, published]), [[ARTICLE.title.en, undefined, true]]);
  assert.equal((await mei.call('GET', `/articles/${id}`)).json.body.zh, ARTICLE.body.zh);
  const { updated_at: _, id: intent, ...status } = (await mei.call('GET', '/intents')).json.intents.find((one) => one.id === 'order_status');
  assert.equal((await owner.call('PUT', `/intents/${intent}`, { ...status, article: id })).json.live, true);
  assert.equal((await owner.try('PUT', `/intents/${intent}`, { ...status, article: 'art_aaaaaaaaaaaaaaaa' })).json.code, 'bad_request');

  const v = await new Visitor(it).connect();
  const told = await asks(v, 'Where is my order?');
  assert.equal(told.text, `How parcels travel\n\nOn the road: Parcels take two days. <script>alert(1)</script> by train; by mule; To islands: To islands we deliver by canoe, each Tuesday.\n\n${it.url}/help/en/${id}`);
  assert.deepEqual(told.choices.map(({ label }) => label), ['Opening hours']);
  assert.equal((await asks(v, '订单到哪了')).text, `包裹如何运输\n\n包裹需要两天。\n\n${it.url}/help/zh/${id}`);

  const english = await page(it, `/help/en/${id}`);
  assert.equal(english.status, 200);
  assert.match(english.headers.get('content-type'), /^text\/html; charset=utf-8$/);
  const policy = english.headers.get('content-security-policy');
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[\w+/]+='; img-src https:;/);
  assert.ok(!policy.includes('script-src') && !/<script/.test(english.text) && english.text.includes('&lt;script&gt;'), english.text);
  assert.ok(english.text.includes('<strong>two days</strong>') && english.text.includes('<a href="https://rail.example/" rel="noopener nofollow">train</a>'), english.text);
  assert.match((await page(it, `/help/zh/${id}`)).text, /<html lang="zh-CN">.*<strong>两天<\/strong>/s);

  // The page leads to the list of all, which has an address without a name, too, as long as there is one workspace.
  const { workspace } = (await owner.call('GET', '/me')).json.me;
  const [, all] = english.text.match(/<footer><a href="([^"]+)">All articles<\/a>/);
  assert.equal(all, `/help/en/${workspace.id}`);
  for (const path of [all, '/help/en']) {
    const list = await page(it, path);
    assert.deepEqual([list.status, list.headers.get('content-security-policy'), list.headers.get('cache-control')], [200, policy, english.headers.get('cache-control')]);
    assert.ok(list.text.includes(`<a href="/help/en/${id}">How parcels travel</a>`) && list.text.includes(`<a href="/help/zh/${workspace.id}" hreflang="zh-CN" lang="zh-CN">中文</a>`), list.text);
  }
  assert.match((await page(it, '/help/zh')).text, new RegExp(`<html lang="zh-CN">.*<a href="/help/zh/${id}">包裹如何运输</a>`, 's'));

  assert.equal((await put({ published: false })).live, true);
  for (const gone of [id, 'art_aaaaaaaaaaaaaaaa']) {
    const answer = await page(it, `/help/zh/${gone}`);
    assert.deepEqual([answer.status, /<h1>未找到<\/h1>/.test(answer.text)], [404, true]);
  }
  for (const path of ['/help/zh', all, '/help/en/ws_aaaaaaaaaaaaaaaa']) assert.equal((await page(it, path)).status, 404, `${path}: a draft is listed nowhere`);
  assert.equal((await asks(v, 'Where is my order?')).text, OWN.en, 'a draft is told to nobody');
  await put({});
  assert.match((await asks(v, 'Where is my order?')).text, /^How parcels travel/);
  await owner.call('DELETE', `/articles/${id}`, {});
  assert.equal((await asks(v, '订单到哪了')).text, OWN.zh, 'nor is one that is gone');
  assert.deepEqual((await owner.call('POST', '/articles/preview', { text: '*a*' })).json, { text: '<p dir="auto"><em>a</em></p>' });
});

test('a language model answers from a passage of an article, and names it', async (t) => {
  const calls = [];
  const server = createServer(async (asked, answer) => {
    let text = '';
    for await (const chunk of asked) text += chunk;
    calls.push(JSON.parse(text).messages[0].content);
    answer.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: '[1] Each Tuesday.' } }] })}\n\ndata: [DONE]\n\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => (server.closeAllConnections(), server.close()));
  const { it, owner } = await shop(t, { intents: INTENTS });
  const { id } = (await owner.call('POST', '/articles', ARTICLE)).json;
  await owner.call('PATCH', '/bot', { responder: { kind: 'model', url: `http://127.0.0.1:${server.address().port}/v1`, model: 'small-1' } });
  const v = await new Visitor(it).connect();
  const question = 'how much does the canoe to islands hold';
  assert.equal((await asks(v, question)).text, 'Each Tuesday.\n\nFrom our help pages: “How parcels travel”');
  assert.match(calls[0], /<<<PASSAGE 1>>>\nHow parcels travel\nTo islands\nTo islands we deliver by canoe, each Tuesday\.\n<<<END>>>/);
  assert.ok(!calls[0].includes('两天'), 'in the language of the talk');

  await owner.call('PUT', `/articles/${id}`, { ...ARTICLE, published: false });
  const w = await new Visitor(it).connect();
  assert.doesNotMatch((await asks(w, question)).text, /Tuesday/);
  assert.equal(calls.length, 1, 'a draft is read by nobody');
});
