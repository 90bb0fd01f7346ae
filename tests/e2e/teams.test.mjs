// Teams, the line and business hours on the real runtime: what admins set reaches the Desk, its memory outlives the process, and
// visitors hear their place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo } from '../../scripts/lib/demo.mjs';
import { until } from './lib/socket.mjs';
import { Agent, DEMO_SITE, say, Visitor, world } from './lib/world.mjs';

const agents = ['Mei', 'Tom', 'Eve'].map((name, n) => ({ name, email: `${name}@example.com`.toLowerCase(), password: `three-lanterns-${n}` }));
const seed = { ...demo, agents };
/** A kind of `Activity`, and statuses. */
const TEAM_CHANGED = 8;
const OPEN = 2;
const RESOLVED = 4;

async function staffed(t) {
  const it = await world(t, { seed });
  const owner = await Agent.signIn(it, demo.owner);
  const [mei, tom, eve] = await Promise.all(agents.map((person) => Agent.signIn(it, person)));
  return { it, owner, mei, tom, eve };
}

/** The rows that a console has of a conversation, the newest last. */
const rowsOf = (desk, conversation) => [...(desk.deskWelcome.rows ?? []), ...desk.all('deskUpdate').flatMap((u) => u.rows ?? [])].filter((r) => r.conversation === conversation);
const row = (desk, conversation, what, like) => until(what, () => rowsOf(desk, conversation).findLast(like));
const place = (v, like) => until('a place in the line', () => v.all('queue').findLast(like));
const positionOf = (queue) => Number(queue.position ?? 0);

async function visit(it, text = 'hello') {
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, text);
  return { visitor, v, conversation: visitor.conversation };
}

test('a team is set up, its site’s conversations are its own, and a killed server forgets none of it', async (t) => {
  const { it, owner, mei, tom } = await staffed(t);
  const { team, live } = (await owner.call('POST', '/teams', { name: 'Sales', members: [mei.me.id] })).json;
  assert.ok(live, 'the Desk has heard of it');
  const { team: returns } = (await owner.call('POST', '/teams', { name: 'Returns', members: [tom.me.id] })).json;
  assert.equal((await owner.call('PATCH', `/sites/${DEMO_SITE}`, { team: team.id })).json.live, true);
  let desk = await mei.desk();
  const { conversation } = await visit(it);
  await row(desk, conversation, 'the row with its team', (r) => r.team === team.id);

  await desk.ask({ claim: { clientId: 'c', conversation } }, 'assigned', (a) => a.clientId === 'c');
  const handed = await desk.ask({ transfer: { clientId: 't', conversation, team: returns.id, reason: 'an invoice' } }, 'assigned', (a) => a.clientId === 't');
  assert.equal(handed.assignee, undefined);
  const room = await tom.connect(conversation);
  const told = await until('the line about it', () => [...(room.privateWelcome.messages ?? []), ...room.all('privateMessage')].find((m) => m.activity?.kind === TEAM_CHANGED));
  assert.deepEqual([told.activity.team, told.activity.reason, told.activity.actor.name], ['Returns', 'an invoice', mei.me.name]);

  await it.server.kill();
  await it.server.restart();
  desk = await tom.desk();
  await row(desk, conversation, 'the row after a restart', (r) => r.team === returns.id && !r.assignee);
  const { conversation: later } = await visit(it, 'after the restart');
  await row(desk, later, 'the site’s team after a restart', (r) => r.team === team.id);

  assert.equal((await owner.call('DELETE', `/teams/${returns.id}`, {})).json.live, true);
  await row(desk, conversation, 'the site’s team again', (r) => r.team === team.id);
});

test('visitors hear their place, every move, and leave when they like', async (t) => {
  const { it, mei } = await staffed(t);
  const desk = await mei.desk();
  const [first, second, third] = [await visit(it), await visit(it), await visit(it)];
  for (const [n, who] of [first, second, third].entries()) await place(who.v, (q) => positionOf(q) === n + 1);
  await desk.ask({ claim: { clientId: 'c', conversation: first.conversation } }, 'assigned', (a) => a.clientId === 'c');
  await place(first.v, (q) => positionOf(q) === 0);
  await place(second.v, (q) => positionOf(q) === 1);
  const moved = await place(third.v, (q) => positionOf(q) === 2);
  assert.ok(Number(moved.waitMs) > 0, 'and now there is an estimate');

  await second.v.ask({ leave: { clientId: 'l' } }, 'done', (d) => d.clientId === 'l');
  await until('it is over', () => second.v.all('state').at(-1)?.status === RESOLVED);
  await place(third.v, (q) => positionOf(q) === 1);
  const again = await third.visitor.connect();
  assert.equal(positionOf(again.welcome.queue), 1, 'whoever comes back is told again');
  assert.equal(first.v.all('queue').every((q) => positionOf(q) <= 1), true);
});

