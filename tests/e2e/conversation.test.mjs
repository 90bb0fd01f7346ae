// Two visitors and two agents, one of each kind in either encoding, on the real runtime: what each of them sees.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { until } from './lib/socket.mjs';
import { Agent, say, Visitor, world } from './lib/world.mjs';
import { LOG, SENDER, STATUS } from './lib/wire.mjs';

let it;
let mei;
let tom;
// One server for the file; the hook's context ends it after the last test.
before(async (t) => {
  it = await world({ after: (end) => ending.push(end) });
  mei = await Agent.signIn(it, it.people.agents[0]);
  tom = await Agent.signIn(it, it.people.agents[1]);
});
const ending = [];
test.after(async () => {
  for (const end of ending) await end();
});

const texts = (messages) => messages.map((it) => it.text).filter((it) => it !== undefined);
const seqs = (messages) => messages.map((it) => it.seq);
const gapless = (messages, first = 1) => assert.deepEqual(seqs(messages), messages.map((_, index) => first + index));

for (const [visitorSpeaks, agentSpeaks] of [['json', 'proto'], ['proto', 'json']]) {
  test(`INV-1 INV-3: a visitor (${visitorSpeaks}) and an agent (${agentSpeaks}) talk`, async () => {
    const visitor = new Visitor(it);
    const v = await visitor.connect({ encoding: visitorSpeaks });
    assert.equal(v.welcome.head, 0);
    assert.equal(v.welcome.you.kind, SENDER.VISITOR);
    const first = await say(v, 'Is the brass lantern back? 黄铜灯笼');
    assert.equal(first.seq, 1);

    const desk = await mei.desk({ encoding: agentSpeaks });
    const row = await until('the conversation in the live list', () => [...desk.deskWelcome.rows, ...desk.all('deskUpdate').flatMap((u) => u.rows)].find((r) => r.conversation === visitor.conversation));
    assert.equal(row.status, STATUS.OPEN);

    const a = await mei.connect(visitor.conversation, { encoding: agentSpeaks });
    assert.deepEqual(texts(a.welcome.messages), ['Is the brass lantern back? 黄铜灯笼']);
    // Ids of a sender's messages are that sender's alone.
    assert.equal(a.welcome.messages[0].clientId, '');

    const answer = await say(a, 'Yes, since this morning.');
    const seen = await v.next('message', (m) => m.text === 'Yes, since this morning.');
    assert.equal(seen.seq, answer.seq);
    assert.deepEqual([seen.sender.kind, seen.sender.name], [SENDER.AGENT, 'Mei Chen']);
    assert.equal(seen.clientId, '');

    v.send({ read: { seq: answer.seq } });
    const receipt = await a.next('receipt', (r) => r.read === answer.seq);
    assert.equal(receipt.participant.kind, SENDER.VISITOR);

    v.send({ typing: { on: true } });
    assert.equal((await a.next('typing')).on, true);
    a.send({ typing: { on: true } });
    assert.equal((await v.next('typing')).participant.name, 'Mei Chen');

    // Back later, in the other encoding: everything is there, once and in order.
    await v.close();
    const again = await visitor.connect({ encoding: agentSpeaks });
    gapless(again.welcome.messages);
    assert.deepEqual(texts(again.welcome.messages), ['Is the brass lantern back? 黄铜灯笼', 'Yes, since this morning.']);
    await Promise.all([again.close(), a.close(), desk.close()]);
  });

  test(`INV-10: a note (${agentSpeaks}) reaches the other agent and never the visitor (${visitorSpeaks})`, async () => {
    const visitor = new Visitor(it);
    const v = await visitor.connect({ encoding: visitorSpeaks });
    await say(v, 'I am waiting');
    const a = await mei.connect(visitor.conversation, { encoding: agentSpeaks });
    const b = await tom.connect(visitor.conversation, { encoding: visitorSpeaks });
    const clientId = randomUUID();
    const ack = await a.ask({ note: { clientId, text: 'secret-note-text' } }, 'noteAck', (n) => n.clientId === clientId);
    const seen = await b.next('privateMessage', (m) => m.note === 'secret-note-text');
    assert.deepEqual([seen.seq, seen.follows], [ack.seq, a.welcome.head]);
    // The visitor asks for the private log, then writes and pages: what comes is all there is.
    v.send({ note: { clientId: randomUUID(), text: 'visitor note' } });
    await v.next('error', (e) => e.code === 'forbidden');
    v.send({ page: { log: LOG.PRIVATE, before: 0 } });
    await say(v, 'still waiting');
    await v.ask({ page: { log: LOG.PUBLIC, before: 0 } }, 'page');
    const later = await visitor.connect({ encoding: agentSpeaks });
    for (const socket of [v, later]) {
      assert.ok(!JSON.stringify(socket.frames, (_, x) => (x instanceof Map ? [...x] : x)).includes('secret-note-text'));
      for (const frame of socket.frames) for (const kind of ['privateWelcome', 'privateMessage', 'privatePage', 'noteAck']) assert.ok(!(kind in frame), kind);
    }
    // An agent who comes later finds it.
    const c = await tom.connect(visitor.conversation, { encoding: agentSpeaks });
    assert.deepEqual(c.privateWelcome.messages.map((m) => m.note).filter(Boolean), ['secret-note-text']);
    await Promise.all([v, later, a, b, c].map((socket) => socket.close()));
  });
}

