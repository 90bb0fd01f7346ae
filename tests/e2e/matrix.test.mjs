// INV-14: every address against every check of its door, and against ids of others in path, query and body (INV-8). The
// matrix comes from the code: tests/matrix.rs writes matrix.json, and fails for an address without a row.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { opsToken } from '../../scripts/lib/ops.mjs';
import { at } from '../../scripts/lib/paths.mjs';
import { BACKDOOR, blockTold, contents, neighbour, rows, sql } from './lib/backdoor.mjs';
import { objects } from './lib/counting.mjs';
import { read, signed, timed } from './lib/forge.mjs';
import { trained } from './lib/model.mjs';
import { until } from './lib/socket.mjs';
import { Agent, DEMO_SITE, newAddress, ok, request, say, Visitor, world } from './lib/world.mjs';

const { routes } = JSON.parse(readFileSync(at('tests/e2e/matrix.json'), 'utf8'));

/** An id of the kind that stands in the address, of nobody: what passes the door finds nothing behind it. */
const NOBODY = {
  None: '',
  Conversation: `cnv_${'0'.repeat(64)}`,
  Visitor: 'vis_aaaaaaaaaaaaaaaa',
  Agent: 'agt_aaaaaaaaaaaaaaaa',
  Site: 'site_aaaaaaaaaaaaaaaa',
  Team: 'team_aaaaaaaaaaaaaaaa',
  Another: 'team_aaaaaaaaaaaaaaaa',
  Tag: 'tag_aaaaaaaaaaaaaaaa',
  Intent: 'nobody_has_this',
  Faq: 'faq_aaaaaaaaaaaaaaaa',
  Article: 'art_aaaaaaaaaaaaaaaa',
  Workspace: 'ws_aaaaaaaaaaaaaaaa',
  Version: '999',
  Picture: '0'.repeat(32),
  Shown: `${'0'.repeat(32)}-1x1`,
  Turn: `cnv_${'0'.repeat(64)}.1`,
};
/** As far as anybody looks. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAA=', 'base64');
const SLOT_OF = { assignee: 'Agent', conversation: 'Conversation', site: 'Site', tag: 'Tag', visitor: 'Visitor' };
/** What stands before the value of a query, and the kind of id: some need to be told it. */
const waysOf = (name) => (name === 'id' ? ['Intent', 'Faq', 'Article'].map((slot) => [`kind=${slot.toLowerCase()}&id=`, slot]) : [[`${name}=`, SLOT_OF[name]]]);
const pathOf = ({ pattern, slot }, ids = NOBODY) => pattern.replace('{}', ids[slot]);
const nameOf = ({ method, pattern }) => `${method} ${pattern}`;
const api = routes.filter(({ pattern }) => pattern.startsWith('/api/v1/'));
const unsafe = api.filter(({ method }) => method !== 'GET');
const guarded = api.filter(({ door }) => door === 'Agent' || door === 'Manager');

const ending = [];
let it;
let mei;
let eve;
let ours;
let theirs;
let wrong;

