// What a fresh deployment answers before anybody has used it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { at } from '../../scripts/lib/paths.mjs';
import { migrate, ops } from '../../scripts/lib/ops.mjs';
import { start } from '../../scripts/lib/server.mjs';
import { demo } from '../../scripts/lib/demo.mjs';
import { Agent, DEMO_SITE, newAddress, request, say, Visitor, world } from './lib/world.mjs';

test('a migration is applied once, and until then whatever needs the database says so', async (t) => {
  const server = await start({ vars: { BELLHOP_DEMO: '1' } });
  t.after(() => server.stop());
  const call = (route, body) => ops(server.url, server.secrets.BELLHOP_OPS_KEY, route, body);
  const before = await call('health');
  assert.equal(before.ready, false);
  const behind = await request(server, 'POST', '/api/v1/login', { body: { email: 'a@example.com', password: 'not the one' } });
  assert.equal(behind.status, 503, behind.text);
  assert.equal(behind.json.code, 'schema_behind');
  assert.ok(Number(behind.headers.get('retry-after')) > 0);

  const applied = await migrate(server.url, server.secrets.BELLHOP_OPS_KEY);
  assert.equal(new Set(applied).size, applied.length);
  const again = await call('migrate', {});
  assert.deepEqual([again.applied, again.to], [[], applied.length]);
  const after = await call('health');
  assert.deepEqual([after.ready, after.schema, after.expected], [true, applied.length, applied.length]);
  const login = await request(server, 'POST', '/api/v1/login', { body: { email: 'a@example.com', password: 'not the one' } });
  assert.equal(login.status, 401, login.text);
});

test('seeding twice gives the same workspace, and never where the demo is off', async (t) => {
  const it = await world(t);
  assert.equal(it.seeded.created, true);
  assert.equal(it.seeded.site, DEMO_SITE);
  assert.equal(it.seeded.agents.length, demo.agents.length);
  assert.deepEqual(await it.ops('seed', demo), { ...it.seeded, created: false });

  const real = await start();
  t.after(() => real.stop());
  await migrate(real.url, real.secrets.BELLHOP_OPS_KEY);
  await assert.rejects(ops(real.url, real.secrets.BELLHOP_OPS_KEY, 'seed', demo), (error) => error.status === 403 || error.status === 404);
});

test('without its secrets it answers nothing but what is missing', async (t) => {
  const all = { BELLHOP_SECRET: 'x'.repeat(43), BELLHOP_OPS_KEY: 'y'.repeat(43), BELLHOP_SETUP_TOKEN: 'z'.repeat(43) };
  const { BELLHOP_SECRET: _, ...withoutSigning } = all;
  for (const [what, secrets] of [['none', {}], ['no signing secret', withoutSigning], ['a short one', { ...all, BELLHOP_SECRET: 'short' }]]) {
    await t.test(what, async (t) => {
      const server = await start({ secrets });
      t.after(() => server.stop());
      for (const [method, path] of [['GET', '/'], ['POST', '/v1/session'], ['POST', '/api/v1/login'], ['GET', '/api/v1/me'], ['GET', '/ops/v1/health']]) {
        const answer = await request(server, method, path, method === 'POST' ? { body: {} } : {});
        assert.equal(answer.status, 503, `${path}: ${answer.text}`);
        assert.equal(answer.json.code, 'secrets_missing');
        assert.match(answer.json.detail, /BELLHOP_SECRET/);
      }
    });
  }
});

