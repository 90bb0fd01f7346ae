// INV-14 at the sockets: every ticket that is wrong, at every door and in both encodings, is told the same in one error
// frame and one close code; and every kind of frame, on every kind of socket, is answered as its row in matrix.json says.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { opsToken } from '../../scripts/lib/ops.mjs';
import { at } from '../../scripts/lib/paths.mjs';
import { BACKDOOR, blockTold, contents, neighbour, rows } from './lib/backdoor.mjs';
import { objects } from './lib/counting.mjs';
import { forgeries, read, signed, timed } from './lib/forge.mjs';
import { Socket, until } from './lib/socket.mjs';
import { Agent, newAddress, request, say, Visitor, world } from './lib/world.mjs';

const { frames } = JSON.parse(readFileSync(at('tests/e2e/matrix.json'), 'utf8'));
const NOBODY = { conversation: `cnv_${'0'.repeat(64)}`, agent: 'agt_aaaaaaaaaaaaaaaa', team: 'team_aaaaaaaaaaaaaaaa', tag: 'tag_aaaaaaaaaaaaaaaa' };

const ending = [];
let it;
let mei;
let owner;
let visitor;
let elsewhere;
let second;
let team;
let blocked;
let gone;
let outdated;

before(async () => {
  it = await world({ after: (end) => ending.push(end) }, { entry: BACKDOOR });
  [mei, owner] = [await Agent.signIn(it, it.people.agents[0]), await Agent.signIn(it, it.people.owner)];
  const eve = await Agent.signIn(it, await neighbour(it));
  const { site } = (await eve.call('POST', '/sites', { name: 'Next door', domains: [it.url.replace('http://', '')] })).json;
  const made = async (agent) => [(await agent.call('POST', '/teams', { name: 'Sales' })).json.team.id, (await agent.call('POST', '/tags', { name: 'Urgent' })).json.tag.id];
  const talking = async (where) => {
    const one = new Visitor(it, where ? { site: where } : {});
    const v = await one.connect();
    await say(v, 'hello');
    await v.close();
    return one;
  };
  const { site: another } = (await owner.call('POST', '/sites', { name: 'A second one', domains: [it.url.replace('http://', '')] })).json;
  second = await talking(another.id);
  [visitor, blocked, elsewhere] = [await talking(), await talking(), { visitor: await talking(site.id), agent: eve }];
  [team] = await made(owner);
  [elsewhere.team, elsewhere.tag] = await made(eve);
  await until('the visitor in the history', async () => (await owner.try('POST', `/visitors/${blocked.id}/block`, {})).status === 204);
  // Tickets of agents whose session has ended since, in two ways.
  const leaving = await Agent.signIn(it, it.people.owner);
  gone = await leaving.ticket();
  await leaving.call('POST', '/logout', {});
  const tom = await Agent.signIn(it, it.people.agents[1]);
  outdated = await tom.ticket();
  await tom.call('POST', '/logout_everywhere', {});
  await blockTold(it);
});
after(async () => {
  for (const end of ending) await end();
});

const ROOM = (conversation) => `/v1/rooms/${conversation}/socket`;
const DESK = '/v1/desk/socket';

/** How a socket that may not open ends: the error frame and the close. */
async function shownOut(path, ticket, encoding) {
  const socket = await Socket.open(`${it.url}${path}`, { ticket, encoding, origin: it.url, headers: { 'x-test-address': newAddress() } });
  socket.send(path === DESK ? { deskHello: {} } : { hello: {} });
  const { code, reason } = await socket.closed;
  assert.equal(socket.frames.length, 1, `one frame and no more: ${socket.summary()}`);
  return JSON.stringify({ error: socket.frames[0].error, code, reason });
}

/** Every one of these ends alike, in both encodings. */
async function alike(expected, paths, tickets) {
  const said = new Set();
  for (const encoding of ['json', 'proto']) {
    for (const path of paths) {
      for (const [name, ticket] of Object.entries(tickets)) {
        const answer = await shownOut(path, ticket, encoding);
        const { error, code } = JSON.parse(answer);
        assert.deepEqual([error?.code, code], expected, `${name} at ${path}`);
        said.add(answer);
      }
    }
  }
  assert.equal(said.size, 1, [...said].join('\n'));
}

