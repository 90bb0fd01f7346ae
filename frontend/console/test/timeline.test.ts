import { describe, expect, it } from 'vitest';
import { ActivityKind, SenderKind, Status } from '../../shared/wire/types';
import type { Message, PrivateMessage } from '../../shared/wire/types';
import { activityKey } from '../src/conversation/activity-text';
import { isPrepend } from '../src/conversation/prepend';
import { deliveryOf, timelineOf } from '../src/live/timeline';
import type { Sources, TextItem, TimelineItem } from '../src/live/timeline';

const VISITOR = { kind: SenderKind.VISITOR, id: '', name: '', picture: '' };
const ME = { kind: SenderKind.AGENT, id: 'agt_me', name: 'Mei', picture: '' };
const NOON = new Date(2026, 10, 25, 12).getTime();
const MINUTE = 60_000;

const message = (seq: number, at = NOON + seq, sender = VISITOR): Message => ({ seq, id: `msg_${seq}`, sender, at, clientId: '', text: `m${seq}`, choices: [], rating: 0 });
const note = (seq: number, follows: number, at = NOON + follows): PrivateMessage => ({ seq, id: `prv_${seq}`, sender: ME, at, clientId: '', follows, note: `n${seq}` });

const timeline = (given: Partial<Sources>) => timelineOf({ messages: [], privates: [], older: false, pendingMessages: [], pendingNotes: [], me: ME, ...given });
const keys = (items: TimelineItem[]) => items.filter(({ kind }) => kind !== 'day').map(({ key }) => key);

describe('the timeline', () => {
  it('puts a private entry after the public one that it follows', () => {
    const items = timeline({ messages: [1, 2, 3].map((seq) => message(seq)), privates: [note(1, 0), note(2, 2), note(3, 2), note(4, 3)] });
    expect(keys(items)).toEqual(['start', 'p1', 'm1', 'm2', 'p2', 'p3', 'm3', 'p4']);
  });

  it('holds a private entry back until its part of the public log is loaded', () => {
    const privates = [note(1, 3), note(2, 9), note(3, 11)];
    const late = timeline({ messages: [11, 12].map((seq) => message(seq)), privates, older: true });
    expect(keys(late)).toEqual(['m11', 'p3', 'm12']);
    const all = timeline({ messages: [9, 10, 11, 12].map((seq) => message(seq)), privates, older: true });
    expect(keys(all)).toEqual(['m9', 'p2', 'm10', 'm11', 'p3', 'm12']);
  });

  it('ends with what is not acknowledged, in the order in which it was written', () => {
    const pending = (clientId: string, at: number) => ({ clientId, text: clientId, at, state: 'sending' as const, code: '' });
    const items = timeline({ messages: [message(1)], pendingMessages: [pending('x', 5), pending('z', 9)], pendingNotes: [pending('y', 7)] });
    expect(keys(items)).toEqual(['start', 'm1', 'cx', 'cy', 'cz']);
  });

  it('shows what the bot is writing where its message comes, after what was said and before what is on its way', () => {
    const bot = { kind: SenderKind.BOT, id: '', name: '', picture: '' };
    const pendingMessages = [{ clientId: 'x', text: 'x', at: 5, state: 'sending' as const, code: '' }];
    const grows = timeline({ messages: [message(1)], privates: [note(1, 1)], pendingMessages, growing: 'The tea' });
    expect(keys(grows)).toEqual(['start', 'm1', 'p1', 'm2', 'cx']);
    expect(grows.find(({ key }) => key === 'm2')).toMatchObject({ kind: 'message', text: 'The tea', sender: bot, pending: null });
    const whole = timeline({ messages: [message(1), message(2, NOON, bot)], privates: [note(1, 1)], pendingMessages });
    expect(keys(whole)).toEqual(['start', 'm1', 'p1', 'm2', 'cx']);
    expect(keys(timeline({ messages: [message(1)], growing: '' }))).toEqual(['start', 'm1']);
  });

  it('keeps the key of an own message from sending to sent', () => {
    const sent = timeline({ messages: [{ ...message(1, NOON, ME), clientId: 'x' }] });
    expect(keys(sent)).toEqual(['start', 'cx']);
  });

  it('separates local days, and groups one sender’s messages within five minutes and one day', () => {
    const midnight = new Date(2026, 10, 26).getTime();
    const items = timeline({ messages: [message(1, midnight - 2 * MINUTE), message(2, midnight - MINUTE), message(3, midnight + MINUTE), message(4, midnight + 7 * MINUTE), message(5, midnight + 8 * MINUTE, ME)] });
    expect(items.map(({ kind }) => kind)).toEqual(['start', 'day', 'message', 'message', 'day', 'message', 'message', 'message']);
    const groups = items.filter((item): item is TextItem => item.kind === 'message').map(({ first, last }) => `${first ? '[' : ''}${last ? ']' : ''}`);
    expect(groups).toEqual(['[', ']', '[]', '[]', '[]']);
  });

  it('marks where the unread begin: once, before the day’s name, and not on a first visit', () => {
    const messages = [message(1), message(2, NOON, ME), message(3, NOON + 86_400_000)];
    expect(keys(timeline({ messages, readAtOpen: 2 }))).toEqual(['start', 'm1', 'm2', 'unread', 'm3']);
    expect(timeline({ messages, readAtOpen: 2 }).findIndex(({ kind }) => kind === 'unread')).toBe(4);
    expect(keys(timeline({ messages, readAtOpen: 0 }))).not.toContain('unread');
    expect(keys(timeline({ messages, readAtOpen: 3 }))).not.toContain('unread');
  });

  it('says that it begins only where it does', () => {
    expect(keys(timeline({ messages: [message(5)], older: true }))).toEqual(['m5']);
    expect(keys(timeline({ messages: [message(1)], olderNotes: true }))).toEqual(['m1']);
    expect(keys(timeline({}))).toEqual([]);
  });
});