before(async () => {
  it = await world({ after: (end) => ending.push(end) }, { entry: BACKDOOR });
  mei = await Agent.signIn(it, it.people.agents[0]);
  const owner = await Agent.signIn(it, it.people.owner);
  const tom = await Agent.signIn(it, it.people.agents[1]);
  eve = await Agent.signIn(it, await neighbour(it));
  const { site } = (await eve.call('POST', '/sites', { name: 'Next door', domains: [it.url.replace('http://', '')] })).json;

  /** A conversation that the history knows, and every id around it. */
  const scene = async (agent, at, known) => {
    const visitor = new Visitor(it, { site: at });
    const v = await visitor.connect();
    await say(v, 'lighthouse');
    await v.close();
    await until('the conversation in the history', async () => (await agent.try('GET', `/conversations/${visitor.conversation}`)).status === 200);
    if (known) {
      const a = await agent.connect(visitor.conversation);
      await a.ask({ tag: { clientId: 't', tag: known.Tag, on: true } }, 'done');
      await a.close();
      await until('the tag in the history', async () => (await agent.call('GET', `/conversations/${visitor.conversation}`)).json.conversation.tags.includes(known.Tag));
    }
    // As if its one message were a question that the bot could not answer.
    await sql(it, ['UPDATE messages SET turn = ? WHERE conversation = ?', JSON.stringify({ to: 1, did: 'handed_over' }), visitor.conversation]);
    return { visitor, Turn: `${visitor.conversation}.1`, Conversation: visitor.conversation, Visitor: visitor.id, Agent: agent.me.id, Site: at, ...known, None: '' };
  };
  /** What a manager sets up; versions of models are numbers in a workspace, so these are moved apart. */
  const known = async (manager, name, version) => {
    const { team } = (await manager.call('POST', '/teams', { name: 'Sales' })).json;
    const another = (await manager.call('POST', '/teams', { name: 'Support' })).json.team;
    const { tag } = (await manager.call('POST', '/tags', { name: 'Urgent' })).json;
    await manager.call('PUT', `/intents/${name}`, {});
    const { id } = (await manager.call('POST', '/faq', { locale: 'en', question: 'a', answer: 'b' })).json;
    const article = (await manager.call('POST', '/articles', BODIES['PUT /api/v1/articles/{}'])).json;
    // Each was something else before.
    await manager.call('PUT', `/intents/${name}`, { answer: { en: 'c' } });
    await manager.call('PUT', `/faq/${id}`, { locale: 'en', question: 'a', answer: 'c' });
    await manager.call('PUT', `/articles/${article.id}`, { title: { en: 'a' }, body: { en: 'c' }, published: true });
    const { picture } = (await manager.sendFile('/pictures', Buffer.concat([PNG, Buffer.from(name)]))).json;
    assert.equal((await manager.sendModel(trained())).status, 201);
    const { workspace } = (await manager.call('GET', '/me')).json.me;
    await sql(it, ['UPDATE bot_models SET version = ? WHERE workspace = ?', version, workspace.id]);
    return { Team: team.id, Another: another.id, Tag: tag.id, Intent: name, Faq: id, Article: article.id, Version: `${version}`, Picture: picture.split('-')[0], Shown: picture };
  };
  ours = await scene(mei, DEMO_SITE, await known(owner, 'only_ours', 101));
  theirs = await scene(eve, site.id, await known(eve, 'only_theirs', 102));
  // So that a visitor of the site is seen to be another's than one of nowhere.
  for (const [manager, own] of [[owner, ours], [eve, theirs]]) await manager.call('PATCH', `/sites/${own.Site}`, { team: own.Team });

  await owner.call('POST', `/agents/${tom.me.id}/disable`, {});
  const gone = await Agent.signIn(it, it.people.owner);
  await gone.call('POST', '/logout', {});
  const blocked = await scene(mei, DEMO_SITE);
  await owner.call('POST', `/visitors/${blocked.Visitor}/block`, {});
  await blockTold(it);
  const [name, token] = mei.cookie.split('=');
  const cookie = (value) => `${name}=${value}`;
  wrong = {
    'no cookie': undefined,
    'an empty one': cookie(''),
    'a visitor’s token': cookie(ours.visitor.token),
    'a visitor’s ticket': cookie(ours.visitor.ticket),
    'a blocked visitor’s token': cookie(blocked.visitor.token),
    'an agent’s ticket': cookie(await mei.ticket()),
    'the token of the scripts': cookie(opsToken(it.server.secrets.BELLHOP_OPS_KEY)),
    'one of another secret': cookie(signed(read(token, 0), read(token, 1), randomBytes(32))),
    'an expired one': cookie(timed(it.server.secrets, 'session', token, { iat: -90_000, exp: -3_600 })),
    'two cookies of the name': `${mei.cookie}; ${mei.cookie}`,
    'the name that https would have': mei.cookie.replace(name, '__Host-bellhop'),
    'a disabled agent’s': tom.cookie,
    'one that has signed out': gone.cookie,
  };
});
after(async () => {
  for (const end of ending) await end();
});

/** Where nothing is not enough. */
const BODIES = {
  'PUT /api/v1/tags/{}': { name: 'a' },
  'POST /api/v1/intents/{}/examples': { examples: ['a'] },
  'PUT /api/v1/faq/{}': { locale: 'en', question: 'a', answer: 'b' },
  'PUT /api/v1/articles/{}': { title: { en: 'a' }, body: { en: 'b' }, published: true },
};

