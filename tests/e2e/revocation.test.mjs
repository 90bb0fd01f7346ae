// INV-13: whoever is revoked hears nothing any more within five seconds, in Rooms and at the Desk, while others go on
// writing: on sockets that are open, on sockets whose objects sleep, and on those that would be opened.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ASLEEP_MS, asleep, BACKDOOR } from './lib/backdoor.mjs';
import { made } from './lib/counting.mjs';
import { timed } from './lib/forge.mjs';
import { Socket, until } from './lib/socket.mjs';
import { Agent, newAddress, ok, request, say, Visitor, world } from './lib/world.mjs';

const SILENT_MS = 5_000;
/** What the others say after a socket has ended. */
const AFTERWARDS = 10;

let it;
let owner;
const ending = [];
before(async () => {
  it = await world({ after: (end) => ending.push(end) }, { entry: BACKDOOR });
  owner = await Agent.signIn(it, it.people.owner);
});
after(async () => {
  for (const end of ending) await end();
});

const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** A link carries its token where no server and no log sees it. */
const tokenOf = (link) => new URL(link).hash.slice(1);
const links = (what, body) => request(it, 'POST', `/api/v1/links/${what}`, { body, address: newAddress() });

/** A new agent by invitation, signed in. */
let count = 0;
async function invited() {
  const name = `agent-${count++}`;
  const email = `${name}@example.com`;
  const { link } = (await owner.call('POST', '/agents', { name, email, role: 'agent' })).json;
  const token = tokenOf(link);
  const password = `lantern for ${name} 42`;
  const looked = await links('look', { token });
  assert.deepEqual([looked.status, looked.json?.purpose, looked.json?.email], [200, 'invitation', email], looked.text);
  const { status, text } = await links('follow', { token, password });
  assert.equal(status, 200, text);
  for (const again of [await links('look', { token }), await links('follow', { token, password })]) assert.equal(again.json.code, 'gone', 'a link works once');
  return Agent.signIn(it, { email, password });
}

/** A conversation in which the visitor talks and the owner listens, with this agent in the Room and at the Desk. */
async function withAgent(agent, ticket) {
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'hello');
  const witness = await owner.connect(visitor.conversation);
  const options = { lingers: true, ticket };
  const hit = [await agent.connect(visitor.conversation, options), await agent.connect(visitor.conversation, { ...options, encoding: 'proto' }), await agent.desk(options), await agent.desk({ ...options, encoding: 'proto' })];
  return { agent, visitor, speaker: v, witness, hit };
}

/** One in which the owner talks and another agent listens, with two tabs of this visitor. */
async function withVisitor(ticket) {
  const visitor = new Visitor(it);
  const first = await visitor.connect();
  await say(first, 'hello');
  const hit = [];
  if (ticket) await first.close();
  else hit.push(await visitor.connect({ lingers: true }), first);
  hit.push(await visitor.connect({ lingers: true, encoding: 'proto', ticket: ticket?.(visitor.ticket) }));
  return { visitor, speaker: await owner.connect(visitor.conversation), witness: await owner.connect(visitor.conversation, { encoding: 'proto' }), hit };
}

const brief = (seconds) => (ticket) => timed(it.server.secrets, 'ticket', ticket, { iat: 0, exp: seconds });
const signsInAgain = ({ agent }) => Agent.signIn(it, agent);

/**
 * Ways to be revoked: `scene` makes the sockets that are to fall silent, `act` revokes, `code` is how they end, and
 * `afterwards` looks at what is left. A scene gets the seconds that a ticket that expires may live.
 */
const WAYS = {
  'an agent who is disabled': {
    scene: async () => withAgent(await invited()),
    act: ({ agent }) => owner.call('POST', `/agents/${agent.me.id}/disable`, {}),
    code: 4501,
    afterwards: async ({ agent: { email, password } }) => assert.equal((await request(it, 'POST', '/api/v1/login', { body: { email, password }, address: newAddress() })).json.code, 'wrong_credentials'),
  },
  'an agent who signs out everywhere': { scene: async () => withAgent(await invited()), act: ({ agent }) => agent.call('POST', '/logout_everywhere', {}), code: 4501, afterwards: signsInAgain },
  'an agent who signs out here': { scene: async () => withAgent(await invited()), act: ({ agent }) => agent.call('POST', '/logout', {}), code: 4501, afterwards: signsInAgain },
  'an agent who changes the password': {
    scene: async () => withAgent(await invited()),
    act: async ({ agent }) => {
      const { password: current } = agent;
      await agent.call('POST', '/me/password', { current, new: (agent.password = `${current} and more`) });
    },
    code: 4501,
    afterwards: signsInAgain,
  },
  'an agent whose password is reset': {
    scene: async () => withAgent(await invited()),
    act: async ({ agent }) => {
      const { link } = await it.ops('reset_password', { email: agent.email });
      agent.password = 'a new lantern 43';
      await ok(it, 'POST', '/api/v1/links/follow', { body: { token: tokenOf(link), password: agent.password }, address: newAddress() });
    },
    code: 4501,
    afterwards: signsInAgain,
  },
  'a visitor who is blocked, and let in again': {
    scene: () => withVisitor(),
    act: ({ visitor }) => owner.call('POST', `/visitors/${visitor.id}/block`, {}),
    code: 4504,
    afterwards: async ({ visitor, said }) => {
      const refused = await request(it, 'POST', '/v1/session', { body: { site: visitor.site, token: visitor.token, conversation: visitor.conversation }, address: visitor.address });
      assert.equal(refused.json.code, 'visitor_blocked', refused.text);
      await assert.rejects(visitor.connect(), /4504|4500/);
      await owner.call('POST', `/visitors/${visitor.id}/unblock`, {});
      await visitor.session();
      const back = await visitor.connect();
      assert.ok(back.welcome.messages.some((m) => m.text === said.at(-1).text), 'the history is theirs');
      await back.close();
    },
  },
  'a visitor’s ticket that expires': { scene: (seconds) => withVisitor(brief(seconds)), code: 4010 },
  'an agent’s ticket that expires': {
    scene: async (seconds) => {
      const agent = await Agent.signIn(it, it.people.agents[0]);
      return withAgent(agent, brief(seconds)(await agent.ticket()));
    },
    code: 4010,
  },
};

