import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { reactive } from 'vue';
import { SenderKind, Status } from '../../shared/wire/types';
import { Problem } from '../src/api/problem';
import type { Conversation } from '../src/api/types';
import { rowOfConversation } from '../src/live/rows';
import type { InboxRow } from '../src/live/rows';

const api = vi.hoisted(() => ({ list: vi.fn() }));
vi.mock('../src/api/routes', () => ({ conversations: api }));
const inbox = reactive({ all: new Map<string, InboxRow>() });
vi.mock('../src/live/inbox-store', () => ({ useInbox: () => inbox }));
const session = reactive<{ me: { id: string; } | null; }>({ me: { id: 'agt_me' } });
vi.mock('../src/session/store', () => ({ useSession: () => session }));
const { useTagged } = await import('../src/inbox/tagged-store');

const conversation = (id: string, at: number, given: Partial<Conversation> = {}): Conversation => ({
  id, site: '', visitor: { id: `vis_${id}`, name: id, email: '', verified: false, blocked: false }, status: 'resolved', snoozed_until: null, assignee: null, assignment_epoch: 0,
  created_at: new Date(at).toISOString(), last_at: new Date(at).toISOString(), last_text: 'hi', last_sender: 'visitor', unread: 0, head: 1, muted: false, ...given,
});
const live = (id: string, at: number, given: Partial<InboxRow> = {}): InboxRow => ({ ...rowOfConversation(conversation(id, at, { status: 'open' })), ...given });
const answers = (next: string | null, ...conversations: Conversation[]) => api.list.mockResolvedValueOnce({ conversations, next });
const ids = () => useTagged().rows.map(({ id }) => id);
const settled = () => vi.waitFor(() => expect(useTagged().loading).toBe(false));

beforeEach(() => {
  setActivePinia(createPinia());
  api.list.mockReset();
  inbox.all = new Map();
  session.me = { id: 'agt_me' };
});

describe('conversations with a tag', () => {
  it('come in pages of any view and status', async () => {
    answers('more', conversation('b', 2_000), conversation('a', 1_000));
    useTagged().choose('tag_1');
    await settled();
    expect(api.list).toHaveBeenLastCalledWith({ tag: 'tag_1', before: undefined, limit: 50 });
    answers(null, conversation('c', 500), conversation('a', 1_000));
    await useTagged().loadMore();
    expect(api.list).toHaveBeenLastCalledWith({ tag: 'tag_1', before: 'more', limit: 50 });
    expect([ids(), useTagged().next]).toEqual([['b', 'a', 'c'], null]);
    await useTagged().loadMore();
    expect(api.list).toHaveBeenCalledTimes(2);
    answers(null, conversation('c', 500));
    await useTagged().load();
    expect(ids(), 'from the beginning').toEqual(['c']);
  });

  it('are as they are now, the newest first', async () => {
    answers(null, conversation('b', 2_000), conversation('a', 1_000, { unread: 2 }));
    useTagged().choose('tag_1');
    await settled();
    inbox.all = new Map([['a', live('a', 3_000, { unread: 5 })], ['x', live('x', 9_000)]]);
    expect(useTagged().rows.map(({ id, status, unread }) => [id, status, unread])).toEqual([['a', Status.OPEN, 5], ['b', Status.RESOLVED, 0]]);
    // The Desk has forgotten what was said last.
    inbox.all = new Map([['a', live('a', 0, { complete: false, lastAt: 0, preview: '', previewSender: SenderKind.SENDER_UNKNOWN, unread: 0 })]]);
    expect(useTagged().rows[1]).toMatchObject({ id: 'a', status: Status.OPEN, preview: 'hi', unread: 2, lastAt: 1_000 });
  });

  it('come and go with what is done here, of this tag alone', async () => {
    answers(null, conversation('a', 1_000));
    useTagged().choose('tag_1');
    await settled();
    inbox.all = new Map([['b', live('b', 2_000)]]);
    useTagged().heard('b', 'tag_2', true);
    useTagged().heard('a', 'tag_2', false);
    expect(ids()).toEqual(['a']);
    useTagged().heard('b', 'tag_1', true);
    useTagged().heard('unknown', 'tag_1', true);
    expect(ids()).toEqual(['b', 'a']);
    useTagged().heard('a', 'tag_1', false);
    expect(ids()).toEqual(['b']);
  });

  it('stay where one has scrolled to when the first page comes anew', async () => {
    answers('more', conversation('d', 4_000), conversation('c', 3_000));
    useTagged().choose('tag_1');
    await settled();
    answers('end', conversation('b', 2_000), conversation('a', 1_000));
    await useTagged().loadMore();
    answers('more', conversation('e', 5_000), conversation('d', 4_000));
    await useTagged().load();
    expect([ids(), useTagged().next], 'c may have lost the tag or stand behind').toEqual([['e', 'd', 'c', 'b', 'a'], 'end']);
    answers('more', conversation('e', 5_000), conversation('b', 2_000));
    await useTagged().load();
    expect(ids(), 'those in between have lost it').toEqual(['e', 'b', 'a']);
  });

  it('are as they were made here, though the API does not know it yet', async () => {
    answers(null, conversation('a', 1_000));
    useTagged().choose('tag_1');
    await settled();
    inbox.all = new Map([['b', live('b', 2_000)]]);
    answers(null, conversation('a', 1_000));
    const late = useTagged().load();
    useTagged().heard('b', 'tag_1', true);
    useTagged().heard('a', 'tag_1', false);
    await late;
    expect(ids()).toEqual(['b']);
    answers(null, conversation('a', 1_000));
    await useTagged().load();
    expect(ids(), 'the next answer counts').toEqual(['a']);
  });

  it('are those of the tag that was chosen last, whatever comes late', async () => {
    let arrive = (_: unknown) => {};
    api.list.mockReturnValueOnce(new Promise((resolve) => (arrive = resolve)));
    useTagged().choose('tag_1');
    answers(null, conversation('b', 1));
    useTagged().choose('tag_2');
    await settled();
    arrive({ conversations: [conversation('a', 1)], next: 'x' });
    await Promise.resolve();
    expect([ids(), useTagged().next]).toEqual([['b'], null]);
    useTagged().choose('');
    expect([ids(), useTagged().answered]).toEqual([[], false]);
    expect(api.list).toHaveBeenCalledTimes(2);
  });

  it('are asked for again after a refusal, and forgotten with the session', async () => {
    api.list.mockRejectedValueOnce(new Problem('network'));
    useTagged().choose('tag_1');
    await settled();
    expect(useTagged().problem?.code).toBe('network');
    answers('more', conversation('b', 2));
    await useTagged().load();
    expect([useTagged().problem, ids()]).toEqual([null, ['b']]);
    api.list.mockRejectedValueOnce(new Problem('network'));
    await useTagged().loadMore();
    answers(null, conversation('a', 1));
    await useTagged().retry();
    expect([api.list.mock.lastCall?.[0].before, useTagged().problem, ids()], 'where it has failed').toEqual(['more', null, ['b', 'a']]);
    session.me = null;
    expect([useTagged().tag, ids()]).toEqual(['', []]);
  });
});
