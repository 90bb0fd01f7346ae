// INV-13: whoever is revoked hears nothing any more, within five seconds, on sockets that are open and on those that
// would be opened.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Socket, until } from './lib/socket.mjs';
import { Agent, newAddress, request, say, Visitor, world } from './lib/world.mjs';

const SILENT_MS = 5_000;
let it;
let owner;
const ending = [];
before(async () => {
  it = await world({ after: (end) => ending.push(end) });
  owner = await Agent.signIn(it, it.people.owner);
});
after(async () => {
  for (const end of ending) await end();
});

/** The close code of a socket that must close in time. */
async function silenced(socket) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`still open after ${SILENT_MS} ms`)), SILENT_MS).unref());
  return (await Promise.race([socket.closed, late])).code;
}

/** A link carries its token where no server and no log sees it. */
const tokenOf = (link) => new URL(link).hash.slice(1);

/** A new agent by invitation, signed in. */
async function invited(name) {
  const email = `${name}@example.com`;
  const { link } = (await owner.call('POST', '/agents', { name, email, role: 'agent' })).json;
  const token = tokenOf(link);
  const password = `lantern for ${name} 42`;
  const links = (what, body) => request(it, 'POST', `/api/v1/links/${what}`, { body: { token, ...body }, address: newAddress() });
  const looked = await links('look');
  assert.deepEqual([looked.status, looked.json?.purpose, looked.json?.email], [200, 'invitation', email], looked.text);
  const { status, text } = await links('follow', { password });
  assert.equal(status, 200, text);
  for (const again of [await links('look'), await links('follow', { password })]) assert.equal(again.json.code, 'gone', 'a link works once');
  return Agent.signIn(it, { email, password });
}

/** A conversation with this agent in it, and both of the agent's sockets. */
async function scene(agent) {
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'hello');
  return { visitor, v, desk: await agent.desk({ encoding: 'proto' }), room: await agent.connect(visitor.conversation) };
}

const WAYS = {
  'an agent who is disabled': { code: 4501, act: (agent) => owner.call('POST', `/agents/${agent.me.id}/disable`, {}), login: false },
  'an agent who signs out everywhere': { code: 4501, act: (agent) => agent.call('POST', '/logout_everywhere', {}), login: true },
  'an agent who signs out here': { code: 4501, act: (agent) => agent.call('POST', '/logout', {}), login: true },
  'an agent whose password is reset': {
    code: 4501,
    act: async (agent) => {
      const { link } = await it.ops('reset_password', { email: agent.email });
      const token = tokenOf(link);
      agent.password = 'a new lantern 43';
      assert.equal((await request(it, 'POST', '/api/v1/links/follow', { body: { token, password: agent.password }, address: newAddress() })).status, 200);
    },
    login: true,
  },
};

let count = 0;
for (const [who, { code, act, login }] of Object.entries(WAYS)) {
  test(`INV-13: ${who}`, async () => {
    const agent = await invited(`agent-${count++}`);
    const { visitor, v, desk, room } = await scene(agent);
    const ticket = await agent.ticket();
    const { cookie } = agent;
    await act(agent);
    assert.deepEqual([await silenced(desk), await silenced(room)], [code, code]);
    const heard = room.frames.length;
    await say(v, 'does anybody hear me?');
    assert.equal(room.frames.length, heard);
    assert.equal((await request(it, 'GET', '/api/v1/me', { cookie })).json.code, 'unauthorized');
    // The ticket in hand is worth nothing either.
    for (const path of ['/v1/desk/socket', `/v1/rooms/${visitor.conversation}/socket`]) {
      const late = await Socket.open(`${it.url}${path}`, { ticket, origin: it.url });
      late.send(path.includes('desk') ? { deskHello: {} } : { hello: {} });
      await late.closed;
      assert.ok(!late.all('welcome').length && !late.all('deskWelcome').length, path);
    }
    if (login) await Agent.signIn(it, agent);
    else assert.equal((await request(it, 'POST', '/api/v1/login', { body: { email: agent.email, password: agent.password }, address: newAddress() })).json.code, 'wrong_credentials');
    await v.close();
  });
}

test('INV-13: a visitor who is blocked, and let in again', async () => {
  const visitor = new Visitor(it);
  const tabs = [await visitor.connect(), await visitor.connect({ encoding: 'proto' })];
  await say(tabs[0], 'hello');
  const agent = await owner.connect(visitor.conversation);
  // The history learns of a visitor a moment after the first message.
  await until('the visitor in the history', async () => (await owner.try('POST', `/visitors/${visitor.id}/block`, {})).status === 204);
  assert.deepEqual(await Promise.all(tabs.map(silenced)), [4504, 4504]);
  await say(agent, 'nobody hears this');
  for (const tab of tabs) assert.ok(!tab.all('message').some((m) => m.text === 'nobody hears this'));
  const refused = await request(it, 'POST', '/v1/session', { body: { site: visitor.site, token: visitor.token, conversation: visitor.conversation }, address: visitor.address });
  assert.equal(refused.json.code, 'visitor_blocked', refused.text);
  await assert.rejects(visitor.connect(), /4504|4500/);
  await owner.call('POST', `/visitors/${visitor.id}/unblock`, {});
  await visitor.session();
  const back = await visitor.connect();
  assert.ok(back.welcome.messages.some((m) => m.text === 'nobody hears this'));
  await Promise.all([back.close(), agent.close()]);
});

test('signing out here leaves the other sessions of the same agent alone', async () => {
  const here = await invited('two-places');
  const there = await Agent.signIn(it, here);
  const [a, b] = [await here.desk(), await there.desk()];
  await here.call('POST', '/logout', {});
  assert.equal(await silenced(a), 4501);
  assert.equal((await there.call('GET', '/me')).json.me.email, here.email);
  b.raw('ping');
  await b.next('pong');
  await b.close();
});