/** Says something every tenth of a second until it is told to stop. */
function talk(scene) {
  scene.said = [];
  let goes = true;
  const done = (async () => {
    while (goes) {
      const ack = await say(scene.speaker, `${scene.said.length}: can anybody hear me?`);
      scene.said.push({ ...ack, at: Date.now() });
      await rest(100);
    }
  })();
  return async () => ((goes = false), done);
}

/** Revokes while others talk; every socket ends in time, and the line stays dead while they go on. */
async function silences({ act, code, afterwards }, scene, { endsBy }) {
  // Whose ticket expires sleeps until then: that it is time nobody tells them but their own alarm.
  const stop = act ? talk(scene) : undefined;
  const cookie = scene.agent?.cookie;
  const ticket = act && (await scene.agent?.ticket());
  await act?.(scene);
  const deadline = (act ? Date.now() : endsBy) + SILENT_MS;
  const late = rest(deadline - Date.now()).then(() => 'still open');
  const ends = await Promise.all(scene.hit.map((socket) => Promise.race([socket.closed.then((end) => end.code), late])));
  assert.deepEqual(ends, scene.hit.map(() => code), `${Date.now() - deadline} ms after the deadline`);
  const silent = Date.now();
  const stopLate = stop ?? talk(scene);
  await until('the others to go on', () => scene.said.filter(({ at }) => at > silent).length >= AFTERWARDS);
  await stopLate();
  const last = scene.said.at(-1);
  await scene.witness.next('message', (m) => m.seq === last.seq);
  assert.deepEqual(scene.hit.map((socket) => socket.leaked), scene.hit.map(() => 0), 'bytes after the close');
  if (act && scene.agent) {
    assert.equal((await request(it, 'GET', '/api/v1/me', { cookie })).json.code, 'unauthorized');
    // The ticket in hand is worth nothing either.
    for (const path of ['/v1/desk/socket', `/v1/rooms/${scene.visitor.conversation}/socket`]) {
      const socket = await Socket.open(`${it.url}${path}`, { ticket, origin: it.url });
      socket.send(path.includes('desk') ? { deskHello: {} } : { hello: {} });
      assert.equal((await socket.closed).code, 4501, path);
      assert.ok(!socket.all('welcome').length && !socket.all('deskWelcome').length, path);
    }
  }
  await afterwards?.(scene);
  await Promise.all([scene.speaker, scene.witness].map((socket) => socket.close()));
}

/** All ways at once, so that waiting is paid once; each has people and a conversation of its own. */
function all(title, { sleeping }) {
  test(title, { concurrency: true }, async (t) => {
    const seconds = sleeping ? (ASLEEP_MS + 15_000) / 1_000 : 15;
    const scenes = [];
    const prepare = (wanted) => Promise.all(Object.values(WAYS).map(async (way, index) => wanted(way) && (scenes[index] = await way.scene(seconds))));
    // The passwords of the others take their time; those whose ticket expires have none to lose.
    await prepare(({ act }) => act);
    await prepare(({ act }) => !act);
    const rooms = scenes.map(({ visitor }) => `Room ${visitor.conversation.replace('cnv_', '')}`);
    const makes = () => [...rooms.map((room) => made(it.server, room)), made(it.server, 'Desk')];
    const before = makes();
    const endsBy = Date.now() + seconds * 1_000;
    if (sleeping) await asleep(it, ...rooms, 'Desk');
    for (const socket of scenes.flatMap(({ hit }) => hit)) assert.equal(socket.end, undefined, 'nobody has been shown out yet');
    await Promise.all(
      Object.entries(WAYS).map(([name, way], index) => t.test(`INV-13: ${name}${sleeping ? ', asleep' : ''}`, () => silences(way, scenes[index], { endsBy }))),
    );
    if (sleeping) makes().forEach((count, index) => assert.ok(count > before[index], `${rooms[index] ?? 'the Desk'} was asleep`));
    console.log(`${scenes.length} ways, ${scenes.flatMap(({ hit }) => hit).length} sockets${sleeping ? ' of sleeping objects' : ''}`);
  });
}
all('INV-13: whoever is revoked is silent', { sleeping: false });
all('INV-13: whoever is revoked is silent, while the objects sleep', { sleeping: true });

test('signing out here leaves the other sessions of the same agent alone', async () => {
  const here = await invited();
  const there = await Agent.signIn(it, here);
  const [a, b] = [await here.desk(), await there.desk()];
  await here.call('POST', '/logout', {});
  assert.equal((await a.closed).code, 4501);
  assert.equal((await there.call('GET', '/me')).json.me.email, here.email);
  b.raw('ping');
  await b.next('pong');
  await b.close();
});