/** Whoever asks faster than an agent may waits as they are told. */
async function patiently(act) {
  for (;;) {
    const answer = await act();
    if (answer.status !== 429) return answer;
    await pause(answer.json.retry_after_ms);
  }
}

const ask = (line, { ids, query = '', ...options } = {}) =>
  patiently(() => request(it, line.method, pathOf(line, ids) + query, { address: newAddress(), ...(line.method === 'GET' ? {} : { body: BODIES[nameOf(line)] ?? {}, headers: { 'content-type': line.sends } }), ...options }));

/** The same where a body is refused unread: the line may be closed under whoever is still writing, before they have read why. */
async function told(line, options) {
  for (let more = 4; ; more--) {
    try {
      return await ask(line, options);
    } catch (error) {
      if (more === 0 || !['EPIPE', 'ECONNRESET'].includes(error.cause?.code)) throw error;
    }
  }
}

/** Runs `act`; afterwards no row is there that was not, and no Room and no Desk has come into being. */
async function leavingNothing(act) {
  const look = async () => ({ ...(await rows(it)), objects: objects(it.server) });
  const before = await look();
  await act();
  assert.deepEqual(await look(), before);
}

describe('INV-14: unsafe addresses take requests of our own pages only', () => {
  const CHECKS = {
    'without Origin': [{ origin: null }, 'origin_refused'],
    'from another page': [{ origin: 'https://evil.example' }, 'origin_refused'],
    'from a page of no origin': [{ origin: 'null' }, 'origin_refused'],
    'from a sibling': [{ origin: 'http://evil.localhost' }, 'origin_refused'],
    'as text': [{ body: '{}', headers: { 'content-type': 'text/plain' } }, 'unsupported_media_type'],
    'as a form': [{ body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 'unsupported_media_type'],
    'as several parts': [{ body: '--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' } }, 'unsupported_media_type'],
    'too large': [({ most }) => ({ body: JSON.stringify({ name: 'x'.repeat(most) }) }), 'too_large'],
  };
  for (const [how, [options, code]] of Object.entries(CHECKS)) {
    test(how, () =>
      leavingNothing(async () => {
        for (const line of unsafe) {
          const answer = await told(line, { cookie: mei.cookie, ...(typeof options === 'function' ? options(line) : options) });
          assert.equal(answer.json?.code, code, `${nameOf(line)}: ${answer.status} ${answer.text}`);
          assert.equal(answer.headers.get('access-control-allow-origin'), null);
        }
      }));
  }
  test('and none of it ended a session', async () => assert.equal((await mei.call('GET', '/me')).json.me.id, mei.me.id));
});

test('INV-14: every wrong credential gets the same answer at every address behind a session, and leaves nothing', () =>
  leavingNothing(async () => {
    const said = new Set();
    let asked = 0;
    for (const [name, cookie] of Object.entries(wrong)) {
      for (const line of guarded) {
        for (const ids of line.slot === 'None' ? [NOBODY] : [NOBODY, ours, theirs]) {
          const answer = await ask(line, { cookie, ids });
          asked++;
          assert.equal(answer.status, 401, `${nameOf(line)} with ${name}: ${answer.text}`);
          assert.equal(answer.headers.get('cache-control'), 'no-store');
          said.add(answer.text);
        }
      }
    }
    assert.deepEqual([...said].map((text) => JSON.parse(text).code), ['unauthorized'], 'one body for all');
    console.log(`${Object.keys(wrong).length} wrong credentials at ${guarded.length} addresses: ${asked} requests`);
  }));

test('INV-14: the doors of the scripts take nothing but their own token, and say one thing', () =>
  leavingNothing(async () => {
    const said = new Set();
    const values = Object.values(wrong).filter(Boolean).map((cookie) => cookie.split('=')[1]).filter((token) => !token.includes(';'));
    const bearers = values.filter((token) => token && read(token, 0).typ !== 'bh-ops+jwt').concat(mei.cookie.split('=')[1], 'x', opsToken('another key that nobody has'), opsToken(it.server.secrets.BELLHOP_OPS_KEY, Date.now() - 600_000));
    for (const line of routes.filter(({ door }) => door === 'Ops')) {
      for (const headers of [{}, ...bearers.map((token) => ({ authorization: `Bearer ${token}` })), { authorization: opsToken(it.server.secrets.BELLHOP_OPS_KEY) }, { cookie: mei.cookie }]) {
        const answer = await ask(line, { headers });
        assert.equal(answer.status, 401, `${nameOf(line)}: ${answer.text}`);
        said.add(answer.text);
      }
    }
    assert.equal(said.size, 1);
  }));

