// The checkers themselves: a history that is right has no finding, and each kind of wrong has its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