test('the static files carry their headers', async (t) => {
  const it = await world(t);
  const get = (path) => request(it, 'GET', path, { origin: null });
  const chunks = JSON.parse(readFileSync(at('build/front/chunks.json'), 'utf8'));

  const launcher = await get('/widget.js');
  assert.equal(launcher.status, 200);
  assert.match(launcher.headers.get('content-type'), /^text\/javascript/);
  assert.equal(launcher.headers.get('access-control-allow-origin'), '*');
  assert.match(launcher.headers.get('cache-control'), /max-age=300/);
  assert.ok(launcher.text.includes(basename(chunks.chat, '.js')), 'the launcher names the chat of this build');

  for (const path of [chunks.chat, ...Object.values(chunks.locales)]) {
    const chunk = await get(`/${path}`);
    assert.equal(chunk.status, 200, path);
    assert.equal(chunk.headers.get('access-control-allow-origin'), '*');
    assert.match(chunk.headers.get('cache-control'), /immutable/);
  }

  // A deep link is no file: the Worker answers it with the same page.
  for (const path of ['/console/', '/console/settings/sites', '/console/c/cnv_123']) {
    const page = await get(path);
    assert.equal(page.status, 200, `${path}: ${page.text.slice(0, 200)}`);
    assert.match(page.headers.get('content-type'), /^text\/html/);
    assert.match(page.text, /<script type="module"[^>]* src="\/console\/assets\//);
    assert.match(page.headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(page.headers.get('x-frame-options'), 'DENY');
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
    assert.match(page.headers.get('cache-control'), /no-cache|no-store/);
  }
  const asset = /src="(\/console\/assets\/[^"]+)"/.exec((await get('/console/')).text)[1];
  assert.match((await get(asset)).headers.get('cache-control'), /immutable/);
  assert.equal((await get('/console/assets/none.js')).status, 404);

  const shop = await get('/');
  assert.equal(shop.status, 200);
  assert.match(shop.text, new RegExp(`data-site="${DEMO_SITE}"`));
  assert.match(shop.headers.get('content-security-policy'), /default-src 'none'/);
  assert.equal((await get('/_headers')).status, 404);
});

test('without the demo the front page leads to the console', async (t) => {
  const server = await start();
  t.after(() => server.stop());
  const answer = await request(server, 'GET', '/', { origin: null });
  assert.ok([302, 303, 307, 308].includes(answer.status), String(answer.status));
  assert.equal(new URL(answer.headers.get('location'), server.url).pathname, '/console/');
});

test('behind https the cookie is bound to the host, and plain http elsewhere is refused with what to set', async (t) => {
  const url = 'https://chat.example';
  const it = await world(t, { vars: { BELLHOP_URL: url } });
  const login = (origin) => request(it, 'POST', '/api/v1/login', { origin, body: { email: demo.owner.email, password: demo.owner.password } });
  const answer = await login(url);
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers.get('set-cookie'), /^__Host-bellhop=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/);
  assert.match(answer.headers.get('strict-transport-security'), /max-age=\d{8}/);
  assert.equal((await request(it, 'GET', '/api/v1/me', { cookie: answer.cookie })).status, 200);
  assert.equal((await request(it, 'GET', '/api/v1/me', { cookie: answer.cookie.replace('__Host-', '') })).status, 401);
  for (const origin of [it.url, 'http://chat.example', 'https://www.chat.example', 'https://chat.example:8443']) {
    const refused = await login(origin);
    assert.equal(refused.json.code, 'origin_refused', origin);
    assert.match(refused.json.detail, /https:\/\/chat\.example\/console\//, 'it says where to go');
  }

  const plain = await start({ vars: { BELLHOP_URL: 'http://chat.example' } });
  t.after(() => plain.stop());
  const refused = await request(plain, 'GET', '/console/settings');
  assert.equal(refused.status, 503);
  assert.match(refused.json.detail, /BELLHOP_URL .*https/);
});

test('a setting may be a number or true without quotes, as in TOML, and what is no number is said', async (t) => {
  const it = await world(t, { vars: { BELLHOP_LIMIT_FACTOR: 20, BELLHOP_DEMO: true } });
  assert.equal((await request(it, 'GET', '/', { origin: null })).status, 200, 'the demo shop');
  // One address begins 60 sessions in a minute, twenty times as many with the factor.
  const address = newAddress();
  const begin = () => request(it, 'POST', '/v1/session', { address, body: { site: DEMO_SITE } });
  const statuses = (await Promise.all(Array.from({ length: 100 }, begin))).map(({ status }) => status);
  assert.deepEqual(new Set(statuses), new Set([200]));

  for (const [name, value] of [['BELLHOP_EVENTS_DELAY_MS', '2m'], ['BELLHOP_LIMIT_FACTOR', 1.5], ['BELLHOP_DESCRIPTORS', '20,000']]) {
    await t.test(`${name}=${value}`, async (t) => {
      const server = await start({ vars: { [name]: value } });
      t.after(() => server.stop());
      const refused = await request(server, 'GET', '/console/settings');
      assert.equal(refused.status, 503);
      assert.match(refused.json.detail, new RegExp(`${name} must be a whole number`));
    });
  }
});

