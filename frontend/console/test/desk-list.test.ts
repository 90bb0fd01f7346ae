import { describe, expect, it } from 'vitest';
import { blank, codec, fieldsOf } from '../../shared/wire/codec';
import { FULL_TABLE } from '../../shared/wire/table';
import { SenderKind } from '../../shared/wire/types';
import type { Assigned, DeskPage, DeskRow, DeskUpdate, DeskWelcome } from '../../shared/wire/types';
import { DeskList } from '../src/live/desk-list';

const { shape } = codec(FULL_TABLE);
const make = <T>(name: string, given: Partial<T>): T => ({ ...(blank(fieldsOf(shape, name)) as T), ...given });
const row = (conversation: string, rev: number, given: Partial<DeskRow> = {}) => make<DeskRow>('DeskRow', { conversation, rev, hasPreview: true, ...given });
const welcome = (given: Partial<DeskWelcome>) => make<DeskWelcome>('DeskWelcome', { deskEpoch: 1, rev: 5, ...given });
const update = (given: Partial<DeskUpdate>) => make<DeskUpdate>('DeskUpdate', given);
const page = (given: Partial<DeskPage>) => make<DeskPage>('DeskPage', given);
const agent = (id: string) => ({ kind: SenderKind.AGENT, id, name: id, picture: '' });
const assigned = (conversation: string, assignmentEpoch: number, given: Partial<Assigned> = {}) => make<Assigned>('Assigned', { conversation, assignmentEpoch, ...given });
const rings = (list: DeskList) => list.ringingAt('agt_me').map(({ conversation }) => conversation);
const held = (list: DeskList) => [...list.rows.keys()].sort();

describe('the Desk’s list', () => {
  it('asks for everything first, and afterwards for what it missed', () => {
    const list = new DeskList();
    expect(list.hello()).toEqual({ deskEpoch: 0, rev: 0 });
    expect(list.welcome(welcome({ reset: true, rows: [row('a', 4)] }))).toBe('');
    expect(list.hello()).toEqual({ deskEpoch: 1, rev: 5 });
    list.update(update({ rev: 6, rows: [row('b', 6)], gone: ['a'] }));
    expect(list.hello()).toEqual({ deskEpoch: 1, rev: 6 });
    expect(held(list)).toEqual(['b']);
  });

  it('keeps the rows of before on the screen until a paged snapshot is whole, and drops then what it does not name', () => {
    const list = new DeskList();
    list.welcome(welcome({ reset: true, rows: [row('old', 1), row('stays', 1)] }));
    expect(list.welcome(welcome({ deskEpoch: 2, reset: true, rows: [row('new', 1)], next: 'n1' }))).toBe('n1');
    expect(held(list)).toEqual(['new', 'old', 'stays']);
    expect(list.page(page({ rows: [row('stays', 1)], next: '' }))).toBe('');
    expect(held(list)).toEqual(['new', 'stays']);
  });

  it('starts over when a snapshot was cut in the middle', () => {
    const list = new DeskList();
    list.welcome(welcome({ reset: true, rows: [row('a', 1)], next: 'n1' }));
    expect(list.loaded).toBe(false);
    expect(list.hello()).toEqual({ deskEpoch: 0, rev: 0 });
  });

  it('takes an update between two pages as the newer one', () => {
    const list = new DeskList();
    list.welcome(welcome({ reset: true, rows: [], next: 'n1' }));
    list.update(update({ rev: 9, rows: [row('a', 9, { unread: 3 })] }));
    list.page(page({ rows: [row('a', 4, { unread: 1 })] }));
    expect(list.rows.get('a')?.unread).toBe(3);
  });

  it('takes a change whose number is lower: the Desk slept, and its clock had been ahead (simulator, SEED=453)', () => {
    const list = new DeskList();
    list.welcome(welcome({ reset: true, rows: [row('a', 1)] }));
    list.update(update({ rev: 900, rows: [row('a', 900, { assignmentEpoch: 3 })] }));
    list.update(update({ rev: 7, rows: [row('a', 7, { assignmentEpoch: 4 })] }));
    expect(list.rows.get('a')).toMatchObject({ assignmentEpoch: 4 });
  });

  it('keeps a known preview where the Desk has just woken and knows none', () => {
    const list = new DeskList();
    list.welcome(welcome({ reset: true, rows: [row('a', 1, { preview: 'hello', unread: 2, lastAt: 7 })] }));
    list.update(update({ rev: 6, rows: [row('a', 6, { hasPreview: false, assignmentEpoch: 3 })] }));
    expect(list.rows.get('a')).toMatchObject({ preview: 'hello', unread: 2, lastAt: 7, assignmentEpoch: 3 });
  });

  describe('forgets the preview of before a cut that the Desk no longer knows', () => {
    const before = { preview: 'yesterday', unread: 2, lastAt: 7, visitorOnline: true };
    const slept = (given: Partial<DeskWelcome>) => {
      const list = new DeskList();
      list.hello();
      list.welcome(welcome({ reset: true, rows: [row('a', 1, before), row('b', 1, before)] }));
      list.hello();
      const frame = welcome({ deskEpoch: 2, reset: true, ...given });
      expect(list.outdates(frame)).toBe(true);
      list.welcome(frame);
      return list;
    };
    const bare = (id: string) => row(id, 1, { hasPreview: false });
    const unknown = { hasPreview: false, preview: '', unread: 0, visitorOnline: false };

    it('in a snapshot', () => {
      const list = slept({ rows: [bare('a'), row('b', 1, { preview: 'now' })] });
      expect([list.rows.get('a'), list.rows.get('b')]).toMatchObject([unknown, { preview: 'now' }]);
      list.update(update({ rev: 6, rows: [row('b', 6, { hasPreview: false })] }));
      expect(list.rows.get('b')).toMatchObject({ preview: 'now' });
    });

    it('in its later pages, and in what changes between them', () => {
      const list = slept({ rows: [], next: 'n1' });
      list.update(update({ rev: 6, rows: [row('a', 6, { hasPreview: false })] }));
      list.page(page({ rows: [bare('b')] }));
      expect([list.rows.get('a'), list.rows.get('b')]).toMatchObject([unknown, unknown]);
    });

    it('but not where the line was not cut, nor where the list goes on', () => {
      const list = new DeskList();
      const first = welcome({ reset: true, rows: [row('a', 1, before)] });
      list.hello();
      expect(list.outdates(first)).toBe(false);
      list.welcome(first);
      list.welcome(welcome({ deskEpoch: 2, reset: true, rows: [bare('a')] }));
      expect(list.rows.get('a')).toMatchObject(before);
      list.hello();
      list.welcome(welcome({ deskEpoch: 2, rev: 6, rows: [row('a', 6, { hasPreview: false })] }));
      expect(list.rows.get('a')).toMatchObject(before);
    });
  });

  it('tells which rows have left, as they were', () => {
    const list = new DeskList();
    list.welcome(welcome({ reset: true, rows: [row('a', 1, { preview: 'last words' })] }));
    expect(list.update(update({ gone: ['a', 'unknown'] })).map(({ preview }) => preview)).toEqual(['last words']);
  });
});