/** Hours in UTC of which none are within the next day or two, whenever this runs; and such as are now. */
const day = (ms) => new Date(ms).toISOString().slice(0, 10);
const shut = () => ({
  timezone: 'Etc/UTC',
  weekly: Array.from({ length: 7 }, () => [{ from: 0, to: 1440 }]),
  exceptions: [-1, 0, 1].map((n) => ({ date: day(Date.now() + n * 86_400_000), spans: [] })),
});

test('while it is closed visitors hear until when, and nobody is asked; opened, somebody is', async (t) => {
  const { it, owner, mei } = await staffed(t);
  await owner.call('PATCH', '/routing', { method: 'least_busy' });
  const closed = (await owner.call('PATCH', '/routing', { hours: shut() })).json;
  assert.deepEqual([closed.hours.timezone, closed.hours.offsets, closed.live], ['Etc/UTC', undefined, true]);
  const desk = await mei.desk();
  const { v, conversation } = await visit(it);
  const told = await place(v, (q) => Number(q.opensAt ?? 0) > 0);
  const opens = new Date(Number(told.opensAt)).toISOString();
  assert.match(opens, /T00:00:00.000Z$/);
  assert.ok(Number(told.opensAt) > Date.now(), opens);
  assert.deepEqual(desk.all('probe'), []);
  await owner.call('PATCH', '/routing', { hours: null });
  const { id } = await desk.next('probe');
  desk.send({ probeAnswer: { probe: id, available: true } });
  const ring = await desk.next('assigned', (a) => !a.clientId && a.conversation === conversation);
  assert.ok(Number(ring.ringUntil) > 0);
});

test('a site is closed by its own hours, and open again without them', async (t) => {
  const { it, owner, mei } = await staffed(t);
  await owner.call('PATCH', '/routing', { method: 'least_busy' });
  const { site, live } = (await owner.call('PATCH', `/sites/${DEMO_SITE}`, { hours: shut() })).json;
  assert.deepEqual([site.hours.timezone, site.hours.offsets, live], ['Etc/UTC', undefined, true]);
  const desk = await mei.desk();
  const { visitor, v, conversation } = await visit(it);
  await place(v, (q) => Number(q.opensAt ?? 0) > Date.now());
  assert.equal((await visitor.session()).site.closed.length > 0, true, 'its visitors are told ahead');
  assert.deepEqual(desk.all('probe'), []);
  assert.equal((await owner.call('PATCH', `/sites/${DEMO_SITE}`, { hours: null })).json.live, true);
  const { id } = await desk.next('probe');
  desk.send({ probeAnswer: { probe: id, available: true } });
  await desk.next('assigned', (a) => !a.clientId && a.conversation === conversation);
  const answer = await owner.try('PATCH', `/sites/${DEMO_SITE}`, { hours: { ...shut(), timezone: 'Mars/Olympus' } });
  assert.deepEqual([answer.status, answer.json.field], [400, 'hours']);
});

test('what is muted stays resolved whatever its visitor writes, over a killed server as well', async (t) => {
  const { it, mei } = await staffed(t);
  let desk = await mei.desk();
  let { visitor, v, conversation } = await visit(it, 'buy followers');
  await row(desk, conversation, 'the row', (r) => r.queuedAt);
  const room = await mei.connect(conversation);
  await room.ask({ mute: { clientId: 'm', on: true } }, 'done', (d) => d.clientId === 'm');
  await until('it leaves the list', () => desk.all('deskUpdate').find((u) => u.gone?.includes(conversation)));
  await say(v, 'buy more followers');
  await until('the visitor sees what they would see otherwise', () => v.all('state').findLast((s) => s.status === OPEN));
  const known = async () => (await mei.call('GET', `/conversations/${conversation}`)).json.conversation;
  const told = await until('the history', async () => {
    const it = await known();
    return it.muted && it.last_text === 'buy more followers' ? it : undefined;
  });
  assert.deepEqual([told.status, told.unread], ['resolved', 0]);

  await it.server.kill();
  await it.server.restart();
  desk = await mei.desk();
  v = await visitor.connect();
  await say(v, 'and more');
  const again = await mei.connect(conversation);
  assert.equal(again.welcome.state.status, RESOLVED);
  assert.equal(again.privateWelcome.visitor.muted, true);
  assert.deepEqual(rowsOf(desk, conversation), []);
  await again.ask({ mute: { clientId: 'u', on: false } }, 'done', (d) => d.clientId === 'u');
  await say(v, 'a real question');
  await row(desk, conversation, 'it is in the line again', (r) => r.queuedAt);
});

