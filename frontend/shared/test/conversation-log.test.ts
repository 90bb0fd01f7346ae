import { beforeEach, describe, expect, test } from 'vitest';
import { ConversationLog } from '../conversation-log.ts';
import type { Effect } from '../conversation-log.ts';
import { ACK_WITHIN_MS } from '../outbox.ts';
import { Status } from '../wire/types.ts';
import type { AgentFrame, ClientFrame, Init, Message } from '../wire/types.ts';
import { AGENT, frame, message, ModelRoom, VISITOR } from './model-room.ts';

let log: ConversationLog;
let now: number;

beforeEach(() => {
  log = new ConversationLog();
  now = 1_000_000;
});

const give = (given: Init<AgentFrame>) => log.receive(frame(given), now);
const sent = (effects: Effect[]) => effects.flatMap((one) => (one.kind === 'send' ? [one.frame] : []));
const kinds = (effects: Effect[]) => effects.map((one) => one.kind);
const seqs = () => log.run.entries.map((one) => one.seq);
const range = (from: number, to: number): Message[] => Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
const welcome = (messages: Message[], more = false, logEpoch = 1) =>
  give({ welcome: { logEpoch, head: messages.at(-1)?.seq ?? log.run.last, you: VISITOR, messages, more } });
const write = (clientId: string, text = clientId) => log.write({ clientId, text, at: now }, now);

