// The signing key is rotated under people who are there: with the former one beside it everybody goes on, and once that is gone whatever
// it signed is nobody's any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSecret } from '../../scripts/lib/secrets.mjs';
import { Agent, DEMO_SITE, newAddress, request, say, Visitor, world } from './lib/world.mjs';

test('INV-14: a rotated key verifies as long as it stands beside the new one, and not a moment longer', async (t) => {
  const it = await world(t);
  const owner = await Agent.signIn(it, it.people.owner);
  const [visitor, late] = [new Visitor(it), new Visitor(it)];
  await say(await visitor.connect(), 'before');
  const { conversation, token, id } = visitor;
  const tickets = { visitor: visitor.ticket, agent: await owner.ticket() };
  const { link } = (await owner.call('POST', '/agents', { name: 'Ann', email: 'ann@example.com', role: 'agent' })).json;
  const look = async () => (await request(it, 'POST', '/api/v1/links/look', { body: { token: new URL(link).hash.slice(1) }, address: newAddress() })).status;
  const { secrets } = it.server;

  secrets.BELLHOP_SECRET_PREVIOUS = secrets.BELLHOP_SECRET;
  secrets.BELLHOP_SECRET = newSecret();
  await it.server.kill();
  await it.server.restart();
  // What was signed before: a ticket of either side, a session, a visitor's token, a link.
  assert.equal((await visitor.connect({ ticket: tickets.visitor })).welcome.head, 1);
  assert.equal((await owner.connect(conversation, { ticket: tickets.agent })).welcome.head, 1);
  assert.equal((await owner.try('GET', '/me')).status, 200);
  assert.equal(await look(), 200);
  await visitor.session();
  assert.deepEqual([visitor.conversation, visitor.id], [conversation, id]);
  await say(await visitor.connect(), 'between');
  await say(await late.connect(), 'new');
  // Objects verify for themselves what renews a socket; a good one is not answered.
  const talking = await visitor.connect();
  talking.send({ renew: { ticket: tickets.visitor } });
  for (const text of ['one', 'two', 'three']) await say(talking, text);
  assert.deepEqual(talking.all('error'), []);
  const renewed = { conversation: late.conversation, id: late.id };

  delete secrets.BELLHOP_SECRET_PREVIOUS;
  await it.server.kill();
  await it.server.restart();
  for (const [who, ticket] of Object.entries(tickets)) {
    const opened = await visitor.connect({ ticket }).then(() => 'open', () => 'refused');
    assert.equal(opened, 'refused', `a ${who}’s ticket`);
  }
  assert.equal((await owner.try('GET', '/me')).status, 401);
  assert.equal(await look(), 404);
  const gone = await request(it, 'POST', '/v1/session', { body: { site: DEMO_SITE, token, conversation }, address: newAddress() });
  assert.deepEqual([gone.status, gone.json.code], [401, 'unauthorized']);
  await late.session();
  assert.deepEqual({ conversation: late.conversation, id: late.id }, renewed, 'one of the new key is');
  const stays = await late.connect();
  assert.equal(stays.welcome.head, 1);
  stays.send({ renew: { ticket: tickets.visitor } });
  assert.equal((await stays.next('error')).code, 'unauthorized');
});