test('a zone’s clock changes are the platform’s, and what is no zone is refused at its field', async (t) => {
  const { it, owner } = await staffed(t);
  const weekly = Array.from({ length: 7 }, () => [{ from: 540, to: 1080 }]);
  for (const timezone of ['Europe/Berlin', 'Asia/Shanghai', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe']) {
    const { hours } = (await owner.call('PATCH', '/routing', { hours: { timezone, weekly } })).json;
    assert.equal(hours.timezone, timezone);
  }
  for (const timezone of ['', 'Mars/Olympus', 'berlin', '+01:00', 'x'.repeat(300), 'Europe/Berlin\u0000']) {
    const answer = await owner.try('PATCH', '/routing', { hours: { timezone, weekly } });
    assert.deepEqual([answer.status, answer.json.code, answer.json.field], [400, 'bad_request', 'hours'], timezone);
    assert.match(answer.json.detail, /^timezone: /);
  }
  const wrong = [{ weekly: weekly.slice(1) }, { weekly: [[{ from: 5, to: 5 }], ...weekly.slice(1)] }, { weekly, exceptions: [{ date: '2026-02-30', spans: [] }] }];
  for (const hours of wrong) assert.equal((await owner.try('PATCH', '/routing', { hours: { timezone: 'Etc/UTC', ...hours } })).status, 400, JSON.stringify(hours));
  assert.equal((await owner.call('GET', '/routing')).json.hours.timezone, 'Australia/Lord_Howe');
  // A misspelt member is refused wherever hours are taken, and the days that stand are still there.
  const exceptions = [{ date: '2026-12-25', spans: [] }];
  await owner.call('PATCH', '/routing', { hours: { timezone: 'Etc/UTC', weekly, exceptions } });
  const strays = [{ weekly, holidays: exceptions }, { weekly: [[{ from: 5, to: 9, until: 8 }], ...weekly.slice(1)] }, { weekly, exceptions: [{ ...exceptions[0], open: true }] }];
  for (const path of ['/routing', '/teams', '/sites']) {
    for (const stray of strays) {
      const answer = await owner.try(path === '/routing' ? 'PATCH' : 'POST', path, { ...(path !== '/routing' && { name: 'X' }), hours: { timezone: 'Etc/UTC', ...stray } });
      assert.deepEqual([answer.status, answer.json.code, answer.json.field], [400, 'bad_request', 'hours'], `${path} ${JSON.stringify(stray)}`);
    }
  }
  assert.deepEqual((await owner.call('GET', '/routing')).json.hours.exceptions, exceptions);
  assert.ok(it.url);
});

test('what an agent speaks and knows decides between equals', async (t) => {
  const { it, owner, mei, tom } = await staffed(t);
  await owner.call('PATCH', '/routing', { method: 'best_match' });
  await owner.call('PATCH', `/agents/${mei.me.id}`, { languages: ['en'], skills: ['returns'] });
  await owner.call('PATCH', `/agents/${tom.me.id}`, { languages: ['zh'], skills: ['tents'], capacity: 3 });
  const { agent } = (await owner.call('PATCH', `/agents/${tom.me.id}`, { location: { latitude: 31.2304, longitude: 121.4737 } })).json;
  assert.deepEqual([agent.location, agent.capacity], [{ latitude: 31.23, longitude: 121.47 }, 3]);
  const nowhere = await owner.try('PATCH', `/agents/${tom.me.id}`, { location: { latitude: 91, longitude: 0 } });
  assert.deepEqual([nowhere.status, nowhere.json.code], [400, 'bad_request']);
  const desks = [await mei.desk(), await tom.desk()];
  const visitor = new Visitor(it);
  const v = await visitor.connect({ hello: { context: { locale: 'zh-CN' } } });
  v.send({ identify: { name: 'Li', attributes: { topic: 'Tents' } } });
  await say(v, '帐篷');
  const probes = await Promise.all(desks.map((desk) => desk.next('probe')));
  // The better one first: whoever is best wins at once, anybody else would have to wait for the other answer.
  for (const n of [1, 0]) desks[n].send({ probeAnswer: { probe: probes[n].id, available: true } });
  const rings = await until('somebody to ring at', () => desks.findIndex((desk) => desk.all('assigned').some((a) => a.conversation === visitor.conversation)) + 1);
  assert.equal(rings, 2, 'Tom speaks Chinese and knows tents');
});
