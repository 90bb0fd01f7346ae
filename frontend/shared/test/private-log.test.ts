import { expect, test } from 'vitest';
import type { Effect } from '../conversation-log.ts';
import { PrivateLog } from '../private-log.ts';
import type { AgentFrame, Init, PrivateMessage } from '../wire/types.ts';
import { AGENT, frame } from './model-room.ts';

const note = (seq: number, clientId = ''): PrivateMessage => ({ seq, id: 'n' + seq, sender: AGENT, at: seq, clientId, follows: 1, note: 'n' + seq });
const sent = (effects: Effect[]) => effects.flatMap((one) => (one.kind === 'send' ? [one.frame] : []));

function setUp() {
  const log = new PrivateLog();
  const give = (given: Init<AgentFrame>) => log.receive(frame(given), 1_000);
  const welcome = (messages: PrivateMessage[], logEpoch = 1, more = false) => {
    give({ welcome: { logEpoch, head: 7, you: AGENT } });
    return give({ privateWelcome: { messages, more, head: messages.at(-1)?.seq ?? 0 } });
  };
  return { log, give, welcome };
}

test('CL1, CL3, CL4: notes have a cursor of their own', () => {
  const { log, give, welcome } = setUp();
  welcome([note(1), note(2)]);
  give({ privateMessage: note(3) });
  give({ privateMessage: note(3) });
  expect(log.after).toBe(3);
});

test('CL2: another epoch of the conversation empties the notes as well', () => {
  const { log, welcome } = setUp();
  welcome([note(1), note(2)]);
  log.disconnected();
  welcome([note(1)], 2);
  expect(log.run.entries.map((one) => one.seq)).toEqual([1]);
});

test('CL5, CL6, CL7: gaps and older notes come by private pages', () => {
  const { log, give, welcome } = setUp();
  welcome([note(1)]);
  log.disconnected();
  welcome([note(9)], 1, true);
  expect(sent(log.older())).toEqual([{ page: { log: 1, before: 9 } }]);
  give({ privatePage: { before: 9, messages: [1, 2, 3, 4, 5, 6, 7, 8].map((seq) => note(seq)), more: false } });
  expect(log.run.entries).toHaveLength(9);
  expect(log.older()).toEqual([]);
});

test('CL6: a private page that was refused is asked for again when the server says', () => {
  const { log, give, welcome } = setUp();
  welcome([note(9)], 1, true);
  give({ error: { code: 'rate_limited', retryAfterMs: 5_000 } });
  expect(log.wakeAt).toBeUndefined();
  log.older();
  give({ error: { code: 'rate_limited', retryAfterMs: 5_000 } });
  log.tick(5_999);
  expect(log.older()).toEqual([]);
  log.tick(log.wakeAt!);
  expect(log.wakeAt).toBeUndefined();
  expect(sent(log.older())).toEqual([{ page: { log: 1, before: 9 } }]);
});

test('CL11, CL12: a note is sent after each welcome until it is acknowledged, and stands after the last public message', () => {
  const { log, give, welcome } = setUp();
  expect(log.write({ clientId: 'a', text: 'x', at: 1 }, 1)).toEqual([]);
  expect(sent(welcome([]))).toEqual([{ note: { clientId: 'a', text: 'x' } }]);
  log.disconnected();
  expect(sent(welcome([]))).toEqual([{ note: { clientId: 'a', text: 'x' } }]);
  expect(give({ noteAck: { clientId: 'a', seq: 1, at: 5, id: 'n1' } })).toEqual([{ kind: 'settled', clientId: 'a' }]);
  expect(log.run.entries[0]).toMatchObject({ seq: 1, note: 'x', follows: 7, sender: AGENT });
});

test('CL13, CL15: a refused note fails and can be sent again', () => {
  const { log, give, welcome } = setUp();
  welcome([]);
  log.write({ clientId: 'a', text: 'x', at: 1 }, 1);
  expect(give({ error: { code: 'too_large', clientId: 'a' } })).toMatchObject([{ kind: 'failed', item: { failed: 'too_large' } }]);
  expect(sent(log.retry('a', 2))).toEqual([{ note: { clientId: 'a', text: 'x' } }]);
});
