// What the list asks the API for: what the Desk does not say.

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick, watch } from 'vue';
import { blank, codec, fieldsOf } from '../../shared/wire/codec';
import { FULL_TABLE } from '../../shared/wire/table';
import { Status } from '../../shared/wire/types';
import type { DeskRow, DeskWelcome, Messages } from '../../shared/wire/types';
import { Problem } from '../src/api/problem';
import type { Conversation, Me } from '../src/api/types';

type Listener = Parameters<typeof import('../src/live/agent-socket').openAgentSocket>[1];
const line = vi.hoisted(() => ({ listener: undefined as unknown }));
vi.mock('../src/live/agent-socket', () => ({
  openAgentSocket(_: string, listener: unknown) {
    line.listener = listener;
    return { connection: { send: () => true }, close() {} };
  },
}));
const api = vi.hoisted(() => ({ one: vi.fn(), list: vi.fn() }));
vi.mock('../src/api/routes', () => ({ session: {}, conversations: api }));
const { useDesk } = await import('../src/live/desk-store');
const { FILL_AGAIN_MS, UNLISTED_KEPT, useInbox } = await import('../src/live/inbox-store');
const { useSession } = await import('../src/session/store');

const { shape } = codec(FULL_TABLE);
const make = <N extends keyof Messages>(name: N, given: Partial<Messages[N]>) => ({ ...blank(fieldsOf(shape, name)), ...given }) as unknown as Messages[N];
const deskRow = (given: Partial<DeskRow> = {}) => make('DeskRow', { conversation: 'cnv_1', rev: 1, status: Status.OPEN, createdAt: 1, ...given });
const told = (last_text: string, unread: number): Conversation => ({
  id: 'cnv_1', site: '', visitor: { id: 'vis_1', name: '', email: '', verified: false, blocked: false }, status: 'open', snoozed_until: null, assignee: null, assignment_epoch: 0,
  created_at: '2026-01-01T00:00:00Z', last_at: '2026-01-02T00:00:00Z', last_text, last_sender: 'visitor', unread, head: 1, muted: false,
});
const row = () => useInbox().all.get('cnv_1');
const fill = () => useInbox().fill([...useInbox().all.values()]);

/** The line comes up and the Desk says how it stands. */
function welcomed(given: Partial<DeskWelcome>) {
  const { onOpen, onState, onFrame } = line.listener as Listener;
  onOpen();
  onState({ kind: 'live' });
  onFrame({ deskWelcome: make('DeskWelcome', { rev: 1, reset: true, ...given }) });
}

afterEach(() => void vi.useRealTimers());

beforeEach(() => {
  api.one.mockReset();
  api.list.mockReset();
  vi.stubGlobal('window', { addEventListener() {} });
  vi.stubGlobal('localStorage', { getItem: () => null });
  setActivePinia(createPinia());
  useSession().enter({ id: 'agt_me' } as Me);
  useInbox();
  useDesk().open();
});

describe('after a cut, of which the Desk knows less than before', () => {
  const before = { hasPreview: true, preview: 'yesterday', unread: 2, lastAt: 700, visitorOnline: true };

  function slept() {
    (line.listener as Listener).onState({ kind: 'connecting' });
    welcomed({ deskEpoch: 2, rows: [deskRow()] });
    expect(row()).toMatchObject({ preview: '', unread: 0, visitorOnline: false, complete: false });
  }

  it('what the Desk had told is asked for anew, and stands where it stood until then', async () => {
    welcomed({ deskEpoch: 1, rows: [deskRow(before)] });
    slept();
    expect(row()).toMatchObject({ lastAt: 700 });
    api.one.mockResolvedValue({ conversation: told('today', 5) });
    await fill();
    expect(row()).toMatchObject({ preview: 'today', unread: 5, complete: true });
  });

  it('so is what the API had told', async () => {
    api.one.mockResolvedValue({ conversation: told('yesterday', 2) });
    welcomed({ deskEpoch: 1, rows: [deskRow()] });
    await fill();
    expect(row()).toMatchObject({ preview: 'yesterday', complete: true });
    slept();
    api.one.mockResolvedValue({ conversation: told('today', 5) });
    await useInbox().ensure('cnv_1');
    expect(row()).toMatchObject({ preview: 'today', complete: true });
  });

  it('what could not be asked for is asked for once the line is back', async () => {
    welcomed({ deskEpoch: 1, rows: [deskRow(before)] });
    slept();
    api.one.mockRejectedValueOnce(new Error('network'));
    await fill();
    (line.listener as Listener).onState({ kind: 'connecting' });
    welcomed({ deskEpoch: 2, reset: false });
    api.one.mockResolvedValue({ conversation: told('today', 5) });
    await fill();
    expect(row()).toMatchObject({ preview: 'today', unread: 5, complete: true });
  });

  it('what a page has brought meanwhile is not asked for one by one', async () => {
    const ids = ['1', '2', '3', '4', '5', '6'];
    const rows = ids.map((conversation) => deskRow({ conversation }));
    welcomed({ deskEpoch: 1, rows });
    api.list.mockResolvedValue({ conversations: [{ ...told('today', 1), id: '5' }] });
    api.one.mockImplementation(async (id: string) => ({ conversation: { ...told('today', 1), id } }));
    await Promise.all([fill(), useInbox().load()]);
    expect(api.one.mock.calls.map(([id]) => id)).toEqual(ids.filter((id) => id !== '5'));
  });
});

