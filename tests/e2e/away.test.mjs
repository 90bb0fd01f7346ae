// Nobody works, or nobody waits, on the real runtime: an address that is left, a visitor who goes, a process that dies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo } from '../../scripts/lib/demo.mjs';
import { until } from './lib/socket.mjs';
import { Agent, DEMO_SITE, say, Visitor, world } from './lib/world.mjs';

const mei = { name: 'Mei', email: 'mei@example.com', password: 'three-lanterns-0' };
const seed = { ...demo, agents: [mei] };
const LEFT_EMAIL = 12;
const FOLLOW_UP = { email: 1, gone: 2 };
/** Three days in UTC on which nobody works, whenever this runs. */
const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
const shut = () => ({ timezone: 'Etc/UTC', weekly: Array.from({ length: 7 }, () => [{ from: 0, to: 1440 }]), exceptions: [-1, 0, 1].map((n) => ({ date: day(n), spans: [] })) });

async function staffed(t) {
  const it = await world(t, { seed });
  return { it, owner: await Agent.signIn(it, demo.owner), agent: await Agent.signIn(it, mei) };
}

const rowsOf = (desk, conversation) => [...(desk.deskWelcome.rows ?? []), ...desk.all('deskUpdate').flatMap((u) => u.rows ?? [])].filter((r) => r.conversation === conversation);
const row = (desk, conversation, what, like) => until(what, () => rowsOf(desk, conversation).findLast(like));
const follows = (r, why) => r.followUp === why;
const isOffered = (v) => until('the offer of the form', () => v.all('queue').findLast((q) => q.form));

test('a message is left while it is closed, outlives the process, and is claimed and answered', async (t) => {
  const { it, owner, agent } = await staffed(t);
  await owner.call('PATCH', '/routing', { method: 'least_busy', hours: shut() });
  const visitor = new Visitor(it);
  const session = await visitor.session();
  const [[from, upto]] = session.site.closed;
  assert.ok(from <= Date.now() && upto > Date.now(), 'a browser hears that it is closed, before there is anything');
  let v = await visitor.connect();
  const form = { clientId: 'f1', email: ' Lei@Shop.example ', name: 'Lei', text: 'Where is my parcel?' };
  await v.ask({ leaveEmail: form }, 'done', (d) => d.clientId === 'f1');
  await v.ask({ leaveEmail: form }, 'done', (d) => d.clientId === 'f1');
  assert.equal(v.all('message').length, 1, 'twice is once');

  let desk = await agent.desk();
  const { conversation } = visitor;
  const like = (r) => follows(r, FOLLOW_UP.email) && r.replyTo === 'lei@shop.example';
  await row(desk, conversation, 'the row with its address', like);
  await it.server.kill();
  await it.server.restart();
  desk = await agent.desk();
  await row(desk, conversation, 'the same after a restart', like);

  await owner.call('PATCH', '/routing', { hours: null });
  // It is open and Mei is free: still nobody is asked.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.deepEqual(desk.all('probe'), []);
  await desk.ask({ claim: { clientId: 'c', conversation } }, 'assigned', (a) => a.clientId === 'c');
  const room = await agent.connect(conversation);
  const told = (room.privateWelcome.messages ?? []).find((m) => m.activity?.kind === LEFT_EMAIL);
  assert.ok(told, 'the line about it');
  assert.equal(room.privateWelcome.visitor.email, 'lei@shop.example');
  assert.notEqual(room.privateWelcome.visitor.verified, true);
  await say(room, 'It is on its way.');
  v = await visitor.connect();
  assert.ok(v.welcome.messages.some((m) => m.text === 'It is on its way.'), 'the visitor reads it when they are back');
});

test('who waits is offered the form at closing time; a site may let them wait instead', async (t) => {
  const { it, owner } = await staffed(t);
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'hello');
  await until('a place', () => v.all('queue').at(-1));
  assert.ok(!v.all('queue').some((q) => q.form));
  await owner.call('PATCH', '/routing', { hours: shut() });
  await isOffered(v);
  assert.equal((await owner.call('PATCH', `/sites/${DEMO_SITE}`, { when_closed: 'chat' })).json.live, true);
  await until('no form any more', () => v.all('queue').at(-1).form !== true);
  const site = (await owner.call('GET', '/sites')).json.sites.find((one) => one.id === DEMO_SITE);
  assert.equal(site.when_closed, 'chat');
});

test('who is gone for too long leaves the line, and is back at the old place', async (t) => {
  const { it, owner, agent } = await staffed(t);
  await owner.call('PATCH', '/routing', { follow_up_seconds: 3 });
  const desk = await agent.desk();
  const first = new Visitor(it);
  let v = await first.connect();
  await say(v, 'hello');
  const other = new Visitor(it);
  await say(await other.connect(), 'hello, too');
  const before = await row(desk, first.conversation, 'the row', (r) => Number(r.queuedAt ?? 0) > 0);
  await v.close();
  const gone = await row(desk, first.conversation, 'the row of who has gone', (r) => follows(r, FOLLOW_UP.gone));
  assert.equal(gone.queuedAt, before.queuedAt, 'the place is kept');
  v = await first.connect();
  await row(desk, first.conversation, 'the row of who is back', (r) => Number(r.rev) > Number(gone.rev) && !r.followUp);
  await until('the first place', () => Number([v.welcome.queue, ...v.all('queue')].findLast(Boolean)?.position ?? 0) === 1);
});
