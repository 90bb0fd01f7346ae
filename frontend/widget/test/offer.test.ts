import { beforeEach, describe, expect, test } from 'vitest';
import { ConversationLog } from '../../shared/conversation-log.ts';
import { AGENT, frame, message, VISITOR } from '../../shared/test/model-room.ts';
import { ActivityKind, Rating, SenderKind, Status } from '../../shared/wire/types.ts';
import type { AgentFrame, Init, Message } from '../../shared/wire/types.ts';
import { picturesOf, shownAs } from '../faces.ts';
import { offering } from '../offer.ts';
import { leads } from '../person.ts';
import { rateable } from '../rate.ts';

const BOT = { kind: SenderKind.BOT, id: '', name: '', picture: '' };
const CHOICES = [{ id: 'refund', label: 'A refund' }, { id: 'return', label: 'A return' }];
let log: ConversationLog;

beforeEach(() => {
  log = new ConversationLog();
});

const give = (given: Init<AgentFrame>) => log.receive(frame(given), 1);
const asks = (seq: number): Message => ({ ...message(seq, BOT), choices: CHOICES });
const happens = (seq: number, kind: ActivityKind): Message => ({ ...message(seq, { kind: SenderKind.SYSTEM, id: '', name: '', picture: '' }), text: undefined as never, activity: { kind, endsAt: 5 } as never });
const welcome = (messages: Message[], state: Init<AgentFrame>['state'] = { status: Status.PENDING }) => give({ welcome: { logEpoch: 1, you: VISITOR, messages, state } });

test.each<[string, () => unknown, number | undefined]>([
  ['nothing was said', () => welcome([]), undefined],
  ['the newest has buttons', () => welcome([message(1, VISITOR), asks(2)]), 2],
  ['the newest has none', () => welcome([asks(1), message(2, BOT)]), undefined],
  ['the newest of two', () => welcome([asks(1), asks(2)]), 2],
  ['an agent has written after it', () => welcome([asks(1), message(2, AGENT)]), undefined],
  ['the visitor has written after it', () => welcome([asks(1), message(2, VISITOR)]), undefined],
  ['it is about to end because nobody writes', () => welcome([asks(1), happens(2, ActivityKind.IDLE_WARNED)]), 1],
  ['it waits for people', () => welcome([asks(1)], { status: Status.OPEN }), 1],
  ['an agent has it', () => welcome([asks(1), happens(2, ActivityKind.JOINED)], { status: Status.OPEN, assignee: AGENT }), undefined],
  ['something is on its way', () => (welcome([asks(1)]), log.write({ clientId: 'a', text: 'x', at: 1 }, 1)), undefined],
  ['what was on its way has arrived', () => (welcome([asks(1)]), log.write({ clientId: 'a', text: 'x', at: 1 }, 1), give({ ack: { clientId: 'a', seq: 2, id: 'm', at: 1 } })), undefined],
  ['what was refused was thrown away', () => (welcome([asks(1)]), log.write({ clientId: 'a', text: 'x', at: 1 }, 1), give({ error: { code: 'no', clientId: 'a' } }), log.outbox.remove('a')), 1],
])('%s', (_, given, seq) => {
  given();
  expect(offering(log)?.seq).toBe(seq);
});

describe('whether it helped is asked', () => {
  const answers = (seq: number, rating = Rating.RATING_ASKED): Message => ({ ...message(seq, BOT), rating });
  test.each<[string, () => unknown, number | undefined]>([
    ['of nothing', () => welcome([]), undefined],
    ['of the newest answer', () => welcome([answers(1), answers(2)]), 2],
    ['of one with buttons', () => welcome([{ ...asks(1), rating: Rating.RATING_ASKED }]), 1],
    ['still, when it was said, for it may be changed', () => welcome([answers(1, Rating.UNHELPFUL)]), 1],
    ['not of a question back', () => welcome([answers(1), asks(2)]), undefined],
    ['not when the visitor has written on', () => welcome([answers(1), message(2, VISITOR)]), undefined],
    ['not when something is on its way', () => (welcome([answers(1)]), log.write({ clientId: 'a', text: 'x', at: 1 }, 1)), undefined],
    ['not when a person is here', () => welcome([answers(1)], { status: Status.OPEN, assignee: AGENT }), undefined],
    ['also when it has ended', () => welcome([answers(1), happens(2, ActivityKind.IDLE_WARNED)], { status: Status.RESOLVED }), 1],
  ])('%s', (_, given, seq) => {
    given();
    expect(rateable(log)?.seq).toBe(seq);
  });
});