describe('growing at the start', () => {
  const of = (seqs: number[], older = true) => timeline({ messages: seqs.map((seq) => message(seq)), older });
  it.each([
    ['older ones came', of([5, 6]), of([3, 4, 5, 6]), true],
    ['the beginning came', of([5, 6]), of([1, 2, 3, 4, 5, 6], false), true],
    ['a newer one came', of([5, 6]), of([5, 6, 7]), false],
    ['the first load', of([]), of([5, 6]), false],
    ['the log was replaced', of([5, 6]), of([1, 2], false), false],
  ])('%s', (_, before, after, wanted) => {
    expect(isPrepend(before, after)).toBe(wanted);
  });
});

it('a picture stands with its message alone, not with what is being written after it', () => {
  const image = { hash: '0f'.repeat(16), width: 4, height: 3, alt: 'A map' };
  const items = timelineOf({ messages: [{ ...message(1), image }], privates: [], older: true, pendingMessages: [], pendingNotes: [], me: ME, growing: 'so' });
  expect(items.flatMap((item) => (item.kind === 'message' ? [item.image] : []))).toEqual([image, undefined]);
});

describe('a choice', () => {
  const BOT = { kind: SenderKind.BOT, id: '', name: '', picture: '' };
  const asks = (seq: number, ...labels: string[]): Message => ({ ...message(seq, NOON + seq, BOT), choices: labels.map((label) => ({ id: label, label })) });
  const says = (seq: number, text: string, sender: Message['sender'] = VISITOR): Message => ({ ...message(seq, NOON + seq), sender, text });
  const joined = (seq: number): Message => ({ seq, id: `msg_${seq}`, sender: { kind: SenderKind.SYSTEM, id: '', name: '', picture: '' }, at: NOON, clientId: '', choices: [], rating: 0, activity: { kind: ActivityKind.JOINED, status: 0, reason: '', team: '', endsAt: 0 } });
  /** One word a message: what was chosen of it in brackets, a choice in quotes. */
  const read = (messages: Message[]) =>
    timeline({ messages, privates: [note(1, 1)] }).flatMap((item) => (item.kind !== 'message' ? [] : [item.isChoice ? `“${item.text}”` : item.text + (item.choices.length ? `[${item.chosen?.label ?? ''}]` : '')]));

  it.each<[string, Message[], string[]]>([
    ['is the next thing that the visitor says, if a button says it', [says(1, 'money'), asks(2, 'a', 'b'), says(3, 'b')], ['money', 'm2[b]', '“b”']],
    ['is not what no button says', [asks(1, 'a'), says(2, 'b')], ['m1[]', 'b']],
    ['is not what somebody else says', [asks(1, 'a'), says(2, 'a', ME), says(3, 'a')], ['m1[]', 'a', 'a']],
    ['is not what comes later', [asks(1, 'a'), says(2, 'b'), says(3, 'a')], ['m1[]', 'b', 'a']],
    ['is of the newest offer', [asks(1, 'a'), asks(2, 'a'), says(3, 'a')], ['m1[]', 'm2[a]', '“a”']],
    ['is one over notes and what happened', [asks(1, 'a'), joined(2), says(3, 'a')], ['m1[a]', '“a”']],
    ['is none before any', [asks(1, 'a')], ['m1[]']],
  ])('%s', (_, messages, wanted) => {
    expect(read(messages)).toEqual(wanted);
  });
});