/** Characters that a subprotocol may have: a browser, and the library here, offers no others. */
const isToken = (text) => /^[\w.~!#$%&'*+^`|-]+$/.test(text);

test('INV-14: a wrong ticket is told the same at every door, and leaves nothing', async () => {
  const { secrets } = it.server;
  const ticket = await mei.ticket();
  const forged = { ...forgeries(secrets, 'ticket', ticket), ...Object.fromEntries(Object.entries(forgeries(secrets, 'ticket', visitor.ticket)).map(([name, text]) => [`visitor: ${name}`, text])) };
  const expired = { agent: forged.expired, visitor: forged['visitor: expired'], late: timed(secrets, 'ticket', ticket, { iat: -800, exp: -1 }) };
  for (const name of ['expired', 'visitor: expired']) delete forged[name];
  const wrong = {
    none: undefined,
    word: 'letmein',
    'a session': mei.cookie.split('=')[1],
    'a visitor’s token': visitor.token,
    'the token of the scripts': opsToken(secrets.BELLHOP_OPS_KEY),
    'another secret': signed(read(ticket, 0), read(ticket, 1), randomBytes(32)),
    ...Object.fromEntries(Object.entries(forged).filter(([, text]) => isToken(text))),
  };
  const paths = [ROOM(visitor.conversation), ROOM(NOBODY.conversation), ROOM(elsewhere.visitor.conversation), DESK];
  const look = async () => ({ ...(await rows(it)), objects: objects(it.server) });
  const nothing = await look();
  await alike(['unauthorized', 4500], paths, wrong);
  await alike(['ticket_expired', 4010], paths, expired);
  assert.deepEqual(await look(), nothing);
  console.log(`${Object.keys(wrong).length + Object.keys(expired).length} wrong tickets at ${paths.length} doors in 2 encodings`);
});

test('INV-14: a good ticket reaches what it was made for and nothing else, told the same as for what does not exist', async () => {
  const strange = [ROOM(elsewhere.visitor.conversation), ROOM(NOBODY.conversation)];
  const before = await rows(it);
  await alike(['not_found', 4500], [...strange, ROOM(blocked.conversation), ROOM(second.conversation)], { visitor: visitor.ticket });
  // Another site of the same workspace is another's, too.
  await alike(['not_found', 4500], [...strange, ROOM(visitor.conversation)], { 'another site’s visitor': second.ticket });
  await alike(['not_found', 4500], strange, { agent: await mei.ticket() });
  await alike(['not_found', 4500], [ROOM(visitor.conversation), ROOM(NOBODY.conversation)], { 'another workspace’s owner': await elsewhere.agent.ticket() });
  await alike(['forbidden', 4500], [DESK], { visitor: visitor.ticket, second: second.ticket, elsewhere: elsewhere.visitor.ticket });
  await alike(['visitor_blocked', 4504], [ROOM(blocked.conversation)], { blocked: blocked.ticket });
  for (const path of [ROOM(visitor.conversation), DESK]) await alike(['unauthorized', 4501], [path], { 'signed out': gone, 'signed out everywhere': outdated });
  assert.deepEqual(await rows(it), before);
});

/** Sends a frame and gives the code of its refusal; `ok` if what is asked after it is answered first. */
async function answerTo(socket, frame, body, probe) {
  const since = socket.frames.length;
  socket.raw(JSON.stringify({ [frame]: body }));
  // The ticket of a renewal is looked at outside the object, so its answer may come after the next one.
  if (frame === 'renew') return (await socket.next('error', () => true, { since })).code;
  await probe(since);
  return socket.frames.slice(since).find((it) => 'error' in it && it.error.clientId !== 'probe')?.error.code ?? 'ok';
}

const filled = (body, ids) => Object.fromEntries(Object.entries(body).map(([name, value]) => [name, typeof value === 'string' ? value.replace(/^\{(\w+)\}$/, (_, id) => ids[id]) : value]));

/** A socket that has not said anything yet, and how to ask it something that is always answered with an error. */
const SOCKETS = {
  visitor: () => Socket.open(`${it.url}${ROOM(visitor.conversation)}`, { ticket: visitor.ticket, origin: it.url, headers: { 'x-test-address': newAddress() } }),
  agent: async () => Socket.open(`${it.url}${ROOM(visitor.conversation)}`, { ticket: await mei.ticket(), origin: it.url, headers: { 'x-test-address': newAddress() } }),
  desk: async () => Socket.open(`${it.url}${DESK}`, { ticket: await mei.ticket(), origin: it.url, headers: { 'x-test-address': newAddress() } }),
};
/** On a Room a claim, at the Desk a message: unknown there, and refused by its own id. */
const probeOf = (kind, socket) => (since) => {
  socket.raw(JSON.stringify(kind === 'desk' ? { send: { clientId: 'probe', text: '?' } } : { claim: { clientId: 'probe', conversation: '' } }));
  return socket.next('error', (error) => error.clientId === 'probe', { since });
};

for (const kind of Object.keys(SOCKETS)) {
  test(`INV-14: every kind of frame on the socket of ${kind === 'desk' ? 'a console' : `a ${kind} in a Room`}`, async () => {
    const ids = { conversation: visitor.conversation, agent: mei.me.id, team };
    const opens = kind === 'desk' ? 'deskHello' : 'hello';
    const early = await SOCKETS[kind]();
    for (const { frame, body } of frames.filter(({ frame }) => frame !== opens && frame !== 'renew')) {
      assert.equal(await answerTo(early, frame, filled(body, ids), probeOf(kind, early)), 'hello_first', `${frame} before ${opens}`);
    }
    await early.close();
    const socket = await SOCKETS[kind]();
    socket.send({ [opens]: {} });
    await socket.next(kind === 'desk' ? 'deskWelcome' : 'welcome');
    for (const { frame, body, [kind]: expected } of frames) {
      assert.equal(await answerTo(socket, frame, filled(body, ids), probeOf(kind, socket)), expected, `${frame} ${JSON.stringify(body)}`);
    }
    await socket.close();
  });
}

test('INV-8: ids of others in a frame are those of nobody', async () => {
  const [desk, room] = [await mei.desk(), await mei.connect(visitor.conversation)];
  const theirs = { conversation: elsewhere.visitor.conversation, agent: elsewhere.agent.me.id, team: elsewhere.team, tag: elsewhere.tag };
  const ours = { conversation: visitor.conversation, agent: mei.me.id, team };
  // Pages go by the order of ids, so nobody's is the foreign one's neighbour.
  const beside = theirs.conversation.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const before = await contents(it, elsewhere.agent.me.workspace.id);
  /** What is said of a foreign or unknown id of each kind, but for the id itself and the request's name. */
  const said = {};
  let asked = 0;
  for (const { frame, body, ids, desk: atDesk } of frames) {
    for (const id of ids) {
      for (const value of id === 'after' ? [theirs.conversation, beside] : [theirs[id], NOBODY[id]]) {
        const socket = atDesk === 'unknown_frame' ? room : desk;
        const since = socket.frames.length;
        const name = `foreign-${asked}`;
        socket.send({ [frame]: { ...filled(body, ours), ...(body.clientId ? { clientId: name } : {}), [id]: value } });
        const isAnswer = (it) => 'deskPage' in it || Object.values(it)[0]?.clientId === name;
        const answer = await until(`an answer to ${frame} of a foreign ${id}`, () => socket.frames.slice(since).find(isAnswer));
        (said[id] ??= new Set()).add(JSON.stringify(answer).replace(/foreign-\d+/, '…'));
        asked++;
      }
    }
  }
  assert.equal(asked, 2 * frames.flatMap(({ ids }) => ids).length);
  for (const [id, answers] of Object.entries(said)) assert.equal(answers.size, 1, `${id}: ${[...answers].join('\n')}`);
  const code = (id) => JSON.parse([...said[id]][0]).error?.code;
  assert.deepEqual([code('conversation'), code('agent'), code('team')], ['not_found', 'not_found', 'not_found']);
  // A Room takes any tag, for it knows none; and a page goes on behind any id.
  assert.deepEqual([Object.keys(said).sort(), code('tag'), code('after')], [['after', 'agent', 'conversation', 'tag', 'team'], undefined, undefined]);
  for (const tag of [theirs.tag, NOBODY.tag]) await room.ask({ tag: { clientId: `off-${tag}`, tag, on: false } }, 'done');
  await until('the tags are off in the history', async () => !(await mei.call('GET', `/conversations/${visitor.conversation}`)).json.conversation.tags.length);
  assert.deepEqual(await contents(it, elsewhere.agent.me.workspace.id), before);
  await Promise.all([desk.close(), room.close()]);
  assert.equal((await request(it, 'GET', '/api/v1/me', { cookie: mei.cookie })).status, 200);
});