describe('the way to a person', () => {
  const answers = (rating: Rating): Message => ({ ...message(1, BOT), rating });
  const HUMAN = { id: 'human', label: 'Talk to a person' };
  const writes = (choice?: string) => log.write({ clientId: 'a', text: 'x', at: 1, ...(choice && { choice }) }, 1);
  test.each<[string, () => unknown, boolean]>([
    ['is not there before anything was said', () => {}, false],
    ['is there as soon as the bot has the conversation', () => welcome([message(1, VISITOR)]), true],
    ['and after it has answered', () => welcome([answers(Rating.RATING_ASKED)]), true],
    ['and when that helped', () => welcome([answers(Rating.HELPFUL)]), true],
    ['and beside other buttons', () => welcome([asks(1)]), true],
    ['and while something else is on its way', () => (welcome([message(1, BOT)]), writes()), true],
    ['not beside a button that leads there', () => welcome([{ ...message(1, BOT), choices: [...CHOICES, HUMAN] }]), false],
    ['but when the visitor has passed that one by', () => welcome([{ ...message(1, BOT), choices: [...CHOICES, HUMAN] }, message(2, VISITOR)]), true],
    ['not beside the offer to whom an answer did not help', () => welcome([answers(Rating.UNHELPFUL)]), false],
    ['not for who waits for people', () => welcome([message(1, BOT)], { status: Status.OPEN }), false],
    ['not for who has one', () => welcome([message(1, BOT)], { status: Status.PENDING, assignee: AGENT }), false],
    ['not when it has ended', () => welcome([message(1, BOT)], { status: Status.RESOLVED }), false],
  ])('%s', (_, given, wanted) => {
    given();
    expect(leads(log)).toBe(wanted);
  });
});

test('pictures of agents are known by their ids, as they were told last', () => {
  const mei = { ...AGENT, picture: 'new' };
  const came = (seq: number, subject: typeof AGENT): Message => ({ ...happens(seq, ActivityKind.JOINED), activity: { kind: ActivityKind.JOINED, subject, endsAt: 0 } as never });
  const lei = { ...AGENT, id: 'agt_2', picture: 'lei' };
  const all = [came(1, { ...AGENT, picture: 'old' }), came(2, lei), message(3, AGENT), happens(4, ActivityKind.IDLE_WARNED)];
  welcome(all);
  expect(picturesOf(log)).toEqual(new Map([[AGENT.id, 'old'], ['agt_2', 'lei']]));
  give({ state: { status: Status.OPEN, assignee: mei } });
  expect(picturesOf(log).get(AGENT.id)).toBe('new');
  // Somebody who has none any more.
  give({ presence: { agents: [AGENT, { ...lei, picture: '' }] } });
  expect([...picturesOf(log).values()]).toEqual(['', '']);
});

test('a picture under an answer has its place before it is loaded, and its address from its hash alone', () => {
  const hash = '0f'.repeat(16);
  const shown = (more: object) => shownAs({ hash, width: 640, height: 480, alt: 'A map', ...more }, 'https://chat.example');
  expect(shown({})).toEqual({ loading: 'lazy', width: '320', height: '240', alt: 'A map', src: `https://chat.example/pictures/${hash}` });
  expect(shown({ width: 600, height: 1200 })).toMatchObject({ width: '160', height: '320' });
  expect(shown({ width: 40, height: 30 }), 'none is made larger than it is').toMatchObject({ width: '40', height: '30' });
  for (const bad of ['', hash.toUpperCase(), hash + '0', '//evil.example/x.png', `${hash}\n`, '../../widget.js']) expect(shown({ hash: bad }).src, bad).toBe('');
});