test('INV-14: roles: whoever is not named in the row is refused, in the same words', async () => {
  const people = { agent: it.people.agents[0], admin: { name: 'Ada', email: 'ada@example.com', password: 'lantern for ada 42' }, owner: it.people.owner };
  const owner = await Agent.signIn(it, it.people.owner);
  const { link } = (await owner.call('POST', '/agents', { name: 'Ada', email: people.admin.email, role: 'admin' })).json;
  await ok(it, 'POST', '/api/v1/links/follow', { body: { token: new URL(link).hash.slice(1), password: people.admin.password }, address: newAddress() });
  const ends = ({ pattern }) => pattern.includes('/logout');
  const said = new Set();
  for (const [role, person] of Object.entries(people)) {
    let agent = await Agent.signIn(it, person);
    const check = async (line) => {
      const answer = await ask(line, { cookie: agent.cookie });
      if (line.may.includes(role)) assert.ok(![401, 403].includes(answer.status) && answer.status < 500, `${role} ${nameOf(line)}: ${answer.text}`);
      else {
        assert.equal(answer.json?.code, 'forbidden', `${role} ${nameOf(line)}: ${answer.text}`);
        said.add(answer.text);
      }
    };
    // At once, because a block waits a little for its visitor; and one by one what ends the session.
    await Promise.all(guarded.filter((line) => !ends(line)).map(check));
    for (const line of guarded.filter(ends)) {
      await check(line);
      agent = await Agent.signIn(it, person);
    }
    if (role === 'agent') mei = agent;
  }
  // The owner of before has been signed out everywhere. Whether the intent is there hangs on which of its requests came last.
  await (await Agent.signIn(it, it.people.owner)).try('DELETE', `/intents/${NOBODY.Intent}`, {});
  assert.equal(said.size, 1, [...said].join('\n'));
});

test('INV-8: an id of another workspace is one of nobody, in the same words, and nothing changes', async () => {
  const owner = await Agent.signIn(it, it.people.owner);
  await leavingNothing(async () => {
    const said = new Set();
    const pairs = [[owner, theirs], [eve, ours], [owner, NOBODY], [eve, NOBODY]];
    // An intent that nobody has may be written by anybody.
    const cases = guarded.filter(({ slot, method }) => slot !== 'None' && !(slot === 'Intent' && method === 'PUT')).flatMap((line) => pairs.map(([agent, strange]) => [line, agent, strange]));
    await Promise.all(cases.map(async ([line, agent, strange]) => {
      const answer = await ask(line, { cookie: agent.cookie, ids: strange });
      assert.equal(answer.json?.code, 'not_found', `${nameOf(line)}: ${answer.status} ${answer.text}`);
      said.add(answer.text);
    }));
    assert.equal(said.size, 1, [...said].join('\n'));
  });
});

test('INV-8: the list of articles is of the workspace that is named; of two, neither is meant by an address that names none', async () => {
  const page = (path) => request(it, 'GET', path, { origin: null, address: newAddress() });
  assert.equal((await page('/help/en')).status, 404);
  for (const [agent, own, other] of [[mei, ours, theirs], [eve, theirs, ours]]) {
    const { workspace } = (await agent.call('GET', '/me')).json.me;
    const list = await page(`/help/en/${workspace.id}`);
    assert.equal(list.status, 200);
    assert.ok(list.text.includes(own.Article) && !list.text.includes(other.Article), list.text);
  }
});

