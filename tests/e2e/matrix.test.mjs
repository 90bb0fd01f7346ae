// INV-14: every address of the API against every check of its door. The table is read from the router's own source, so
// an address that is added tomorrow is tested tomorrow.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { at } from '../../scripts/lib/paths.mjs';
import { Agent, newAddress, request, Visitor, world } from './lib/world.mjs';

const LINE = /^\s*line\("(\w+)", "([^"]+)", Slot::(\w+), Endpoint::\w+\(\w+::(\w+)\), Door::(\w+)\),$/gm;
const TABLE = [...readFileSync(at('src/core/route.rs'), 'utf8').matchAll(LINE)].map(([, method, pattern, slot, name, door]) => ({ method, pattern, slot, name, door }));

/** An id of the kind that stands in the address, of nobody: what passes the door finds nothing behind it. */
const NOBODY = {
  None: '',
  Conversation: `cnv_${'0'.repeat(64)}`,
  Visitor: 'vis_aaaaaaaaaaaaaaaa',
  Agent: 'agt_aaaaaaaaaaaaaaaa',
  Site: 'site_aaaaaaaaaaaaaaaa',
  Link: 'A'.repeat(43),
};
const pathOf = ({ pattern, slot }) => pattern.replace('{}', NOBODY[slot]);
const api = TABLE.filter(({ pattern }) => pattern.startsWith('/api/v1/'));
const unsafe = api.filter(({ method }) => method !== 'GET');
const guarded = api.filter(({ door }) => door === 'Agent' || door === 'Manager');

const ending = [];
let it;
let mei;
let cookies;

before(async () => {
  it = await world({ after: (end) => ending.push(end) });
  mei = await Agent.signIn(it, it.people.agents[0]);
  const owner = await Agent.signIn(it, it.people.owner);
  const tom = await Agent.signIn(it, it.people.agents[1]);
  const visitor = new Visitor(it);
  await visitor.session();
  await owner.call('POST', `/agents/${tom.me.id}/disable`, {});
  const gone = await Agent.signIn(it, it.people.owner);
  await gone.call('POST', '/logout', {});
  const name = mei.cookie.split('=')[0];
  cookies = {
    'no cookie': undefined,
    'an empty one': `${name}=`,
    'a visitor’s token': `${name}=${visitor.token}`,
    'a visitor’s ticket': `${name}=${visitor.ticket}`,
    'an agent’s ticket': `${name}=${await mei.ticket()}`,
    'two cookies of the name': `${mei.cookie}; ${mei.cookie}`,
    'the name that https would have': mei.cookie.replace(name, '__Host-bellhop'),
    'a disabled agent’s': tom.cookie,
    'one that has signed out': gone.cookie,
  };
});
after(async () => {
  for (const end of ending) await end();
});

const ask = (line, options = {}) =>
  request(it, line.method, pathOf(line), { address: newAddress(), ...(line.method === 'GET' ? {} : { body: {} }), ...options });

test('the table was read', () => {
  assert.ok(TABLE.length >= 38, String(TABLE.length));
  assert.equal(TABLE.length, [...readFileSync(at('src/core/route.rs'), 'utf8').matchAll(/^\s*line\("/gm)].length);
});

describe('INV-14: unsafe addresses take requests of our own pages only', () => {
  const CHECKS = {
    'without Origin': [{ origin: null }, 'origin_refused'],
    'from another page': [{ origin: 'https://evil.example' }, 'origin_refused'],
    'from a page of no origin': [{ origin: 'null' }, 'origin_refused'],
    'from a sibling': [{ origin: 'http://evil.localhost' }, 'origin_refused'],
    'as text': [{ body: '{}', headers: { 'content-type': 'text/plain' } }, 'unsupported_media_type'],
    'as a form': [{ body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 'unsupported_media_type'],
    'as several parts': [{ body: '--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' } }, 'unsupported_media_type'],
    'too large': [{ body: JSON.stringify({ name: 'x'.repeat(20_000) }) }, 'too_large'],
  };
  for (const [how, [options, code]] of Object.entries(CHECKS)) {
    test(how, async () => {
      for (const line of unsafe) {
        const answer = await ask(line, { cookie: mei.cookie, ...options });
        assert.equal(answer.json?.code, code, `${line.method} ${line.pattern}: ${answer.status} ${answer.text}`);
        assert.equal(answer.headers.get('access-control-allow-origin'), null);
      }
    });
  }
  test('and none of it ended a session', async () => assert.equal((await mei.call('GET', '/me')).json.me.id, mei.me.id));
});

describe('INV-14: addresses behind a session', () => {
  const names = ['no cookie', 'an empty one', 'a visitor’s token', 'a visitor’s ticket', 'an agent’s ticket', 'two cookies of the name', 'the name that https would have', 'a disabled agent’s', 'one that has signed out'];
  for (const name of names) {
    test(`refuse ${name}`, async () => {
      for (const line of guarded) {
        const answer = await ask(line, { cookie: cookies[name] });
        assert.equal(answer.status, 401, `${line.method} ${line.pattern}: ${answer.text}`);
        assert.equal(answer.json.code, 'unauthorized');
        assert.equal(answer.headers.get('cache-control'), 'no-store');
      }
    });
  }
});

test('INV-14: what managers do no agent does', async () => {
  const managers = api.filter(({ door }) => door === 'Manager');
  assert.ok(managers.length >= 8);
  for (const line of managers) {
    const answer = await ask(line, { cookie: mei.cookie });
    assert.equal(answer.json?.code, 'forbidden', `${line.method} ${line.pattern}: ${answer.text}`);
  }
});

test('INV-8: an id of nobody is not found, in the same words for every kind', async () => {
  const owner = await Agent.signIn(it, it.people.owner);
  for (const line of guarded.filter(({ slot }) => slot !== 'None')) {
    const answer = await ask(line, { cookie: owner.cookie });
    assert.equal(answer.json?.code, 'not_found', `${line.method} ${line.pattern}: ${answer.status} ${answer.text}`);
    assert.ok(!/aaaa|0000/.test(answer.text), answer.text);
  }
});

test('a member that nobody knows is refused everywhere', async () => {
  const owner = await Agent.signIn(it, it.people.owner);
  for (const line of unsafe) {
    const answer = await ask(line, { cookie: owner.cookie, body: { workspace: 'ws_aaaaaaaaaaaaaaaa', __proto__x: 1 } });
    assert.equal(answer.json?.code, 'bad_request', `${line.method} ${line.pattern}: ${answer.status} ${answer.text}`);
    assert.ok(!answer.text.includes('ws_aaaa'), 'nothing of the body comes back');
  }
});

test('every answer carries the headers of its kind', async () => {
  for (const line of api) {
    const { headers } = await ask(line, { cookie: mei.cookie, origin: null });
    assert.equal(headers.get('cache-control'), 'no-store', line.pattern);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.match(headers.get('content-security-policy'), /default-src 'none'; frame-ancestors 'none'/);
    assert.match(headers.get('content-type'), /^application\/(problem\+)?json/);
  }
});
