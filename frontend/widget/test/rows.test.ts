import { beforeEach, describe, expect, test } from 'vitest';
import { ConversationLog } from '../../shared/conversation-log.ts';
import { AGENT, frame, message, VISITOR } from '../../shared/test/model-room.ts';
import { ActivityKind, SenderKind, Status } from '../../shared/wire/types.ts';
import type { AgentFrame, Init, Message } from '../../shared/wire/types.ts';
import { strings as zh } from '../locale/zh-CN.ts';
import { strings } from '../locale/en.ts';
import { rowsOf } from '../rows.ts';
import type { Row, RowsInput } from '../rows.ts';
import { timesOf } from '../times.ts';

const NOW = new Date(2026, 10, 25, 15, 0).getTime();
const MINUTE = 60_000;
const times = timesOf('en-GB', strings);
let log: ConversationLog;

beforeEach(() => {
  log = new ConversationLog();
});

const give = (given: Init<AgentFrame>) => log.receive(frame(given), NOW);
const welcome = (...messages: Message[]) => give({ welcome: { logEpoch: 1, you: VISITOR, messages } });
const said = (seq: number, by: typeof AGENT, minutesAgo: number, text = 'm' + seq): Message => ({ ...message(seq, by, by === VISITOR ? 'c' + seq : '', text), at: NOW - minutesAgo * MINUTE });
const rows = (given: Partial<RowsInput> = {}) => rowsOf({ log, live: true, now: NOW, title: 'Shop', greeting: 'Hi!', _loading: false, ...given }, strings, times);
/** One line a row: `>` own, `(` begins and `)` ends a group, then what stands under it. */
const drawn = (all: Row[]) =>
  all.map(({ kind, own, first, text, meta, failed }, i) => {
    const last = all[i + 1]?.first !== false;
    return kind === 'bubble' ? `${own ? '>' : ''}${first ? '(' : ''}${text}${last ? ')' : ''}${failed ? '!' : ''} ${(meta ?? []).join(' ')}`.trim() : `${kind}: ${text}`;
  });