test('INV-2: the same client id, from two tabs and after a reconnect, is one message', async () => {
  const visitor = new Visitor(it);
  const [one, two] = [await visitor.connect(), await visitor.connect({ encoding: 'proto' })];
  const clientId = randomUUID();
  const [a, b] = await Promise.all([say(one, 'once', clientId), say(two, 'once', clientId)]);
  assert.deepEqual([a.seq, a.id], [b.seq, b.id]);
  await one.cut();
  const three = await visitor.connect({ hello: { logEpoch: one.welcome.logEpoch, after: 0, tip: '' } });
  assert.equal((await say(three, 'once', clientId)).seq, a.seq);
  const agent = await mei.connect(visitor.conversation);
  assert.deepEqual(texts(agent.welcome.messages), ['once']);
  assert.equal(two.all('message').filter((m) => m.text === 'once').length <= 1, true);
  await Promise.all([two, three, agent].map((socket) => socket.close()));
});

test('INV-4: who comes back gets exactly what was missed, then what is live', async () => {
  const visitor = new Visitor(it);
  const kept = [];
  await visitor.connect().then(async (first) => (kept.push(await say(first, 'before 0')), first.close()));
  // A log has its epoch from its first message on.
  const v = await visitor.connect();
  assert.ok(v.welcome.logEpoch > 0);
  for (const n of [1, 2, 3]) kept.push(await say(v, `before ${n}`));
  await v.cut();
  const agent = await tom.connect(visitor.conversation, { encoding: 'proto' });
  const missed = [];
  for (let n = 0; n < 150; n++) missed.push(await say(agent, `missed ${n}`));
  const last = kept.at(-1);
  const back = await visitor.connect({ hello: { logEpoch: v.welcome.logEpoch, after: last.seq, tip: last.id } });
  assert.equal(back.welcome.reset, false);
  const held = [...back.welcome.messages];
  // A hundred at a time: the rest by pages, back to the cursor.
  if (back.welcome.more) {
    for (;;) {
      const before = held[0].seq;
      const page = await back.ask({ page: { log: LOG.PUBLIC, before } }, 'page', (p) => p.before === before);
      held.unshift(...page.messages.filter((m) => m.seq > last.seq));
      if (!page.more || page.messages[0].seq <= last.seq + 1) break;
    }
  }
  const live = await say(agent, 'live');
  held.push(await back.next('message', (m) => m.seq === live.seq));
  gapless(held, last.seq + 1);
  assert.deepEqual(texts(held), [...missed.map((m) => m.text), 'live']);
  // A cursor that this log never had: start over, with everything.
  const stranger = await visitor.connect({ hello: { logEpoch: v.welcome.logEpoch, after: last.seq, tip: 'msg_someotherone' } });
  assert.equal(stranger.welcome.reset, true);
  await Promise.all([back, stranger, agent].map((socket) => socket.close()));
});