describe('resume', () => {
  test('CL1: a new client shows nothing, a later one what it holds', () => {
    expect(log.hello()).toEqual({ logEpoch: 0, after: 0, tip: '', delivered: 0, read: 0 });
    welcome(range(1, 3));
    log.markRead();
    expect(log.hello()).toEqual({ logEpoch: 1, after: 3, tip: 'msg_3', delivered: 3, read: 3 });
  });

  test('CL1: what was missed is added to what is held', () => {
    welcome(range(1, 3));
    log.disconnected();
    welcome(range(4, 6));
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test.each([
    ['another epoch', { logEpoch: 2 }],
    ['a reset in the same epoch', { logEpoch: 1, reset: true }],
  ])('CL2: %s makes it start over, cursors included', (_, given) => {
    welcome(range(1, 9));
    log.markRead();
    log.disconnected();
    give({ welcome: { you: VISITOR, head: 2, messages: range(1, 2), ...given } });
    expect(seqs()).toEqual([1, 2]);
    expect(log.read).toBe(0);
    expect(log.hello()).toMatchObject({ logEpoch: given.logEpoch, after: 2, tip: 'msg_2' });
  });

  test('CL2: what is unacknowledged outlives the start over', () => {
    welcome([]);
    write('a');
    log.disconnected();
    expect(sent(welcome([], false, 2))).toEqual([{ send: { clientId: 'a', text: 'a' } }]);
  });

  test('CL2: the first epoch of a conversation that this client began is no start over', () => {
    welcome([], false, 0);
    write('a');
    give({ ack: { clientId: 'a', seq: 1, at: 5, id: 'msg_1' } });
    log.disconnected();
    const effects = welcome([message(1, VISITOR, 'a'), message(2)], false, 9);
    expect(seqs()).toEqual([1, 2]);
    expect(kinds(effects)).toContain('arrived');
  });
});

describe('order', () => {
  test('CL3, CL4: the next is taken, the same again is dropped', () => {
    welcome(range(1, 2));
    give({ message: message(3) });
    give({ message: message(3) });
    give({ message: message(1) });
    expect(seqs()).toEqual([1, 2, 3]);
  });

  test('CL5: after a gap the newest stands, and what is before comes back by page', () => {
    welcome(range(1, 10));
    log.disconnected();
    welcome(range(300, 399), true);
    expect(seqs()).toEqual(range(300, 399).map((one) => one.seq));
    for (let first = 300; first > 1; first = log.run.first) {
      expect(sent(log.older())).toEqual([{ page: { before: first } }]);
      give({ page: { before: first, messages: range(Math.max(1, first - 100), first - 1), more: first > 101 } });
    }
    expect(seqs()).toEqual(range(1, 399).map((one) => one.seq));
  });

  test('CL5: a live frame that does not follow is treated as a gap', () => {
    welcome(range(1, 2));
    give({ message: message(5) });
    expect(seqs()).toEqual([5]);
    expect(sent(log.older())).toEqual([{ page: { before: 5 } }]);
    give({ message: message(8) });
    give({ page: { before: 5, messages: range(1, 4), more: false } });
    expect(log.run.older).toBe(true);
    expect(sent(log.older())).toEqual([{ page: { before: 8 } }]);
    give({ page: { before: 8, messages: range(3, 7), more: true } });
    log.older();
    give({ page: { before: 3, messages: range(1, 2), more: false } });
    expect(seqs()).toEqual(range(1, 8).map((one) => one.seq));
  });

  test('CL5: what was held before a gap is not doubled by a page', () => {
    welcome(range(1, 2));
    give({ message: message(5) });
    log.older();
    give({ page: { before: 5, messages: range(1, 4), more: false } });
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  test('CL6: a page that was lost with its socket is asked for again', () => {
    welcome(range(30, 40), true);
    expect(sent(log.older())).toEqual([{ page: { before: 30 } }]);
    expect(log.paging).toBeTruthy();
    log.disconnected();
    welcome(range(41, 42));
    expect(log.paging).toBeFalsy();
    expect(sent(log.older())).toEqual([{ page: { before: 30 } }]);
  });

  test('CL6: a page that was refused is asked for again when the server says, and the reader sees that it is on its way', () => {
    welcome(range(30, 40), true);
    log.older();
    give({ error: { code: 'too_large', clientId: 'another' } });
    expect(log.wakeAt).toBeUndefined();
    give({ error: { code: 'rate_limited', retryable: true, retryAfterMs: 5_000 } });
    now += 4_999;
    log.tick(now);
    expect([log.paging, log.older()]).toEqual([true, []]);
    now = log.wakeAt!;
    expect(now).toBeLessThanOrEqual(1_006_000);
    log.tick(now);
    expect([log.paging, log.wakeAt]).toEqual([false, undefined]);
    expect(sent(log.older())).toEqual([{ page: { before: 30 } }]);
    // Not at once, for a server that does not say when.
    give({ error: { code: 'storage', retryable: true } });
    log.tick(now);
    expect(log.older()).toEqual([]);
    // It was about another frame: the page comes all the same.
    give({ page: { before: 30, messages: range(1, 29), more: false } });
    expect([log.paging, log.run.first]).toEqual([false, 1]);
  });

  test('CL6: who waits for no page is not woken by a refusal', () => {
    welcome(range(30, 40), true);
    give({ error: { code: 'unknown_frame' } });
    expect(log.wakeAt).toBeUndefined();
  });

  test('CL7: older history comes by page until the bottom, one request at a time', () => {
    welcome(range(201, 300), true);
    expect(sent(log.older())).toEqual([{ page: { before: 201 } }]);
    expect(log.older()).toEqual([]);
    give({ page: { before: 99, messages: range(50, 98), more: true } });
    expect(seqs()[0]).toBe(201);
    give({ page: { before: 201, messages: range(101, 200), more: true } });
    expect(sent(log.older())).toEqual([{ page: { before: 101 } }]);
    give({ page: { before: 101, messages: range(51, 100), more: false } });
    expect(log.run.older).toBe(false);
    expect(log.older()).toEqual([]);
    expect(seqs()).toEqual(range(51, 300).map((one) => one.seq));
  });

  test('CL7: a page that brings nothing is the bottom', () => {
    welcome(range(201, 300), true);
    log.older();
    give({ page: { before: 201, messages: [], more: true } });
    expect(log.older()).toEqual([]);
  });
});

describe('state and receipts', () => {
  test('CL8: receipts of the other side make sent, delivered, read, and never go back', () => {
    welcome([message(1, VISITOR), message(2, VISITOR)]);
    expect(log.delivery(1)).toBe('sent');
    give({ receipt: { participant: AGENT, delivered: 2, read: 1 } });
    expect([log.delivery(1), log.delivery(2)]).toEqual(['read', 'delivered']);
    give({ receipt: { participant: AGENT, delivered: 1, read: 0 } });
    expect([log.delivery(1), log.delivery(2)]).toEqual(['read', 'delivered']);
  });

  test('CL8: what the own side has read says nothing about delivery', () => {
    welcome([message(1, VISITOR)]);
    give({ receipt: { participant: VISITOR, delivered: 1, read: 1 } });
    expect(log.delivery(1)).toBe('sent');
  });

  test('CL9: the place in the line is what was said last, and none when a welcome names none', () => {
    give({ welcome: { you: VISITOR, queue: { position: 3, waitMs: 90_000 } } });
    expect(log.queue).toEqual({ position: 3, waitMs: 90_000, opensAt: 0, form: false });
    give({ queue: { position: 2 } });
    expect(log.queue).toEqual({ position: 2, waitMs: 0, opensAt: 0, form: false });
    give({ queue: {} });
    expect(log.queue).toEqual({ position: 0, waitMs: 0, opensAt: 0, form: false });
    give({ queue: { position: 1 } });
    log.disconnected();
    give({ welcome: { you: VISITOR } });
    expect(log.queue).toBeUndefined();
  });

  test('CL9: state and presence are what was said last', () => {
    give({ welcome: { you: VISITOR, state: { status: Status.OPEN, assignee: AGENT }, presence: { agents: [AGENT] } } });
    give({ state: { status: Status.RESOLVED } });
    expect(log.state).toEqual({ status: Status.RESOLVED, snoozedUntil: 0, assignmentEpoch: 0 });
    give({ presence: {} });
    expect(log.presence?.agents).toEqual([]);
  });

  test('CL10: delivery is said once for what the other side wrote', () => {
    expect(sent(welcome(range(1, 3)))).toEqual([{ delivered: { seq: 3 } }]);
    expect(sent(give({ receipt: { participant: AGENT, read: 1 } }))).toEqual([]);
    expect(sent(give({ message: message(4, VISITOR, 'x') }))).toEqual([]);
    expect(sent(give({ message: message(5) }))).toEqual([{ delivered: { seq: 5 } }]);
  });

  test('CL10: reading is said once, and in the next hello when the line is down', () => {
    welcome(range(1, 3));
    expect(log.unread).toBe(3);
    expect(sent(log.markRead())).toEqual([{ read: { seq: 3 } }]);
    expect(log.markRead()).toEqual([]);
    give({ message: message(4) });
    log.disconnected();
    expect(log.markRead()).toEqual([]);
    expect(log.hello()).toMatchObject({ read: 4 });
    expect(log.unread).toBe(0);
  });

  test.each([
    ['stands', 'msg_2', [{ delivered: { seq: 3 } }, { read: { seq: 2 } }], 1],
    ['is another', 'msg_x', [{ delivered: { seq: 3 } }], 3],
  ])('CL21: a kept cursor whose message %s', (_, id, says, unread) => {
    log = new ConversationLog([], { seq: 2, id });
    expect(sent(welcome(range(1, 3)))).toEqual(expect.arrayContaining(says));
    expect(log.unread).toBe(unread);
    log.disconnected();
    expect(sent(welcome([]))).toEqual([]);
  });

  test('CL10: what is read while the answer to `hello` is on its way is said after it', () => {
    welcome(range(1, 3));
    log.disconnected();
    log.hello();
    expect(log.markRead()).toEqual([]);
    expect(sent(welcome([]))).toEqual([{ read: { seq: 3 } }]);
    log.disconnected();
    expect(log.hello().read).toBe(3);
    expect(sent(welcome([]))).toEqual([]);
  });

  test('CL10: what another tab has read counts here', () => {
    welcome(range(1, 3));
    give({ receipt: { participant: VISITOR, delivered: 3, read: 2 } });
    expect(log.unread).toBe(1);
  });
});

describe('sending', () => {
  test('CL11: an ack puts the message in its place', () => {
    welcome(range(1, 2));
    write('a', 'hello');
    expect(give({ ack: { clientId: 'a', seq: 3, at: 77, id: 'msg_3' } })).toEqual([{ kind: 'settled', clientId: 'a' }]);
    expect(log.run.entries.at(-1)).toMatchObject({ seq: 3, at: 77, text: 'hello', sender: VISITOR });
    expect(log.outbox.items).toEqual([]);
    expect(give({ ack: { clientId: 'a', seq: 3, at: 77, id: 'msg_3' } })).toEqual([]);
    expect(seqs()).toEqual([1, 2, 3]);
  });

  test('CL11: the echo of an own message settles it as well', () => {
    welcome([]);
    write('a');
    expect(give({ message: message(1, VISITOR, 'a') })).toEqual([{ kind: 'settled', clientId: 'a' }]);
    give({ ack: { clientId: 'a', seq: 1, at: 1, id: 'msg_1' } });
    expect(seqs()).toEqual([1]);
  });

  test('CL11: an ack of what is far back settles it without a second entry', () => {
    welcome(range(1, 9));
    write('a');
    expect(kinds(give({ ack: { clientId: 'a', seq: 4, at: 4, id: 'msg_4' } }))).toEqual(['settled']);
    expect(seqs()).toEqual(range(1, 9).map((one) => one.seq));
  });

  test('CL12: all that is unacknowledged goes out again after each welcome, in order', () => {
    welcome([]);
    write('a');
    write('b');
    give({ ack: { clientId: 'a', seq: 1, at: 1, id: 'msg_1' } });
    log.disconnected();
    write('c');
    expect(sent(welcome([])).map((one) => one.send?.clientId)).toEqual(['b', 'c']);
  });

  test('CL12: what the welcome shows is not sent again', () => {
    welcome([]);
    write('a');
    write('b');
    log.disconnected();
    const effects = welcome([message(1, VISITOR, 'a')]);
    expect(sent(effects).map((one) => one.send?.clientId)).toEqual(['b']);
    expect(effects).toContainEqual({ kind: 'settled', clientId: 'a' });
  });

  test('CL12: what was stored before a reload is sent', () => {
    log = new ConversationLog([{ clientId: 'a', text: 'x', at: 1 }, { clientId: 'b', text: 'y', at: 2, failed: 'too_large' }]);
    expect(sent(welcome([]))).toEqual([{ send: { clientId: 'a', text: 'x' } }]);
  });

  test('CL13: a rate limit holds everything, then all goes out in order', () => {
    welcome([]);
    write('a');
    give({ error: { code: 'rate_limited', retryable: true, retryAfterMs: 5_000, clientId: 'a' } });
    expect(log.outbox.heldUntil).toBe(now + 5_000);
    expect(write('b')).toEqual([]);
    expect(log.wakeAt).toBe(now + 5_000);
    expect(log.tick(now + 4_999)).toEqual([]);
    now += 5_000;
    expect(sent(log.tick(now)).map((one) => one.send?.clientId)).toEqual(['a', 'b']);
    expect(log.outbox.heldUntil).toBe(0);
  });

  test.each([
    ['CL13: a pause', () => give({ error: { code: 'rate_limited', retryable: true, retryAfterMs: 5_000, clientId: 'a' } })],
    ['CL14: the wait for an ack', () => {}],
  ])('%s does not last as long as the clock was set back', (_, refuse) => {
    welcome([]);
    write('a');
    refuse();
    now -= 3_600_000;
    expect(sent(log.tick(now)).map((one) => one.send?.clientId)).toEqual(['a']);
    expect([log.outbox.heldUntil, log.wakeAt]).toEqual([0, now + ACK_WITHIN_MS]);
  });

  test('CL13: a new socket does not end the pause', () => {
    welcome([]);
    write('a');
    give({ error: { code: 'rate_limited', retryable: true, retryAfterMs: 5_000, clientId: 'a' } });
    log.disconnected();
    expect(sent(welcome([]))).toEqual([]);
    expect(sent(log.tick(now + 5_000))).toHaveLength(1);
  });

  test('CL13: an ack of another message does not lengthen the pause', () => {
    welcome([]);
    write('a');
    write('b');
    give({ error: { code: 'rate_limited', retryable: true, retryAfterMs: 5_000, clientId: 'b' } });
    give({ ack: { clientId: 'a', seq: 1, at: now, id: 'msg_1' } });
    expect(log.wakeAt).toBe(now + 5_000);
  });

  test('CL13: the longest pause that was asked for counts', () => {
    welcome([]);
    write('a');
    write('b');
    give({ error: { code: 'rate_limited', retryable: true, retryAfterMs: 5_000, clientId: 'a' } });
    give({ error: { code: 'rate_limited', retryable: true, retryAfterMs: 1_000, clientId: 'b' } });
    expect(sent(log.tick(now + 1_000))).toEqual([]);
  });

  test('CL13, CL15: what went through, and a writer who tries again, start the tries from the bottom', () => {
    welcome([]);
    const fail = (clientId: string) => give({ error: { code: 'storage', retryable: true, clientId } });
    const pause = () => log.outbox.heldUntil - now;
    const on = () => sent(log.tick((now = log.outbox.heldUntil)));
    write('a');
    for (const wait of [1_000, 2_000]) {
      fail('a');
      expect(pause()).toBe(wait);
      on();
    }
    give({ ack: { clientId: 'a', seq: 1, at: now, id: 'msg_1' } });
    write('b');
    let effects = fail('b');
    expect(pause()).toBe(1_000);
    while (!effects.length) {
      on();
      effects = fail('b');
    }
    log.retry('b', now);
    expect(fail('b')).toEqual([]);
    expect(pause()).toBe(1_000);
  });

  test('CL13: a passing failure is tried again with growing pauses, then left to the writer', () => {
    welcome([]);
    write('a');
    const waits: number[] = [];
    const fail = () => give({ error: { code: 'storage', retryable: true, clientId: 'a' } });
    let effects = fail();
    while (!effects.length) {
      waits.push(log.outbox.heldUntil - now);
      now = log.outbox.heldUntil;
      expect(sent(log.tick(now))).toHaveLength(1);
      effects = fail();
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(effects).toMatchObject([{ kind: 'failed', item: { clientId: 'a', failed: 'storage' } }]);
  });

  test('CL13: a refusal for good fails that message alone', () => {
    welcome([]);
    write('a');
    write('b');
    expect(kinds(give({ error: { code: 'too_large', clientId: 'a' } }))).toEqual(['failed']);
    log.disconnected();
    expect(sent(welcome([])).map((one) => one.send?.clientId)).toEqual(['b']);
  });

  test('CL14: an ack that does not come makes it send again on the same line', () => {
    welcome([]);
    write('a');
    expect(log.tick(now + 19_999)).toEqual([]);
    expect(sent(log.tick(now + 20_000))).toEqual([{ send: { clientId: 'a', text: 'a' } }]);
    log.disconnected();
    expect(log.wakeAt).toBeUndefined();
  });

  test('CL12, CL15: what a button said is sent as its choice, however often', () => {
    welcome([]);
    const refund = { send: { clientId: 'a', text: 'A refund', choice: 'refund' } };
    expect(sent(log.write({ clientId: 'a', text: 'A refund', choice: 'refund', at: now }, now))).toEqual([refund]);
    log.disconnected();
    expect(sent(welcome([]))).toEqual([refund]);
    give({ error: { code: 'bad_request', retryable: false, clientId: 'a' } });
    expect(log.outbox.items[0]?.failed).toBe('bad_request');
    now += 1;
    expect(sent(log.retry('a', now))).toEqual([refund]);
    expect(log.outbox.items).toEqual([{ clientId: 'a', text: 'A refund', choice: 'refund', at: now }]);
    expect(kinds(give({ ack: { clientId: 'a', seq: 1, at: now, id: 'msg_1' } }))).toEqual(['settled']);
  });

  test('CL15: a failed message is sent again under its name, at the end; or dropped', () => {
    welcome([]);
    write('a');
    write('b');
    give({ error: { code: 'internal', clientId: 'a' } });
    expect(sent(log.retry('a', now))).toEqual([{ send: { clientId: 'a', text: 'a' } }]);
    expect(log.outbox.items.map((one) => one.clientId)).toEqual(['b', 'a']);
    expect(log.outbox.remove('b')).toBeUndefined();
    give({ error: { code: 'internal', clientId: 'b' } });
    expect(log.outbox.remove('b')).toMatchObject({ clientId: 'b' });
    expect(log.outbox.items.map((one) => one.clientId)).toEqual(['a']);
  });

  test('CL20: what another window stored is sent once, and what was refused there waits', () => {
    const items = [{ clientId: 'a', text: 'x', at: 1 }, { clientId: 'b', text: 'y', at: 2, failed: 'too_large' }];
    expect(log.adopt(items, now)).toEqual([]);
    expect(sent(welcome([]))).toEqual([{ send: { clientId: 'a', text: 'x' } }]);
    expect(log.adopt([...items, { clientId: 'c', text: 'z', at: 3 }, { clientId: 'd', text: 'w', at: 3, failed: 'x' }], now)).toEqual([
      { kind: 'send', frame: { send: { clientId: 'c', text: 'z' } } },
    ]);
    expect(log.outbox.items.map((one) => one.clientId)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('CL16: nothing goes out before the welcome, nor after the cut', () => {
    expect([...write('a'), ...log.markRead(), ...log.input(true, now), ...log.older()]).toEqual([]);
    welcome(range(5, 6), true);
    log.disconnected();
    expect([...write('b'), ...log.markRead(), ...log.input(true, now), ...log.older(), ...log.tick(now + 60_000)]).toEqual([]);
  });
});

describe('typing', () => {
  test('CL17: said at most every four seconds, off once, and not after a message', () => {
    welcome([]);
    expect(sent(log.input(true, now))).toEqual([{ typing: { on: true } }]);
    expect(log.input(true, now + 3_999)).toEqual([]);
    expect(sent(log.input(true, now + 4_000))).toEqual([{ typing: { on: true } }]);
    expect(sent(log.input(false, now + 5_000))).toEqual([{ typing: { on: false } }]);
    expect(log.input(false, now + 5_001)).toEqual([]);
    log.input(true, now + 6_000);
    write('a');
    expect(log.input(false, now + 6_001)).toEqual([]);
  });

  test('CL18: a typist is believed for six seconds, or until the message comes', () => {
    welcome([]);
    give({ typing: { on: true, participant: AGENT } });
    expect(log.typing.list(now + 5_999)).toEqual([AGENT]);
    expect(log.wakeAt).toBe(now + 6_000);
    expect(log.typing.list(now + 6_000)).toEqual([]);
    log.tick(now + 6_000);
    expect(log.wakeAt).toBeUndefined();
    give({ typing: { on: true, participant: AGENT } });
    give({ message: message(1) });
    expect(log.typing.list(now)).toEqual([]);
    give({ typing: { on: true, participant: VISITOR } });
    expect(log.typing.list(now)).toEqual([]);
  });
});

describe('announcing', () => {
  test('CL19: what is live or was missed is announced; history, own and system messages are not', () => {
    expect(kinds(welcome(range(1, 5)))).not.toContain('arrived');
    expect(kinds(give({ message: message(6) }))).toContain('arrived');
    expect(kinds(give({ message: message(6) }))).not.toContain('arrived');
    expect(kinds(give({ message: message(7, VISITOR, 'x') }))).not.toContain('arrived');
    expect(kinds(give({ message: { ...message(8), text: undefined, activity: { kind: 2, subject: AGENT } } }))).not.toContain('arrived');
    log.disconnected();
    expect(kinds(welcome(range(9, 10))).filter((kind) => kind === 'arrived')).toHaveLength(2);
    expect(log.unread).toBe(8);
  });
});

describe('CL1 to CL16 together', () => {
  test.each(Array.from({ length: 60 }, (_, i) => i + 1))('seed %i: whatever is cut, the view is the log, whole and once', (seed) => {
    let state = seed * 2654435761;
    const random = (below: number) => {
      state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
      return state % below;
    };
    const room = new ModelRoom();
    room.pageSize = 1 + random(4);
    let up = false;
    let line: Init<ClientFrame>[] = [];
    let answers: AgentFrame[] = [];
    const written: string[] = [];
    const run = (effects: Effect[]) => line.push(...sent(effects));
    const connect = () => {
      up = true;
      run([{ kind: 'send', frame: { hello: log.hello() } }]);
    };
    const cut = () => {
      up = false;
      line = [];
      answers = [];
      log.disconnected();
    };
    const step = () => {
      const request = line.shift();
      if (request) answers.push(...room.answer(request));
      const answer = answers.shift();
      if (answer) run(log.receive(answer, now));
    };
    for (let i = 0; i < 200; i++) {
      now += random(3_000);
      const action = random(10);
      if (action < 2) run(log.write({ clientId: `c${written.push(`t${i}`)}`, text: `t${i}`, at: now }, now));
      else if (action === 2) {
        const made = room.append('from agent', AGENT);
        if (up && log.welcomed) answers.push(frame({ message: made }));
      } else if (action === 3) up ? cut() : connect();
      else if (action === 4 && up) run(log.older());
      else if (action === 5 && random(8) === 0 && room.log.length) {
        cut();
        room.restore(random(room.log.length));
      } else if (action === 6) run(log.tick(now));
      else if (up) step();
      const held = log.run.entries.map((one) => one.seq);
      expect(held).toEqual(held.map((_, index) => held[0]! + index));
    }
    cut();
    connect();
    for (let i = 0; i < 4_000 && (line.length || answers.length || log.run.older); i++) {
      step();
      run(log.older());
    }
    expect(log.run.entries.map((one) => one.text)).toEqual(room.log.map((one) => one.text));
    expect(log.outbox.items).toEqual([]);
    const own = room.log.filter((one) => one.sender?.kind === VISITOR.kind).map((one) => one.clientId);
    expect(new Set(own).size).toBe(own.length);
  });
});
