import { describe, expect, it } from 'vitest';
import { FollowUp, SenderKind, Status } from '../../shared/wire/types';
import type { DeskRow } from '../../shared/wire/types';
import { concernsOf } from '../src/attention/concern';
import { newlyUnread, tabOf, titleWith, unreadFor } from '../src/attention/count';
import { neighbourOf } from '../src/inbox/neighbour';
import { inView, rowOfConversation, rowOfDesk, sortRows, teamOf, unassignedFirst } from '../src/live/rows';
import type { InboxRow, View } from '../src/live/rows';

function deskRow(given: Partial<DeskRow> = {}): DeskRow {
  return {
    conversation: 'cnv_1', site: 'site_1', visitor: 'vis_1', visitorName: '', status: Status.OPEN, snoozedUntil: 0,
    assignmentEpoch: 0, createdAt: 10, rev: 1, hasPreview: true, preview: 'hi', previewSender: SenderKind.VISITOR,
    lastAt: 20, unread: 1, visitorOnline: true, waitingSince: 15, ringUntil: 0, queuedAt: 0, team: '', level: 0, movedUp: 0,
    followUp: 0, replyTo: '', ...given,
  };
}

const row = (given: Partial<InboxRow> = {}): InboxRow => ({ ...rowOfDesk(deskRow()), ...given });

const conversation = {
  id: 'cnv_1', site: 'site_1', visitor: { id: 'vis_1', name: 'Ada', email: '', verified: false, blocked: false },
  status: 'open' as const, snoozed_until: null, assignee: null, assignment_epoch: 3, created_at: '2026-11-25T10:00:00.000Z',
  last_at: '2026-11-25T10:05:00.000Z', last_text: 'from the history', last_sender: 'visitor', unread: 4, head: 9, muted: false,
};

describe('what is followed up', () => {
  const email = row({ id: 'cnv_2', followUp: FollowUp.FOLLOW_UP_EMAIL, replyTo: 'lei@shop.example', queuedAt: 5 });
  const gone = row({ id: 'cnv_3', followUp: FollowUp.FOLLOW_UP_GONE, queuedAt: 3 });
  const waits = row({ id: 'cnv_4', queuedAt: 4 });

  it('is in its own view and in that of all, and waits with nobody', () => {
    const ids = (view: View) => [email, gone, waits].filter((one) => inView(one, view, 'agt_1')).map(({ id }) => id);
    expect(ids('follow_up')).toEqual(['cnv_2', 'cnv_3']);
    expect(ids('unassigned')).toEqual(['cnv_4']);
    expect(ids('all')).toEqual(['cnv_2', 'cnv_3', 'cnv_4']);
  });

  it('comes oldest first', () => {
    expect(sortRows([email, gone], 'waiting').map(({ id }) => id)).toEqual(['cnv_3', 'cnv_2']);
  });
});

describe('a row', () => {
  it('takes previews from the API while the Desk knows none, and status and assignment from the Desk always', () => {
    const known = rowOfConversation(conversation);
    const woken = deskRow({ hasPreview: false, preview: '', unread: 0, lastAt: 0, waitingSince: 0, assignmentEpoch: 5, status: Status.SNOOZED });
    expect(rowOfDesk(woken, known)).toMatchObject({ preview: 'from the history', unread: 4, visitorName: 'Ada', status: Status.SNOOZED, assignmentEpoch: 5, complete: true });
    expect(rowOfDesk(woken)).toMatchObject({ preview: '', complete: false });
    expect(rowOfDesk(deskRow({ preview: 'live' }), known)).toMatchObject({ preview: 'live', unread: 1 });
  });

  it('is muted as the API says, and as was just done here', () => {
    const muted = rowOfConversation({ ...conversation, status: 'resolved', muted: true });
    expect(muted.muted).toBe(true);
    expect(rowOfDesk(deskRow(), muted).muted).toBe(true);
    expect(rowOfDesk(deskRow()).muted).toBe(false);
  });

  it('waits since the last message, as far as the API tells', () => {
    expect(rowOfConversation(conversation).waitingSince).toBe(Date.parse('2026-11-25T10:05:00.000Z'));
    expect(rowOfConversation({ ...conversation, last_sender: 'agent' }).waitingSince).toBe(0);
    expect(rowOfConversation({ ...conversation, last_at: null, last_text: null, unread: 0 })).toMatchObject({ lastAt: 0, preview: '', waitingSince: 0 });
  });

  it('rings, waits, comes before others and is a team’s as the Desk says; the API knows of none of it', () => {
    const said = { ringUntil: 50, queuedAt: 12, movedUp: 5, level: 2, team: 'team_1' };
    expect(rowOfDesk(deskRow(said))).toMatchObject(said);
    expect(rowOfConversation(conversation)).toMatchObject({ ringUntil: 0, queuedAt: 0, movedUp: 0, level: 0, team: '' });
  });

  it.each([
    ['mine', 'agt_me', true], ['mine', 'agt_other', false], ['mine', '', false],
    ['unassigned', '', true], ['unassigned', 'agt_me', false], ['all', 'agt_other', true], ['team_1', 'agt_me', true], ['team_2', 'agt_me', false], ['team_', '', false],
  ] as const)('of team 1 is in %s when %j has it: %s', (view, assigneeId, wanted) => {
    expect(inView(row({ assigneeId, team: 'team_1' }), view, 'agt_me')).toBe(wanted);
  });
});

