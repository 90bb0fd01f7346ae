// The checkers themselves: a history that is right has no finding, and each kind of wrong has its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Assignments } from './lib/assignments.mjs';
import { History } from './lib/history.mjs';

const CONVERSATION = 'cnv_one';

/** One visitor, three messages, everywhere the same. */
function right() {
  const history = new History();
  const client = { name: 'v0', conversation: CONVERSATION, agent: false, connections: 1, outbox: new Map(), public: { entries: [] } };
  history.clients.push(client);
  const rows = [1, 2, 3].map((seq) => ({ seq, id: `msg_${seq}`, author: 'visitor', author_id: '', author_name: '', client_id: `v0-${seq}`, at: seq, kind: 'text', body: `text ${seq}` }));
  for (const row of rows) {
    history.sent.set(row.client_id, { log: 'public', text: row.body, conversation: CONVERSATION, client });
    history.ack(row.client_id, row, client);
    client.public.entries.push({ seq: row.seq, id: row.id, text: row.body });
  }
  const messages = rows.map((row) => ({ conversation: CONVERSATION, log: 'public', seq: row.seq, id: row.id, sender_kind: 'visitor', sender_id: '', sender_name: '', at: row.at, kind: 'text', body: row.body, follows: 0 }));
  return { history, client, disk: { rooms: [{ public: rows, private: [] }], history: { messages } } };
}

const rowsOf = ({ disk }) => disk.rooms[0].public;

const WRONG = {
  'C1 an acknowledged row is missing': (it) => rowsOf(it).pop(),
  'C2 a message is there twice': (it) => rowsOf(it).push({ ...rowsOf(it)[0], seq: 4, id: 'msg_4' }),
  'C2 a message that nobody sent': (it) => rowsOf(it).push({ ...rowsOf(it)[0], seq: 4, id: 'msg_4', client_id: 'stranger' }),
  'C3 a second ack names another place': ({ history, client }) => history.ack('v0-1', { seq: 9, id: 'msg_9' }, client),
  'C3 a row is not where the ack said': (it) => (rowsOf(it)[2].id = 'msg_other'),
  'C4 a hole in the log': (it) => rowsOf(it).splice(1, 1),
  'C4 a view lacks an entry': ({ client }) => client.public.entries.pop(),
  'C5 a view that came back has another order': ({ client }) => ((client.connections = 2), client.public.entries.reverse()),
  'C6 two holders of one assignment': ({ history }) => (history.winner(CONVERSATION, 7, 'agt_a', 'desk0'), history.winner(CONVERSATION, 7, 'agt_b', 'desk1')),
  'C6 an assignment falls': ({ history, client }) => [7, 6].forEach((assignmentEpoch) => history.state(client, { assignmentEpoch })),
  'C8 D1 lacks a row': ({ disk }) => disk.history.messages.pop(),
  'C8 D1 says another text': ({ disk }) => (disk.history.messages[0].body = 'other'),
};

test('a history that is right has no finding', () => {
  const { history, disk } = right();
  const totals = history.judge(disk);
  assert.deepEqual(history.findings, []);
  assert.deepEqual([totals.acked, totals.lost, totals.doubled], [3, 0, 0]);
});

for (const [name, spoil] of Object.entries(WRONG)) {
  test(`found: ${name}`, () => {
    const it = right();
    spoil(it);
    it.history.judge(it.disk);
    assert.ok(it.history.findings.some((text) => text.startsWith(name.slice(0, 2))), `found only ${it.history.findings.join('; ') || 'nothing'}`);
  });
}

/** Mei has claimed by 7, and it is hers in every view. */
function claimed() {
  const books = new Assignments();
  const claim = { kind: 'claim', conversation: CONVERSATION, me: 'agt_mei', floor: 3 };
  books.seen(CONVERSATION, { epoch: 3, holder: '' }, 'the list');
  books.answered(claim, { assignmentEpoch: 7, assignee: { id: 'agt_mei' } }, 'Mei');
  const views = Object.fromEntries(['Desk', 'Room', 'D1'].map((name) => [name, new Map([[CONVERSATION, { epoch: 7, holder: 'agt_mei' }]])]));
  return { books, claim, views };
}

const NOT_SO = {
  'two holders of one epoch': ({ books }) => books.seen(CONVERSATION, { epoch: 7, holder: 'agt_tom' }, 'Tom'),
  'an answer below what was known when it was asked for': ({ books, claim }) => books.answered({ ...claim, floor: 9 }, { assignmentEpoch: 8, assignee: { id: 'agt_mei' } }, 'Mei'),
  'a Room that falls': ({ books }) => books.seen(CONVERSATION, { epoch: 6 }, 'the visitor', { floor: 7, where: 'room' }),
  'a claim that gives it to another': ({ books, claim }) => books.answered(claim, { assignmentEpoch: 8, assignee: { id: 'agt_tom' } }, 'Mei'),
  'a transfer that goes elsewhere': ({ books, claim }) => books.answered({ ...claim, kind: 'transfer', to: 'agt_tom' }, { assignmentEpoch: 8, assignee: { id: 'agt_mei' } }, 'Mei'),
  'a release that releases nothing': ({ books, claim }) => books.answered({ ...claim, kind: 'release' }, { assignmentEpoch: 8, assignee: { id: 'agt_mei' } }, 'Mei'),
  'a release asked again that names another holder of an epoch': ({ books, claim }) => books.answered({ ...claim, kind: 'release', again: true }, { assignmentEpoch: 7, assignee: { id: 'agt_tom' } }, 'Mei'),
  'a claim that is lost to nobody': ({ books, claim }) => books.refused(claim, { code: 'already_assigned' }, 'Mei'),
  'a Room that has not heard': ({ views }) => views.Room.set(CONVERSATION, { epoch: 3, holder: '' }),
  'a history that names another': ({ views }) => views.D1.set(CONVERSATION, { epoch: 7, holder: 'agt_tom' }),
  'a list that lacks it': ({ views }) => views.Desk.delete(CONVERSATION),
  'an answer that nobody remembers': ({ views }) => Object.values(views).forEach((view) => view.set(CONVERSATION, { epoch: 3, holder: '' })),
};

test('assignments that are right have no finding, nor has a later one', () => {
  for (const epoch of [7, 9]) {
    const { books, views } = claimed();
    const holder = epoch === 7 ? 'agt_mei' : '';
    Object.values(views).forEach((view) => view.set(CONVERSATION, { epoch, holder }));
    books.judge(views, [CONVERSATION]);
    assert.deepEqual([books.findings, books.answers], [[], 1]);
  }
});

test('a release that was carried out before the server went is answered with whom routing has found since', () => {
  const { books, claim } = claimed();
  books.answered({ ...claim, kind: 'release', again: true }, { assignmentEpoch: 9, assignee: { id: 'agt_tom' } }, 'Mei');
  assert.deepEqual(books.findings, []);
});

for (const [name, spoil] of Object.entries(NOT_SO)) {
  test(`found: C6 ${name}`, () => {
    const it = claimed();
    spoil(it);
    it.books.judge(it.views, [CONVERSATION]);
    assert.ok(it.books.findings.length > 0, 'found nothing');
  });
}