describe('delivery', () => {
  const item = (given: Partial<TextItem>): TextItem => ({ kind: 'message', key: 'k', at: 0, first: true, last: true, sender: ME, text: '', seq: 4, pending: null, choices: [], chosen: null, isChoice: false, rating: 0, ...given });
  const pending = (state: 'sending' | 'failed') => ({ clientId: 'x', text: '', at: 0, state, code: '' });
  it.each([
    ['sending', item({ pending: pending('sending') }), true], ['waiting', item({ pending: pending('sending') }), false],
    ['failed', item({ pending: pending('failed') }), false], ['delivered', item({}), true],
  ])('is %s', (wanted, one, live) => {
    expect(deliveryOf(one, () => 'delivered', live)).toBe(wanted);
  });
});

describe('an activity', () => {
  const activity = (kind: ActivityKind, rest = {}) => ({ kind, status: Status.STATUS_UNKNOWN, reason: '', team: '', endsAt: 0, ...rest });
  it.each([
    ['resolved', activity(ActivityKind.STATUS_CHANGED, { status: Status.RESOLVED, actor: ME })],
    ['ended_by_visitor', activity(ActivityKind.STATUS_CHANGED, { status: Status.RESOLVED, actor: VISITOR })],
    ['opened', activity(ActivityKind.STATUS_CHANGED, { status: Status.OPEN, actor: VISITOR })],
    ['opened_system', activity(ActivityKind.STATUS_CHANGED, { status: Status.OPEN })],
    ['unknown', activity(ActivityKind.STATUS_CHANGED, { status: 99 })],
    ['joined', activity(ActivityKind.JOINED, { subject: ME })],
    ['assigned', activity(ActivityKind.ASSIGNED, { actor: { ...ME, id: 'agt_2' }, subject: ME })],
    ['assigned_self', activity(ActivityKind.ASSIGNED, { actor: ME, subject: ME })],
    ['left', activity(ActivityKind.RELEASED)],
    ['team', activity(ActivityKind.TEAM_CHANGED, { actor: ME, team: 'Support' })],
    ['resolved_idle', activity(ActivityKind.STATUS_CHANGED, { status: Status.RESOLVED, reason: 'idle' })],
    ['idle_warned', activity(ActivityKind.IDLE_WARNED, { endsAt: 1 })],
    ['team_system', activity(ActivityKind.TEAM_CHANGED, { team: 'Support' })],
    ['unknown', activity(ActivityKind.TEAM_CHANGED, { actor: ME })],
    ['unknown', activity(99 as ActivityKind)],
    ...['visitor_asked', 'unsure', 'asked_in_vain', 'no_text', 'intent', 'no_answer', 'form', 'bot_failed', 'bot_off'].map((reason): [string, ReturnType<typeof activity>] => [`handed_over_${reason}`, activity(ActivityKind.HANDED_OVER, { reason })]),
    ['handed_over', activity(ActivityKind.HANDED_OVER, { reason: 'a later one' })],
  ])('reads as %s', (wanted, one) => {
    expect(activityKey(one)).toBe(wanted);
  });
});