it.each([['mine', ''], ['all', ''], ['team_x1', 'team_x1']] as const)('the view %s is of the team %j', (view, wanted) => expect(teamOf(view)).toBe(wanted));

describe('the order', () => {
  const ids = (rows: InboxRow[]) => rows.map(({ id }) => id);

  it('puts what nobody has before the rest, each as it was', () => {
    const rows = [row({ id: 'a', assigneeId: 'x' }), row({ id: 'b' }), row({ id: 'c', assigneeId: 'y' }), row({ id: 'd' })];
    expect(ids(unassignedFirst(rows))).toEqual(['b', 'd', 'a', 'c']);
  });
  const list = [
    row({ id: 'a', lastAt: 10, waitingSince: 9 }), row({ id: 'b', lastAt: 30, waitingSince: 0 }),
    row({ id: 'c', lastAt: 20, waitingSince: 5 }), row({ id: 'd', lastAt: 0, createdAt: 25, waitingSince: 0 }),
  ];

  it('is by activity, where a conversation without a message counts from its beginning', () => {
    expect(ids(sortRows(list, 'newest'))).toEqual(['b', 'd', 'c', 'a']);
  });

  it('is by waiting, and who does not wait comes last', () => {
    expect(ids(sortRows(list, 'waiting'))).toEqual(['c', 'a', 'b', 'd']);
  });

  it('is by the queue for who waits for an agent: a place there outlasts an answer and a ring', () => {
    const queue = [
      row({ id: 'a', queuedAt: 9, waitingSince: 2 }), row({ id: 'b', queuedAt: 3, waitingSince: 0, assigneeId: 'agt_other', ringUntil: 99 }),
      row({ id: 'c', queuedAt: 7, waitingSince: 8 }), row({ id: 'd', queuedAt: 0, waitingSince: 5, assigneeId: 'agt_other' }),
    ];
    expect(ids(sortRows(queue, 'waiting'))).toEqual(['b', 'd', 'c', 'a']);
  });

  it('has who comes before others where the queue has them, were that before the beginning of time', () => {
    const queue = [
      row({ id: 'a', queuedAt: 10 }), row({ id: 'b', queuedAt: 30, movedUp: 15, level: 1 }), row({ id: 'c', queuedAt: 35, movedUp: 30, level: 2 }),
      row({ id: 'd', queuedAt: 40, movedUp: 1e13, level: 3 }), row({ id: 'e', queuedAt: 50, movedUp: 50, level: 1 }), row({ id: 'f', waitingSince: 0, lastAt: 99, level: 9 }),
      row({ id: 'g', waitingSince: 12, movedUp: 12, level: 9, assigneeId: 'agt_other' }),
    ];
    expect(ids(sortRows(queue, 'waiting'))).toEqual(['d', 'e', 'c', 'a', 'g', 'b', 'f']);
  });

  it('never depends on the order before', () => {
    const equal = ['x', 'y', 'z'].map((id) => row({ id, lastAt: 1, waitingSince: 1 }));
    for (const sort of ['newest', 'waiting'] as const) expect(ids(sortRows([...equal].reverse(), sort))).toEqual(ids(sortRows(equal, sort)));
  });
});

describe('the neighbour', () => {
  const ids = ['a', 'b', 'c'];
  it.each([
    ['the next', 'a', 0, 1, 'b'], ['the previous', 'c', 2, -1, 'b'], ['none after the last', 'c', 2, 1, ''], ['none before the first', 'a', 0, -1, ''],
    ['the first, with none open', '', -1, 1, 'a'], ['the last, upwards', '', -1, -1, 'c'],
    ['what has moved up, when the open one left', 'gone', 1, 1, 'b'], ['what stood before it', 'gone', 1, -1, 'a'], ['the last one left', 'gone', 3, 1, 'c'],
  ] as const)('is %s', (_, open, place, direction, wanted) => {
    expect(neighbourOf(ids, open, place, direction)).toBe(wanted);
  });
  it('is nothing in an empty list', () => expect(neighbourOf([], 'gone', 0, 1)).toBe(''));
});