describe('rows', () => {
  test('before anything was said there is the greeting', () => {
    expect(drawn(rows())).toEqual(['(Hi!)']);
    expect(drawn(rows({ _loading: true }))).toEqual(['event: Loading…']);
    expect(drawn(rows({ greeting: '' }))).toEqual([]);
  });

  test('who answers without being a person says so', () => {
    const BOT = { kind: SenderKind.BOT, id: '', name: '', picture: '' };
    welcome(said(1, VISITOR, 2), said(2, BOT, 2), said(3, AGENT, 1));
    expect(drawn(rows({ greeting: '' }))).toEqual(['day: Today', '>(m1) 14:58 Sent', '(m2) Bot 14:58', '(m3) Mei 14:59']);
    const inChinese = rowsOf({ log, live: true, now: NOW, title: '', greeting: '', _loading: false }, zh, times);
    expect(inChinese.map(({ name }) => name)).toEqual([undefined, '您', '机器人', 'Mei']);
  });

  test('messages of one writer within five minutes are a group; name and time stand at its end', () => {
    welcome(said(1, AGENT, 20), said(2, AGENT, 16), said(3, AGENT, 10), said(4, VISITOR, 9), said(5, AGENT, 8));
    expect(drawn(rows({ greeting: '' }))).toEqual(['day: Today', '(m1', 'm2) Mei 14:44', '(m3) Mei 14:50', '>(m4) 14:51 Sent', '(m5) Mei 14:52']);
  });

  test('a warning says when the chat ends, in the reader’s time, until somebody writes', () => {
    const warned = frame({ message: { seq: 2, id: 'msg_2', sender: { kind: 4 }, at: NOW, activity: { kind: ActivityKind.IDLE_WARNED, endsAt: NOW + 5 * MINUTE } } });
    welcome(said(1, AGENT, 1));
    log.receive(warned, NOW);
    expect(drawn(rows({ greeting: '' }))).toEqual(['day: Today', '(m1) Mei 14:59', 'event: The chat ends at 15:05 unless you write.']);
    const inChinese = rowsOf({ log, live: true, now: NOW, title: '', greeting: '', _loading: false }, zh, times);
    expect(inChinese.at(-1)?.text).toBe('如无留言，15:05 结束会话。');
    expect(log.unread).toBe(1);
    give({ state: { status: Status.RESOLVED } });
    expect(drawn(rows()).slice(-2)).toEqual(['event: The chat ends at 15:05 unless you write.', 'event: The chat has ended. Write again any time.']);
    give({ message: said(3, AGENT, 0) });
    expect(drawn(rows({ greeting: '' })).slice(0, 2)).toEqual(['day: Today', '(m1']);
  });

  test('a day begins with its name and ends a group', () => {
    const day = 24 * 60;
    welcome(said(1, AGENT, 3 * day), said(2, AGENT, day), said(3, AGENT, 15 * 60 + 2), said(4, AGENT, 15 * 60 - 1));
    expect(drawn(rows({ greeting: '' }))).toEqual([
      'day: Sunday, 22 November 2026', '(m1) Mei 15:00', 'day: Yesterday', '(m2) Mei 15:00', '(m3) Mei 23:58', 'day: Today', '(m4) Mei 00:01',
    ]);
  });

  test('only the newest own message says how far it has got', () => {
    welcome(said(1, VISITOR, 20), said(2, AGENT, 15), said(3, VISITOR, 10), said(4, VISITOR, 1));
    give({ receipt: { participant: AGENT, delivered: 3, read: 3 } });
    expect(drawn(rows({ greeting: '' })).filter((one) => one[0] === '>')).toEqual(['>(m1) 14:40', '>(m3) 14:50', '>(m4) 14:59 Sent']);
    give({ receipt: { participant: AGENT, delivered: 4, read: 3 } });
    expect(drawn(rows()).at(-1)).toBe('>(m4) 14:59 Delivered');
    give({ receipt: { participant: AGENT, read: 4 } });
    expect(drawn(rows()).at(-1)).toBe('>(m4) 14:59 Read');
  });

  test('what is unsent comes last: sending, waiting without a line, or refused', () => {
    welcome(said(1, VISITOR, 1));
    log.write({ clientId: 'a', text: 'one', at: NOW }, NOW);
    log.write({ clientId: 'b', text: 'two', at: NOW }, NOW);
    expect(drawn(rows({ greeting: '' }))).toEqual(['day: Today', '>(m1', '>one', '>two) 15:00 Sending']);
    expect(drawn(rows({ live: false })).at(-1)).toBe('>two) 15:00 Waiting for network');
    give({ error: { code: 'bad_request', clientId: 'a' } });
    expect(drawn(rows({ greeting: '' }))).toEqual(['day: Today', '>(m1) 14:59', '>(one)! Not sent', '>(two) 15:00 Sending']);
  });

  test('an own message keeps its element from the first letter to the log', () => {
    welcome();
    log.write({ clientId: 'a', text: 'one', at: NOW }, NOW);
    const { key } = rows().at(-1)!;
    give({ ack: { clientId: 'a', seq: 1, at: NOW, id: 'msg_1' } });
    expect(rows().at(-1)!.key).toBe(key);
    log = new ConversationLog();
    welcome(message(1, VISITOR, 'a'));
    expect(rows().at(-1)!.key).toBe(key);
  });

  test('a clock that is an hour slow puts nothing into the past', () => {
    give({ welcome: { logEpoch: 1, you: VISITOR, now: NOW + 60 * MINUTE, messages: [said(1, VISITOR, -59)] } });
    log.write({ clientId: 'a', text: 'one', at: NOW }, NOW);
    expect(drawn(rows({ now: NOW + 60 * MINUTE, greeting: '' }))).toEqual(['day: Today', '>(m1', '>one) 16:00 Sending']);
  });

  test.each([
    ['joined', { kind: 2, subject: AGENT }, 'event: Mei joined the conversation'],
    ['left', { kind: 3, subject: AGENT }, 'event: Mei left the conversation'],
    ['left by somebody without a name', { kind: 3 }, 'event: Support left the conversation'],
    ['how the team files it', { kind: 1, actor: AGENT, status: 4 }, undefined],
    ['of a kind that is not known yet', { kind: 99 }, undefined],
  ])('activity: %s', (_, activity, expected) => {
    give({ welcome: { logEpoch: 1, you: VISITOR, messages: [said(1, AGENT, 3), { ...said(2, AGENT, 2), text: undefined, activity }, said(3, AGENT, 1)] } });
    const all = drawn(rows({ greeting: '' }));
    expect(all.find((one) => one.startsWith('event'))).toBe(expected);
    // A line that is shown parts the group.
    expect(all[1]).toBe(expected ? '(m1) Mei 14:57' : '(m1');
  });

  test('that it is resolved is told while it is so', () => {
    welcome(said(1, AGENT, 3));
    give({ state: { status: Status.RESOLVED } });
    expect(drawn(rows()).at(-1)).toBe('event: The chat has ended. Write again any time.');
    give({ state: { status: Status.OPEN } });
    expect(drawn(rows()).at(-1)).toBe('(m1) Mei 14:57');
  });

  test('who types is the last row, until the message comes', () => {
    welcome();
    give({ typing: { on: true, participant: AGENT } });
    expect(rows().at(-1)).toMatchObject({ kind: 'typing', text: 'Mei is typing', name: 'Mei' });
    give({ message: said(1, AGENT, 0) });
    expect(drawn(rows({ greeting: '' }))).toEqual(['day: Today', '(m1) Mei 15:00']);
    // The bot, while it asks somebody: it has no name of its own.
    const BOT = { kind: SenderKind.BOT, id: '', name: '', picture: '' };
    give({ typing: { on: true, participant: BOT } });
    expect(rows().at(-1)).toMatchObject({ kind: 'typing', text: 'Bot is typing', name: 'Bot' });
    give({ typing: { on: false, participant: BOT } });
    expect(rows().at(-1)?.kind).toBe('bubble');
  });
});

test('both languages say everything, and none says nothing', () => {
  expect(Object.keys(zh)).toEqual(Object.keys(strings));
  const texts = (of: typeof strings) => Object.values<string | ((given: never) => string)>(of).map((text) => (typeof text === 'string' ? text : text('Mei' as never)));
  for (const text of [...texts(strings), ...texts(zh)]) expect(text).toMatch(/\S/);
  for (const text of texts(zh)) expect(text).toMatch(/[\u3001\u4e00-\u9fff]/);
});
