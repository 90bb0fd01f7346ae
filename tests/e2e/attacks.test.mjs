// What was found in other chat servers, tried on this one. docs/testing.md says which class is tried where.
import assert from 'node:assert/strict';
import { request as rawRequest } from 'node:http';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, after, describe, test } from 'node:test';
import { Socket, until } from './lib/socket.mjs';
import { Agent, DEMO_SITE, Visitor, message, newAddress, request, say, world } from './lib/world.mjs';

const ending = [];
let it, mei, owner, visitor;
before(async () => {
  it = await world({ after: (end) => ending.push(end) });
  [mei, owner] = await Promise.all([it.people.agents[0], it.people.owner].map((one) => Agent.signIn(it, one)));
  visitor = new Visitor(it);
});
after(() => Promise.all(ending.map((end) => end())));

/** A request whose every header is ours to choose, `Host` included. */
const raw = (path, headers, { method = 'GET', body } = {}) =>
  new Promise((resolve, reject) => {
    const sent = rawRequest({ host: '127.0.0.1', port: it.server.port, path, method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

test('CSWSH: a cookie opens no socket, whatever the page is', async () => {
  await visitor.session();
  const ticket = await mei.ticket();
  for (const path of ['/v1/desk/socket', `/v1/rooms/${visitor.conversation}/socket`]) {
    for (const origin of [undefined, 'null', 'https://evil.example', `${it.url}.evil.example`, it.url]) {
      const socket = await Socket.open(`${it.url}${path}`, { origin, headers: { cookie: mei.cookie } });
      assert.ok((await socket.closed).code >= 4500, `${path} from ${origin}`);
      assert.deepEqual(socket.all('error').map(({ code }) => code), ['unauthorized']);
    }
    // And a stolen ticket does not work on another page.
    for (const origin of ['null', 'https://evil.example', it.url.replace('http:', 'https:'), `${it.url}0`]) {
      const socket = await Socket.open(`${it.url}${path}`, { origin, ticket, headers: { cookie: mei.cookie } });
      assert.equal((await socket.closed).code, 4500, `${path} with a ticket from ${origin}`);
      assert.deepEqual(socket.all('error').map(({ code }) => code), ['origin_refused']);
    }
  }
});

test('clickjacking: no page of ours stands in a frame', async () => {
  let pages = 0;
  for (const path of ['/', '/?next=//evil.example', '/console/', '/console/login', '/console/link', '/console/inbox/all/x', '/console/index.html', '/demo/', '/demo/workshop.html', '/demo/index.html', '/console', '/none', '/none.html', '/console/none.html', '/api/v1/me']) {
    const { status, headers } = await request(it, 'GET', path, { origin: null });
    assert.ok(status < 500, path);
    // A redirect shows nothing.
    if (status >= 300 && status < 400) continue;
    const kind = headers.get('content-type') ?? '';
    if (kind.startsWith('text/html')) pages++;
    if (!kind.startsWith('text/html') && status < 400) continue;
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/, `${path} (${status} ${kind})`);
    assert.equal(headers.get('x-frame-options'), 'DENY', path);
  }
  assert.ok(pages >= 7, `${pages} pages`);
});

test('open redirect: what a request says never becomes a place', async () => {
  for (const path of ['/console', '/console/login', '/']) {
    for (const query of ['?next=https://evil.example', '?to=//evil.example', '?return=%5C%5Cevil.example', '?url=/\\evil.example', '?redirect=javascript:1']) {
      const { headers } = await request(it, 'GET', path + query, { origin: null });
      const place = headers.get('location');
      assert.ok(!place || new URL(place, it.url).origin === it.url, `${path}${query} leads to ${place}`);
    }
  }
  for (const path of ['//evil.example', '//evil.example/%2e%2e', '/\\evil.example', '/console//evil.example', '/%2f%2fevil.example', '/.//evil.example', '/console/../..//evil.example']) {
    const { headers } = await raw(path, { host: new URL(it.url).host });
    const place = headers.location;
    assert.ok(!place || new URL(place, it.url).origin === it.url, `${path} leads to ${place}`);
  }
});

test('host header: links, pages and redirects come from what is configured', async () => {
  const forged = { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example;proto=https', 'x-forwarded-proto': 'https', 'x-original-url': '/evil.example', 'x-rewrite-url': '/evil.example' };
  for (const path of ['/', '/console', '/console/', '/console/link', '/widget.js', '/api/v1/me', '/demo/', '/none']) {
    const { headers, text } = await raw(path, forged);
    assert.ok(!(text + JSON.stringify(headers)).includes('evil'), path);
  }
  const body = JSON.stringify({ name: 'New', email: 'new@example.com', role: 'agent' });
  const { status, text } = await raw('/api/v1/agents', { ...forged, cookie: owner.cookie, origin: it.url, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }, { method: 'POST', body });
  assert.equal(status, 201, text);
  assert.equal(new URL(JSON.parse(text).link).origin, it.url);
  const sites = await raw('/api/v1/sites', { ...forged, cookie: owner.cookie });
  assert.ok(!sites.text.includes('evil') && sites.text.includes(`${it.url}/widget.js`));
});

test('cache deception and poisoning: what is private has no public name, and what is public does not change', async () => {
  const name = mei.cookie.split('=')[0];
  for (const end of ['/x.css', '.css', ';x.css', '%2fx.css', '/..;/x.js', '%00.css', '%3bx.css', '/index.html', '%0ax.png']) {
    for (const path of ['/api/v1/me', '/api/v1/conversations', '/api/v1/sites']) {
      const { status, headers, text } = await raw(path + end, { host: new URL(it.url).host, cookie: mei.cookie });
      assert.equal(status, 404, path + end);
      assert.match(headers['cache-control'], /no-store/, path + end);
      assert.ok(!text.includes(mei.email));
    }
  }
  const plain = await request(it, 'GET', '/widget.js', { origin: null });
  const strange = { cookie: `${name}=x`, 'x-forwarded-host': 'evil.example', 'accept-language': 'zh', origin: 'https://evil.example', 'x-forwarded-scheme': 'http', 'user-agent': '<script>' };
  const odd = await request(it, 'GET', '/widget.js?site=evil&utm=<script>', { headers: strange, origin: null });
  assert.deepEqual([odd.status, odd.text, odd.headers.get('access-control-allow-origin')], [200, plain.text, '*']);
});

describe('links that work once', () => {
  const fresh = async (n) => (await owner.call('POST', '/agents', { name: `Link ${n}`, email: `link-${n}@example.com`, role: 'agent' })).json;
  const look = (token) => request(it, 'POST', '/api/v1/links/look', { body: { token }, address: newAddress() });
  const follow = (token) => request(it, 'POST', '/api/v1/links/follow', { body: { token, password: 'a good long one' }, address: newAddress() });

  test('nothing but the whole token opens one, and it is in no address', async () => {
    const { link } = await fresh(1);
    const { hash, search, pathname } = new URL(link);
    const token = /[\w-]{43}/.exec(hash)[0];
    assert.ok(!(search + pathname).includes(token));
    const flipped = token.replace(/[a-zA-Z]/, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));
    const forms = ['', ' ', '%20', 'null', 'undefined', '0', '[]', '*', '%', '_'.repeat(43), token.slice(0, -1), token.slice(1), `${token}A`, ` ${token}`, `${token} `, `${token}\n`, `${token}\0`, `${token}=`, encodeURIComponent(`${token}/`), flipped, "' OR 1=1 --", token.slice(0, 42) + '%'];
    for (const form of forms) {
      const [seen, followed] = [await look(form), await follow(form)];
      assert.deepEqual([seen.status, followed.status], [404, 404], JSON.stringify(form));
      assert.deepEqual(seen.json, followed.json, 'one answer for all');
    }
    for (const form of [null, 0, true, [], [token], { $ne: '' }, undefined]) assert.equal((await look(form)).status, 400, JSON.stringify(form));
    assert.equal((await look(token)).status, 200);
  });

  test('a used one, an older one, and one of a disabled agent are gone; nobody of another workspace can make one', async () => {
    const { link, agent } = await fresh(2);
    const token = new URL(link).hash.slice(-43);
    assert.equal((await follow(token)).status, 200);
    assert.equal((await follow(token)).status, 410);
    const older = (await owner.call('POST', `/agents/${agent.id}/reset`, {})).json.link.slice(-43);
    const newer = (await owner.call('POST', `/agents/${agent.id}/reset`, {})).json.link.slice(-43);
    assert.deepEqual([(await look(older)).status, (await look(newer)).status], [404, 200]);
    await owner.call('POST', `/agents/${agent.id}/disable`, {});
    assert.ok((await follow(newer)).status >= 404);
    assert.equal((await owner.try('POST', '/agents/agt_aaaaaaaaaaaaaaaa/reset', {})).status, 404);
    assert.equal((await mei.try('POST', `/agents/${owner.me.id}/reset`, {})).status, 403);
  });
});

test('enumeration: nobody learns who exists', async () => {
  const ask = (path, body) => request(it, 'POST', path, { body, address: newAddress() });
  const cleaned = ({ status, json, headers }) => ({ status, json, names: [...headers.keys()].filter((name) => name !== 'date').sort() });
  const known = cleaned(await ask('/api/v1/login', { email: it.people.agents[1].email, password: 'not the one' }));
  assert.equal(known.status, 401);
  const invited = (await owner.call('POST', '/agents', { name: 'Not yet', email: 'notyet@example.com', role: 'agent' })).json.agent;
  for (const email of ['nobody@example.com', invited.email, it.people.agents[1].email.toUpperCase()]) {
    assert.deepEqual(cleaned(await ask('/api/v1/login', { email, password: 'not the one' })), known, email);
  }
  const real = await mei.try('GET', `/conversations/cnv_${'0'.repeat(64)}`);
  assert.deepEqual(cleaned(await mei.try('GET', `/conversations/${visitor.conversation}`)), cleaned(real), 'what has not been written to does not exist');
});

test('prototype keys are attributes like any other, and unknown members are refused', async () => {
  const one = new Visitor(it);
  const socket = await one.connect();
  await say(socket, 'hello');
  const desk = await mei.connect(one.conversation);
  const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf'];
  // As text: an object literal of ours could not say this.
  socket.raw(`{"identify":{"name":"__proto__","attributes":{${keys.map((key) => `"${key}":"own ${key}"`)}}}}`);
  const profile = await desk.next('visitor', ({ name }) => name === '__proto__');
  assert.deepEqual([...profile.attributes].sort(), keys.map((key) => [key, `own ${key}`]).sort());
  assert.deepEqual([{}.polluted, Object.keys(Object.prototype)], [undefined, []]);
  const since = socket.frames.length;
  socket.raw('{"__proto__":{"send":{"clientId":"p","text":"polluted"}},"constructor":{"prototype":{"admin":true}}}');
  await socket.next('error', ({ code }) => code === 'unknown_frame', { since });
  for (const body of ['{"name":"x","__proto__":{"role":"owner"}}', '{"name":"x","role":"owner"}', '{"name":"x","generation":0}', '{"name":"x","password_hash":""}', '{"name":"x","name":"y"}', '{"name":{"toString":"x"}}', '["x"]', '{"name":"x","workspace":"ws_aaaaaaaaaaaaaaaa"}']) {
    assert.equal((await mei.try('PATCH', '/me', body)).json.code, 'bad_request', body);
  }
  assert.equal((await mei.call('GET', '/me')).json.me.role, 'agent');
});

/** Every file below a folder. */
const files = (folder) => readdirSync(folder).flatMap((name) => (statSync(join(folder, name)).isDirectory() ? files(join(folder, name)) : [join(folder, name)]));

test('secrets are in no log and no store, and a log line is one line', async (t) => {
  const own = await world(t);
  const password = 'planted-password-4711';
  const forged = 'forged\r\n{"level":"error","message":"planted-line"}\u001b[31m\u2028planted-line';
  const [tom, boss] = await Promise.all([own.people.agents[1], own.people.owner].map((one) => Agent.signIn(own, one)));
  const { link } = (await boss.call('POST', '/agents', { name: 'New', email: 'planted@example.com', role: 'agent' })).json;
  const token = link.slice(-43);
  const followed = await request(own, 'POST', '/api/v1/links/follow', { body: { token, password }, address: newAddress() });
  const planted = { password, link: token, cookie: tom.cookie.split('=')[1], 'cookie by link': followed.cookie.split('=')[1], ticket: await tom.ticket(), ...own.server.secrets };
  const guest = new Visitor(own);
  const socket = await guest.connect({ hello: { context: { pageUrl: forged, pageTitle: forged, referrer: forged } } });
  Object.assign(planted, { 'visitor token': guest.token, 'visitor ticket': guest.ticket });
  socket.send({ identify: { name: forged, email: forged, attributes: new Map([[forged, forged]]) } });
  await say(socket, forged);
  socket.send({ renew: { ticket: planted.ticket } });
  socket.raw(`{"${forged.replace(/["\r\n]/g, '')}":`);
  socket.send(message('x'.repeat(9_000)));
  // Everything that is refused is a reason to log; so is what does not exist.
  const bad = [['GET', `/api/v1/${encodeURIComponent(forged)}`], ['GET', '/api/v1/me', { cookie: `${tom.cookie.split('=')[0]}=${planted.cookie}x` }], ['POST', '/api/v1/login', { body: { email: `x\r\n${own.people.owner.email}`, password } }], ['POST', '/api/v1/links/look', { body: { token: `${token}x` } }], ['POST', '/v1/session', { body: { site: DEMO_SITE, token: `${guest.token}x` } }], ['GET', '/ops/v1/health', { headers: { authorization: `Bearer ${own.server.secrets.BELLHOP_OPS_KEY}` } }], ['GET', '/console/planted-line%0d%0aplanted-line', { headers: { 'user-agent': 'planted-line' } }]];
  for (const [method, path, options] of bad) await request(own, method, path, { address: newAddress(), ...options });
  const odd = await Socket.open(`${own.url}/v1/desk/socket`, { ticket: `${planted.ticket}x`, origin: own.url });
  await odd.closed;
  await until('the history', async () => (await tom.call('GET', '/conversations')).json.conversations.length === 1);
  await tom.call('POST', '/logout', {});
  // What is in memory only is written on the way out.
  await own.server.kill();

  const log = own.server.output();
  const stored = files(own.server.store).filter((file) => !/workerd\.capnp$|entry\.js$/.test(file)).map((file) => [file.slice(own.server.store.length), readFileSync(file, 'latin1')]);
  assert.ok(stored.some(([, bytes]) => bytes.includes('planted-line')), 'the stores were looked through');
  for (const [what, secret] of Object.entries(planted)) {
    assert.ok(secret.length > 15, what);
    assert.ok(!log.includes(secret), `the log has the ${what}`);
    for (const [file, bytes] of stored) assert.ok(!bytes.includes(secret), `${file} has the ${what}`);
  }
  for (const text of ['planted-line', '\u001b', own.people.owner.email, 'planted@example.com']) assert.ok(!log.includes(text), `the log has ${JSON.stringify(text)}:\n${log}`);
});