describe('what calls an agent', () => {
  const team = (id: string, members: string[]) => ({ id, name: id, members, method: null, overflow: null, created_at: '' });
  const inOne = [team('team_a', ['agt_me', 'agt_x']), team('team_b', ['agt_x'])];
  const inNone = [team('team_a', ['agt_x']), team('team_b', [])];

  it.each([
    ['their own, whosever team it is', inOne, { assigneeId: 'agt_me', team: 'team_b' }, true],
    ['not what somebody has', inOne, { assigneeId: 'agt_x', team: 'team_a' }, false],
    ['what their team’s queue holds', inOne, { assigneeId: '', team: 'team_a' }, true],
    ['what is everybody’s', inOne, { assigneeId: '', team: '' }, true],
    ['not another team’s queue', inOne, { assigneeId: '', team: 'team_b' }, false],
    ['what is of a team that is not known yet', inOne, { assigneeId: '', team: 'team_new' }, true],
    ['any queue, where they are in no team', inNone, { assigneeId: '', team: 'team_a' }, true],
    ['any queue, where there is no team', [], { assigneeId: '', team: '' }, true],
    ['not what a bot has', [], { assigneeId: '', team: '', status: Status.PENDING }, false],
  ])('is %s', (_, teams, given, wanted) => {
    expect(concernsOf('agt_me', teams)(row(given))).toBe(wanted);
  });
});

describe('the count', () => {
  it('is of what concerns one, while it is open', () => {
    const rows = [
      row({ unread: 1, assigneeId: 'agt_me' }), row({ unread: 2, assigneeId: '' }), row({ unread: 4, assigneeId: 'agt_other' }),
      row({ unread: 8, assigneeId: '', status: Status.RESOLVED }), row({ unread: 16, assigneeId: 'agt_me', status: Status.SNOOZED }), row({ unread: 32, status: Status.PENDING }),
    ];
    expect(unreadFor(rows, concernsOf('agt_me', []))).toBe(3);
  });

  it.each([[0, 'Bellhop'], [7, '(7) Bellhop'], [100, '(99+) Bellhop']])('of %i reads %s', (count, wanted) => {
    expect(titleWith(count, 'Bellhop')).toBe(wanted);
  });

  it.each([
    [0, 0, true, true, 'Idle', 'icon.svg'],
    [3, 0, true, true, '(3) Idle', 'icon-waiting.svg'],
    [0, 1, true, true, 'Ringing', 'icon-waiting.svg'],
    [3, 1, true, false, '(3) Ringing', 'icon.svg'],
    [3, 1, false, true, 'Idle', 'icon-waiting.svg'],
    [3, 1, false, false, 'Idle', 'icon.svg'],
  ])('of %i, and %i that ring, with title %s and icon %s: the tab shows %s and %s', (unread, rings, title, icon, says, shows) => {
    expect(tabOf(unread, rings, { title, icon }, { idle: 'Idle', ringing: 'Ringing' })).toEqual({ title: says, icon: shows });
  });

  it('calls for what comes into a queue, though all of it has been read', () => {
    const read = { unread: 0, queuedAt: 0, assigneeId: 'agt_b' };
    const queued = { ...read, queuedAt: 5, assigneeId: '' };
    const calls = (was: Partial<InboxRow>, now: Partial<InboxRow>) => newlyUnread(new Map([['a', row({ id: 'a', ...was })]]), new Map([['a', row({ id: 'a', ...now })]])).map(({ id }) => id);
    expect(calls(read, queued)).toEqual(['a']);
    expect(calls({ ...read, complete: false }, { ...queued, complete: false })).toEqual(['a']);
    expect(calls(read, { ...queued, unread: 2 })).toEqual(['a']);
    expect(calls({ ...read, status: Status.SNOOZED }, queued)).toEqual(['a']);
    expect(calls(read, { ...queued, assigneeId: 'agt_c', ringUntil: 9 })).toEqual([]);
    expect(calls(read, { ...queued, followUp: FollowUp.FOLLOW_UP_GONE })).toEqual([]);
    expect(calls({ ...queued, assigneeId: 'agt_b', ringUntil: 9 }, queued)).toEqual([]);
  });

  it('calls for what is new, never for what was only completed', () => {
    const was = row({ id: 'a', unread: 1 });
    const calls = (before: InboxRow[], after: InboxRow[]) =>
      newlyUnread(new Map(before.map((one) => [one.id, one])), new Map(after.map((one) => [one.id, one]))).map(({ id }) => id);
    expect(calls([was], [was])).toEqual([]);
    expect(calls([was], [{ ...was, unread: 2 }])).toEqual(['a']);
    expect(calls([was], [{ ...was, unread: 0 }])).toEqual([]);
    expect(calls([{ ...was, complete: false, unread: 0 }], [was])).toEqual([]);
    expect(calls([], [was])).toEqual(['a']);
    expect(calls([], [{ ...was, complete: false }])).toEqual([]);
    expect(calls([], [{ ...was, status: Status.RESOLVED }])).toEqual([]);
    expect(calls([{ ...was, status: Status.PENDING }], [was])).toEqual(['a']);
    expect(calls([{ ...was, status: Status.PENDING }], [{ ...was, unread: 0, assigneeId: 'agt_me' }])).toEqual([]);
    expect(calls([{ ...was, status: Status.PENDING, unread: 0 }], [{ ...was, unread: 0, assigneeId: '' }])).toEqual(['a']);
  });
});