test('names of domains in other scripts are kept as browsers send them', async (t) => {
  const it = await world(t);
  const owner = await Agent.signIn(it, demo.owner);
  const create = (domains) => owner.try('POST', '/sites', { name: 'Bücher', domains });
  const { json } = await create(['*.Bücher.example', 'https://例子.example/', 'bücher.example:8443', 'shop.example']);
  assert.deepEqual(json.site.domains, ['*.xn--bcher-kva.example', 'xn--fsqu00a.example', 'xn--bcher-kva.example:8443', 'shop.example']);
  for (const entry of ['bücher .example', '*.ü', 'bücher.example/path', '＊.example', 'ü@evil.example']) {
    assert.equal((await create([entry])).json.code, 'bad_request', entry);
  }
  const allowed = await request(it, 'POST', '/v1/session', { origin: 'https://www.xn--bcher-kva.example', body: { site: json.site.id } });
  assert.equal(allowed.status, 200, allowed.text);
});

test('an agent’s picture is told with who takes a conversation, and shown to any page that asks for it', async (t) => {
  const it = await world(t);
  const [agent, owner] = [await Agent.signIn(it, it.people.agents[0]), await Agent.signIn(it, demo.owner)];
  const headers = { 'content-type': 'application/octet-stream' };
  const path = `/agents/${agent.me.id}/picture`;
  const put = (who, body) => request(it, 'PUT', `/api/v1${path}`, { body, headers, cookie: who.cookie, address: newAddress() });
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');
  const { picture } = (await put(owner, png)).json;
  assert.equal((await agent.call('GET', '/me')).json.me.picture, picture);
  const refused = await put(agent, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'));
  assert.deepEqual([refused.status, refused.json.code], [400, 'picture_invalid']);

  const get = (hash, method = 'GET') => request(it, method, `/pictures/${hash}`, { origin: 'https://shop.example', address: newAddress() });
  const shown = await get(picture);
  assert.deepEqual(Buffer.from(shown.bytes), png);
  const wanted = { 'content-type': 'image/png', 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'cross-origin', 'set-cookie': null };
  for (const [name, value] of Object.entries(wanted)) assert.equal(shown.headers.get(name), value, name);
  assert.match(shown.headers.get('content-security-policy'), /^default-src 'none';.*; sandbox$/);
  assert.equal((await get(picture, 'HEAD')).status, 200);
  assert.equal((await get('0'.repeat(32))).status, 404);

  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'hello');
  const [desk, watcher] = [await agent.desk(), await owner.desk()];
  assert.equal(watcher.deskWelcome.agents.find(({ id }) => id === agent.me.id).picture, picture);
  await desk.ask({ claim: { clientId: 'c', conversation: visitor.conversation } }, 'assigned', (a) => a.clientId === 'c');
  const told = await v.next('state', (state) => state.assignee?.id === agent.me.id);
  assert.equal(told.assignee.picture, picture);
  const again = (await visitor.connect()).welcome;
  assert.deepEqual(again.messages.map(({ activity }) => activity?.subject?.picture).filter(Boolean), [picture], 'in the line of who has joined');

  await agent.call('DELETE', path, {});
  assert.equal((await get(picture)).status, 404);
  const { entries } = (await owner.call('GET', '/audit')).json;
  assert.deepEqual(entries.filter(({ action }) => action.startsWith('agent_picture')).map(({ action, actor }) => [action, actor]), [['agent_picture_removed', agent.me.id], ['agent_picture_set', owner.me.id]]);

  // One of an answer, which is in no log before somebody removes it.
  const { picture: name } = (await owner.sendFile('/pictures', png)).json;
  const hash = name.split('-')[0];
  assert.equal((await get(hash)).status, 200);
  await owner.call('PUT', '/intents/map', { picture: { en: name } });
  assert.deepEqual((({ status, json }) => [status, json.code])(await owner.try('DELETE', `/pictures/${hash}`, {})), [409, 'conflict']);
  await owner.call('PUT', '/intents/map', {});
  assert.equal((await owner.call('DELETE', `/pictures/${hash}`, {})).status, 204);
  assert.equal((await get(hash)).status, 404);
});