test('INV-8: ids of others in a query find nothing, as those of nobody do', async () => {
  let asked = 0;
  for (const line of guarded) {
    // Eve manages.
    const [one, own, others] = line.door === 'Manager' ? [eve, theirs, ours] : [mei, ours, theirs];
    for (const [before, slot] of line.query_ids.flatMap(waysOf)) {
      const found = async (agent, ids) => JSON.stringify((await ask(line, { cookie: agent.cookie, query: `?${before}${ids[slot]}` })).json);
      assert.equal(await found(eve, ours), await found(eve, NOBODY), `${nameOf(line)} ${before}`);
      assert.equal(await found(one, others), await found(one, NOBODY), `${nameOf(line)} ${before}`);
      // Where agents claim, routing has decided nothing about anything.
      if (slot !== 'Agent' && slot !== 'Conversation') assert.notEqual(await found(one, own), await found(one, NOBODY), `${before} finds one's own`);
      asked++;
    }
  }
  assert.equal(asked, 8);
  const hits = async (agent) => (await agent.call('GET', '/search?q=lighthouse')).json.hits.map((hit) => hit.conversation);
  assert.deepEqual(await hits(eve), [theirs.Conversation]);
  assert.ok((await hits(mei)).includes(ours.Conversation) && !(await hits(mei)).includes(theirs.Conversation));
});

/** What each member of a body that holds ids is given. */
const NAMED = {
  members: ({ Agent }) => [Agent],
  overflow: ({ Another }) => Another,
  team: ({ Team }) => Team,
  handoff_team: ({ Team }) => Team,
  site: ({ Site }) => Site,
  last_agent: ({ Agent }) => Agent,
  turns: ({ Turn }) => [Turn],
  intent: ({ Intent }) => Intent,
  id: ({ Intent }) => Intent,
  buttons: ({ Intent }) => [Intent],
  article: ({ Article }) => Article,
  tags: ({ Tag }) => [Tag],
  'picture.en': ({ Shown }) => Shown,
  'picture.zh': ({ Shown }) => Shown,
};

/** The least that is taken at an address, but for the member that is tried. */
const LEAST = {
  'POST /api/v1/sites': () => ({ name: 'Another', domains: ['another.example'] }),
  'POST /api/v1/teams': (member) => ({ name: `A team by its ${member}` }),
  'POST /api/v1/bot/questions/settle': (member) => (member === 'intent' ? { turns: [], how: 'intent' } : { how: 'dismissed' }),
  // What is named by an import is its own to write; here it is refused for something else.
  'POST /api/v1/intents/import': (member) => (member === 'intents.id' ? { intents: [{ buttons: ['no_such_button'] }] } : { intents: [{ id: 'another' }] }),
};
/** What says nothing of the id that it names: of one's own no more than of nobody's. */
const SILENT = [
  // The address has the id.
  'PUT /api/v1/intents/{} id',
  'POST /api/v1/intents/import intents.id',
  // For whoever reads the audit log; none is looked for.
  'POST /api/v1/bot/questions/settle intent',
  // Whoever had the visitor last is not there.
  'POST /api/v1/routing/preview last_agent',
];

/** A body with this value at a member's place: `intents.picture.en` is that of the first of the intents. */
function bodyWith(line, member, value) {
  const body = structuredClone(LEAST[nameOf(line)]?.(member) ?? {});
  const path = member.split('.');
  const last = path.pop();
  const place = path.reduce((within, name) => {
    within[name] ??= {};
    return Array.isArray(within[name]) ? within[name][0] : within[name];
  }, body);
  place[last] = value;
  return body;
}