test('INV-5: claim, resolve, reopen: both sides see each step', async () => {
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'please help');
  const [first, second] = [await mei.desk(), await tom.desk({ encoding: 'proto' })];
  const agent = await mei.connect(visitor.conversation, { encoding: 'proto' });
  const claimed = await first.ask({ claim: { clientId: 'c1', conversation: visitor.conversation } }, 'assigned', (x) => x.clientId === 'c1');
  assert.equal(claimed.assignee.name, 'Mei Chen');
  const state = await v.next('state', (s) => s.assignee?.name === 'Mei Chen');
  assert.equal(state.assignmentEpoch, claimed.assignmentEpoch);
  const refused = await second.ask({ claim: { clientId: 'c2', conversation: visitor.conversation } }, 'error', (e) => e.clientId === 'c2');
  assert.deepEqual([refused.code, refused.holder.name], ['already_assigned', 'Mei Chen']);
  await second.next('deskUpdate', (u) => u.rows.some((r) => r.conversation === visitor.conversation && r.assignee?.name === 'Mei Chen'));

  await agent.ask({ setStatus: { status: STATUS.RESOLVED, clientId: 's1' } }, 'done', (d) => d.clientId === 's1');
  await v.next('state', (s) => s.status === STATUS.RESOLVED);
  const since = agent.frames.length;
  await say(v, 'one more thing');
  await agent.next('state', (s) => s.status === STATUS.OPEN, { since });
  await Promise.all([v, agent, first, second].map((socket) => socket.close()));
});

test('INV-8: an agent of another conversation and a visitor with another\u2019s ticket stay outside', async () => {
  const [one, two] = [new Visitor(it), new Visitor(it)];
  const a = await one.connect();
  await say(a, 'mine');
  await two.session();
  const stolen = Object.assign(new Visitor(it), { token: two.token, conversation: one.conversation, ticket: two.ticket });
  await assert.rejects(stolen.connect(), /4500|refused/);
  await a.close();
});

test('a frame that nobody knows is answered, and the socket stays open', async () => {
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  const since = v.frames.length;
  v.raw('{"futureFrame":{"x":1}}');
  assert.equal((await v.next('error', () => true, { since })).code, 'unknown_frame');
  v.raw('not json');
  assert.equal((await v.next('error', (e) => e.code === 'bad_frame')).retryable, false);
  v.raw('ping');
  await v.next('pong');
  assert.equal((await say(v, 'still here')).seq, 1);
  await v.close();
});

test('history in the API: list, messages and search show what was said', async () => {
  const visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'Where is order 4711 and its 退款?');
  const agent = await mei.connect(visitor.conversation);
  await say(agent, 'On its way');
  await agent.ask({ note: { clientId: randomUUID(), text: 'checked with the warehouse' } }, 'noteAck');
  const entry = await until('the conversation in the history', async () => (await mei.call('GET', `/conversations/${visitor.conversation}`).catch(() => undefined))?.json.conversation);
  assert.equal(entry.status, 'open');
  const log = (name) => async () => {
    const { messages } = (await mei.call('GET', `/conversations/${visitor.conversation}/messages?log=${name}`)).json;
    return messages.length >= (name === 'public' ? 2 : 1) && messages;
  };
  assert.deepEqual(texts(await until('the messages', log('public'))), ['Where is order 4711 and its 退款?', 'On its way']);
  assert.deepEqual((await until('the note', log('private'))).map((m) => m.note).filter(Boolean), ['checked with the warehouse']);
  for (const q of ['4711', '退款', '退']) {
    const hits = await until(`a hit for ${q}`, async () => (await mei.call('GET', `/search?q=${encodeURIComponent(q)}`)).json.hits.filter((hit) => hit.conversation === visitor.conversation)[0]);
    assert.match(hits.text, /4711/);
  }
  const list = (await mei.call('GET', '/conversations?status=open,pending')).json.conversations;
  assert.ok(list.some((c) => c.id === visitor.conversation));
  await Promise.all([v, agent].map((socket) => socket.close()));
});