describe('what rings', () => {
  const ringing = { assignee: agent('agt_me'), ringUntil: 90, queuedAt: 5, movedUp: 3 };
  const listOf = (...rows: DeskRow[]) => {
    const list = new DeskList();
    list.welcome(welcome({ reset: true, rows }));
    return list;
  };

  it('is what the rows say, at this agent alone, and what ends first comes first', () => {
    const list = listOf(
      row('late', 1, { ...ringing, ringUntil: 99 }), row('soon', 1, ringing), row('taken', 1, { assignee: agent('agt_me') }),
      row('other', 1, { ...ringing, assignee: agent('agt_other') }), row('free', 1),
    );
    expect(rings(list)).toEqual(['soon', 'late']);
    list.update(update({ rev: 6, rows: [row('soon', 6, { assignee: agent('agt_me'), assignmentEpoch: 1 })] }));
    expect(rings(list)).toEqual(['late']);
  });

  it('is pushed before the list shows it, even of a conversation that the list does not know', () => {
    const list = listOf(row('a', 1, { queuedAt: 5, movedUp: 3 }));
    list.assigned(assigned('a', 7, ringing));
    list.assigned(assigned('new', 8, ringing));
    expect(rings(list)).toEqual(['a', 'new']);
    expect(list.rows.get('a')).toMatchObject({ assignmentEpoch: 7, ringUntil: 90, queuedAt: 5, movedUp: 3 });
  });

  it('stays as pushed while the list is behind, and is the list’s as soon as that has caught up', () => {
    const list = listOf(row('a', 1, { assignmentEpoch: 3 }));
    list.assigned(assigned('a', 7, ringing));
    list.update(update({ rev: 6, rows: [row('a', 6, { assignmentEpoch: 3, unread: 4 })] }));
    expect(rings(list)).toEqual(['a']);
    expect(list.rows.get('a')).toMatchObject({ unread: 4, assignmentEpoch: 7 });
    // The same assignment, which a first reply has taken.
    list.update(update({ rev: 7, rows: [row('a', 7, { assignmentEpoch: 7, assignee: agent('agt_me') })] }));
    expect(rings(list)).toEqual([]);
    // Forgotten for good: it does not come back over a row of a Desk whose store was put back.
    list.update(update({ rev: 8, rows: [row('a', 8, { assignmentEpoch: 3 })] }));
    expect(rings(list)).toEqual([]);
  });

  it('ends with the answer, before the list says so', () => {
    const list = listOf(row('a', 1, { ...ringing, assignmentEpoch: 7 }), row('b', 1, { ...ringing, assignmentEpoch: 7 }));
    list.assigned(assigned('a', 8, { assignee: agent('agt_me') }));
    list.assigned(assigned('b', 8));
    expect(rings(list)).toEqual([]);
    expect(list.rows.get('a')).toMatchObject({ assignee: agent('agt_me'), queuedAt: 0, movedUp: 0 });
    expect(list.rows.get('b')).toMatchObject({ queuedAt: 5 });
    expect(list.rows.get('b')?.assignee).toBeUndefined();
  });

  it('is not what an older push says', () => {
    const list = listOf(row('a', 1, { assignmentEpoch: 8 }));
    list.assigned(assigned('a', 7, ringing));
    list.assigned(assigned('new', 9));
    list.assigned(assigned('new', 8, ringing));
    expect(rings(list)).toEqual([]);
  });

  it('is what the Desk says after a cut, whatever was pushed before', () => {
    const list = listOf(row('a', 1));
    list.assigned(assigned('new', 8, ringing));
    list.welcome(welcome({ rows: [row('b', 6, ringing)] }));
    expect(rings(list)).toEqual(['b']);
  });

  it('ends with the conversation', () => {
    const list = listOf();
    list.assigned(assigned('new', 8, ringing));
    list.update(update({ gone: ['new'] }));
    expect(rings(list)).toEqual([]);
  });
});