test('INV-8: an id of another workspace in a body is one of nobody, in the same words, and nothing changes; one’s own is taken', async () => {
  const owner = await Agent.signIn(it, it.people.owner);
  const people = [[owner, ours, theirs], [eve, theirs, ours]];
  const workspaces = await Promise.all(people.map(async ([agent]) => (await agent.call('GET', '/me')).json.me.workspace.id));
  const everything = () => Promise.all(workspaces.map((workspace) => contents(it, workspace)));
  const cases = guarded.flatMap((line) => line.body_ids.map((member) => [line, member]));
  const said = async (agent, own, [line, member], ids) => {
    const value = NAMED[member.replace('intents.', '')](ids);
    const { status, text } = await ask(line, { cookie: agent.cookie, ids: own, body: bodyWith(line, member, value) });
    return `${status} ${text.replace(/"(at|created_at|updated_at)":(\d+|"[^"]*")/g, '')}`;
  };
  const nobodys = [];
  const before = await everything();
  await leavingNothing(async () => {
    for (const [agent, own, foreign] of people) {
      for (const one of cases) {
        const [line, member] = one;
        const nobody = await said(agent, own, one, NOBODY);
        assert.equal(await said(agent, own, one, foreign), nobody, `${nameOf(line)} ${member}`);
        assert.match(nobody, /^(200|400|404) /, `${nameOf(line)} ${member}`);
        nobodys.push(nobody);
      }
    }
  });
  assert.deepEqual(await everything(), before);
  assert.equal(nobodys.length, 2 * 26);
  // Or nothing of this would prove anything: the same bodies, but with an id of one's own.
  for (const one of cases) {
    const [line, member] = one;
    const own = await said(owner, ours, one, ours);
    const isSilent = SILENT.includes(`${nameOf(line)} ${member}`);
    assert.equal(own === nobodys[cases.indexOf(one)], isSilent, `${nameOf(line)} ${member}: ${own}`);
    if (!isSilent) assert.match(own, /^20[01] /, `${nameOf(line)} ${member}`);
  }
});

test('INV-8: ids of others in the body of a session give nothing, as those of nobody do', async () => {
  const owner = await Agent.signIn(it, it.people.owner);
  // A site of the same workspace is as much another's as a neighbour's.
  const { site: second } = (await patiently(() => owner.try('POST', '/sites', { name: 'A second one', domains: [it.url.replace('http://', '')] }))).json;
  const there = new Visitor(it, { site: second.id });
  await there.session();
  await leavingNothing(async () => {
    const session = (body) => request(it, 'POST', '/v1/session', { body, address: newAddress() });
    const { token, conversation } = ours.visitor;
    const another = theirs.visitor.token;
    const cases = {
      unauthorized: [
        { site: DEMO_SITE, conversation },
        { site: DEMO_SITE, conversation: NOBODY.Conversation },
        { site: theirs.Site, token },
        { site: second.id, token },
        { site: second.id, token, conversation },
        { site: second.id, conversation },
        { site: DEMO_SITE, token: there.token },
        { site: DEMO_SITE, token: there.token, conversation: there.conversation },
        { site: DEMO_SITE, token: there.token, conversation },
        { site: DEMO_SITE, token: another },
        { site: DEMO_SITE, token: another, conversation },
        { site: DEMO_SITE, token: ours.visitor.ticket },
        { site: DEMO_SITE, token: mei.cookie.split('=')[1] },
        { site: DEMO_SITE, token: signed(read(token, 0), { ...read(token, 1), conversation: theirs.Conversation }, randomBytes(32)) },
      ],
      not_found: [
        { site: DEMO_SITE, token, conversation: theirs.Conversation },
        { site: DEMO_SITE, token, conversation: there.conversation },
        { site: DEMO_SITE, token, conversation: NOBODY.Conversation },
      ],
    };
    assert.equal((await session({ site: NOBODY.Site })).json?.code, 'not_found');
    for (const [code, bodies] of Object.entries(cases)) {
      const said = new Set();
      for (const body of bodies) {
        const answer = await session(body);
        assert.equal(answer.json?.code, code, `${JSON.stringify(Object.keys(body))}: ${answer.status} ${answer.text}`);
        said.add(answer.text);
      }
      assert.equal(said.size, 1, [...said].join('\n'));
    }
    const tried = new Set(Object.values(cases).flat().flatMap(Object.keys));
    assert.deepEqual([...tried].sort(), routes.find((line) => nameOf(line) === 'POST /v1/session').body_ids.toSorted());
    assert.equal((await session({ site: second.id, token: there.token, conversation: there.conversation })).status, 200, 'where it is good');
  });
});

test('a member that nobody knows is refused everywhere', async () => {
  const owner = await Agent.signIn(it, it.people.owner);
  for (const line of unsafe.filter(({ sends }) => sends === 'application/json')) {
    const answer = await ask(line, { cookie: owner.cookie, body: { workspace: 'ws_nextdoornextdoor', __proto__x: 1 } });
    assert.equal(answer.json?.code, 'bad_request', `${nameOf(line)}: ${answer.status} ${answer.text}`);
    assert.ok(!answer.text.includes('ws_'), 'nothing of the body comes back');
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