describe('an API that does not answer', () => {
  const ids = ['1', '2', '3', '4', '5', '6'];
  const asked = () => api.one.mock.calls.map(([id]) => id);
  /** Asks as the list on the screen does: whenever its rows have changed. */
  const show = () => watch(() => [...useInbox().all.values()], fill, { immediate: true });
  const answer = (id: string) => ({ conversation: { ...told('today', 5), id } });

  beforeEach(() => {
    vi.useFakeTimers();
    welcomed({ rows: ids.map((conversation) => deskRow({ conversation })) });
  });

  it('is left alone for a while by all that was to be asked, and then asked for it', async () => {
    api.one.mockRejectedValue(new Error('network'));
    show();
    await vi.advanceTimersByTimeAsync(FILL_AGAIN_MS - 1);
    (line.listener as Listener).onFrame({ deskUpdate: make('DeskUpdate', { rev: 2, rows: [deskRow({ conversation: '1', rev: 2 })] }) });
    await nextTick();
    expect(asked()).toEqual(['1', '2', '3', '4']);
    api.one.mockImplementation(async (id: string) => answer(id));
    await vi.advanceTimersByTimeAsync(1);
    expect(asked().slice(4).sort()).toEqual(ids);
    await vi.advanceTimersByTimeAsync(10 * FILL_AGAIN_MS);
    expect([asked().length, [...useInbox().all.values()].every((each) => each.preview === 'today' && each.unread === 5)]).toEqual([10, true]);
  });

  it('says when it wants to be asked again', async () => {
    api.one.mockRejectedValue(new Problem('rate_limited', 429, '', '', 3 * FILL_AGAIN_MS));
    show();
    await vi.advanceTimersByTimeAsync(3 * FILL_AGAIN_MS - 1);
    expect(asked()).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked()).toHaveLength(8);
    useInbox().clear();
  });

  it.each([['a line that comes back', false], ['a Desk that has begun anew', true]])('is not asked sooner than it wants for %s', async (_, reset) => {
    api.one.mockRejectedValueOnce(new Error('network'));
    api.one.mockRejectedValue(new Problem('rate_limited', 429, '', '', 3 * FILL_AGAIN_MS));
    show();
    await vi.advanceTimersByTimeAsync(FILL_AGAIN_MS);
    (line.listener as Listener).onState({ kind: 'connecting' });
    welcomed({ deskEpoch: 2, reset, rows: ids.map((conversation) => deskRow({ conversation })) });
    await vi.advanceTimersByTimeAsync(2 * FILL_AGAIN_MS - 1);
    expect(asked()).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked()).toHaveLength(8);
    useInbox().clear();
  });

  it('for some rows keeps no others waiting', async () => {
    api.one.mockImplementation(async (id: string) => {
      if (id <= '4') throw new Problem('internal', 500);
      return answer(id);
    });
    show();
    await vi.advanceTimersByTimeAsync(2 * FILL_AGAIN_MS);
    expect(ids.filter((id) => useInbox().all.get(id)?.complete)).toEqual(['5', '6']);
    expect(asked()).toEqual(['1', '2', '3', '4', '5', '6', '1', '2', '3', '4', '1', '2']);
    useInbox().clear();
  });

  it('is not asked again for what it refuses for good', async () => {
    api.one.mockImplementation(async (id: string) => {
      if (id === '1') throw new Problem('not_found', 404);
      return answer(id);
    });
    show();
    await vi.advanceTimersByTimeAsync(10 * FILL_AGAIN_MS);
    expect(asked()).toEqual(ids);
  });
});

describe('a tab that is open for weeks', () => {
  const take = (frame: object) => (line.listener as Listener).onFrame({ deskUpdate: make('DeskUpdate', { rev: 2, ...frame }) });
  const ids = Array.from({ length: UNLISTED_KEPT + 500 }, (_, n) => `cnv_${n}`);
  const held = () => [...useInbox().all.keys()];

  /** All come, and leave fifty at a time. */
  function pass() {
    take({ rows: [...ids, 'cnv_open'].map((conversation) => deskRow({ conversation })) });
    for (let at = 0; at < ids.length; at += 50) take({ gone: ids.slice(at, at + 50) });
  }

  beforeEach(() => welcomed({ deskEpoch: 1 }));

  it('holds those that left last, and the one that is looked at', async () => {
    api.one.mockResolvedValue({ conversation: { ...told('hello', 0), id: ids[0] } });
    await useInbox().ensure(ids[0]!);
    pass();
    take({ gone: ['cnv_none'] });
    pass();
    // What leaves with a frame is counted with the next one.
    expect(held().length).toBeLessThanOrEqual(UNLISTED_KEPT + 50 + 2);
    expect(held()).toEqual(expect.arrayContaining([ids[0], ids.at(-1), 'cnv_open']));
    expect(row()).toBeUndefined();
  });

  it('holds more while such are shown', async () => {
    api.list.mockResolvedValue({ conversations: [] });
    await useInbox().choose('all', 'resolved');
    pass();
    expect(useInbox().rows).toHaveLength(ids.length);
  });
});
