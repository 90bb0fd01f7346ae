// Who the visitor is, as the site's own server signs it, and who comes first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sign } from './lib/identity.mjs';
import { until } from './lib/socket.mjs';
import { Agent, DEMO_SITE, message, ok, request, say, Visitor, world } from './lib/world.mjs';

const PATH = `/sites/${DEMO_SITE}/identity`;

/** A workspace whose site signs: the owner, and a way to come as somebody. */
async function signing(t) {
  const it = await world(t);
  const owner = await Agent.signIn(it, it.people.owner);
  const { secret, enforced } = (await owner.call('POST', PATH, { new_secret: true })).json;
  assert.ok(secret.length >= 43 && enforced);
  const session = (body) => request(it, 'POST', '/v1/session', { body: { site: DEMO_SITE, ...body } });
  const come = async (claims) => {
    const { json } = await ok(it, 'POST', '/v1/session', { body: { site: DEMO_SITE, ...(claims && { identity: sign(secret, claims) }) } });
    return Object.assign(new Visitor(it), { token: json.token, conversation: json.conversation, ticket: json.ticket });
  };
  return { it, owner, secret, session, come };
}

test('a site signs who its visitors are; nobody else can, and nobody else gets their conversation', async (t) => {
  const { it, owner, secret, session, come } = await signing(t);
  const agent = await Agent.signIn(it, it.people.agents[0]);
  assert.equal((await agent.try('GET', PATH)).status, 403);
  assert.deepEqual((await owner.call('GET', PATH)).json, { secret, enforced: true });

  for (const [what, identity] of [['of another secret', sign('x'.repeat(43), { sub: 'ada' })], ['none', 'a.b.c'], ['over', sign(secret, { sub: 'ada', iat: 1_000, exp: 2_000 })]]) {
    const refused = await session({ identity });
    assert.deepEqual([refused.status, refused.json.code], [403, 'identity_refused'], what);
  }
  const ada = await come({ sub: 'ada', name: 'Ada', email: 'ada@example.com', level: 2 });
  const again = (await session({ token: ada.token, identity: sign(secret, { sub: 'ada' }) })).json;
  assert.deepEqual([again.conversation, again.returning], [ada.conversation, true]);
  for (const body of [{ token: ada.token }, { token: ada.token, identity: sign(secret, { sub: 'bob' }) }]) {
    const other = (await session(body)).json;
    assert.equal(other.returning, false);
    assert.notEqual(other.conversation, ada.conversation);
  }

  const desk = await owner.desk();
  const line = await ada.connect();
  line.send({ identify: { name: 'The boss', email: 'boss@example.com' } });
  await say(line, 'hello');
  const row = await until('the row', () => desk.all('deskUpdate').flatMap((it) => it.rows ?? []).find((it) => it.conversation === ada.conversation));
  assert.deepEqual([row.visitorName, Number(row.level), Number(row.movedUp)], ['Ada', 2, 2 * 10 * 60_000]);
  const { visitor } = (await owner.connect(ada.conversation)).privateWelcome;
  assert.deepEqual([visitor.verified, visitor.name, visitor.email, visitor.subject], [true, 'Ada', 'ada@example.com', 'ada']);

  const nobody = await come();
  const other = await nobody.connect();
  other.send({ identify: { name: 'The boss', email: 'boss@example.com' } });
  await say(other, 'hello');
  const unproven = (await owner.connect(nobody.conversation)).privateWelcome.visitor;
  assert.deepEqual([!!unproven.verified, unproven.name ?? '', unproven.email ?? ''], [false, '', '']);

  // A new secret ends what was signed before.
  await owner.call('POST', PATH, { new_secret: true });
  assert.equal((await session({ identity: sign(secret, { sub: 'ada' }) })).json.code, 'identity_refused');
});

test('a token kept from before somebody signed in opens nothing of theirs', async (t) => {
  const { it, secret, session, come } = await signing(t);
  const kept = await come();
  const stranger = await kept.connect();
  await say(stranger, 'is anybody there?');
  const { json } = await session({ token: kept.token, identity: sign(secret, { sub: 'ada' }) });
  assert.deepEqual([json.conversation, json.returning], [kept.conversation, true]);
  const ada = Object.assign(new Visitor(it), { token: json.token, conversation: json.conversation, ticket: json.ticket });
  const line = await ada.connect();
  assert.equal((await stranger.closed).code, 4010);
  await say(line, 'it is about my order');
  await assert.rejects(kept.connect(), /4010 ticket_expired/, 'the ticket of before');
  await until('the history to know of it', async () => !(await session({ token: kept.token })).json.returning);
  for (const identity of [undefined, sign(secret, { sub: 'bob' })]) {
    const other = (await session({ token: kept.token, identity })).json;
    assert.equal(other.returning, false);
    assert.notEqual(other.conversation, kept.conversation);
  }
  const again = (await session({ token: kept.token, identity: sign(secret, { sub: 'ada' }) })).json;
  assert.equal(again.conversation, kept.conversation);
  assert.deepEqual((await ada.connect()).welcome.messages.map((one) => one.text), ['is anybody there?', 'it is about my order']);
});

test('a kept slot is there for a visitor with a level, however many others wait', async (t) => {
  const { it, owner, come } = await signing(t);
  await owner.call('PATCH', '/routing', { method: 'least_busy', capacity: 2, reserved_slots: 1 });
  const mei = await Agent.signIn(it, it.people.agents[0]);
  const desk = await mei.desk();
  let answered = 0;
  desk.ws.on('message', () => {
    for (const { id } of desk.all('probe').slice(answered)) {
      answered++;
      desk.send({ probeAnswer: { probe: id, available: true } });
    }
  });
  const rings = () => new Set(desk.all('assigned').filter((it) => it.ringUntil && it.ringUntil !== '0').map((it) => it.conversation));
  for (let n = 0; n < 20; n++) {
    const line = await (await come()).connect();
    await line.ask(message(`I am number ${n}`), 'ack');
  }
  await until('the first rings', () => rings().size > 0);
  const vip = await come({ sub: 'vip', level: 1 });
  const line = await vip.connect();
  await line.ask(message('it is urgent'), 'ack');
  await until('the kept slot', () => rings().has(vip.conversation));
  assert.equal(rings().size, 2, 'one of the others, and the one with a level');
});
