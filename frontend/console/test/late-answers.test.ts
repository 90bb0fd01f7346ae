// Answers that arrive after whoever asked has signed out, and perhaps when somebody else has signed in.

import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../src/api/problem';
import type { Conversation, Me } from '../src/api/types';

/** Each question is answered by hand. */
interface Question { what: string; answer: (with_: unknown) => void; refuse: (error: unknown) => void; }
const questions = vi.hoisted(() => [] as Question[]);
vi.mock('../src/api/routes', () => {
  const ask = (what: string) => (detail?: unknown) => new Promise((answer, refuse) => questions.push({ what: typeof detail === 'string' ? `${what} ${detail}` : what, answer, refuse }));
  return {
    session: {},
    conversations: { list: ask('list'), one: ask('one') },
    routing: { get: ask('routing'), change: ask('change') },
    sites: { list: ask('sites') },
    agents: { list: ask('agents') },
    teams: { list: ask('teams') },
  };
});
const { useHours } = await import('../src/hours/hours-store');
const { useInbox } = await import('../src/live/inbox-store');
const { useSession } = await import('../src/session/store');
const { useSites } = await import('../src/settings/sites-store');
const { useStart } = await import('../src/start/start-store');

const conversation = (id: string): Conversation => ({
  id, site: '', visitor: { id: 'vis_1', name: 'Secret', email: '', verified: false, blocked: false }, status: 'resolved', snoozed_until: null, assignee: null, assignment_epoch: 0,
  created_at: '2026-01-01T00:00:00Z', last_at: '2026-01-01T00:00:00Z', last_text: 'secret', last_sender: 'visitor', unread: 0, head: 1, muted: false,
});
const enter = (id: string) => useSession().enter({ id, role: 'owner' } as Me);
const asked = (what: string) => questions.filter((one) => one.what === what).at(-1)!;
const settled = () => new Promise((done) => setTimeout(done));

/** As the shell does when it is left. */
function otherAgent() {
  useSession().end('signed_out');
  useInbox().clear();
  useStart().clear();
  enter('agt_b');
}

beforeEach(() => {
  questions.length = 0;
  vi.stubGlobal('window', { addEventListener() {} });
  vi.stubGlobal('navigator', { languages: ['en'] });
  setActivePinia(createPinia());
  enter('agt_a');
});

describe('the list does not take', () => {
  it.each([
    ['a page', () => useInbox().choose('all', 'resolved'), 'list', { conversations: [conversation('cnv_7')], next: 'more' }],
    ['a row', () => useInbox().ensure('cnv_7'), 'one cnv_7', { conversation: conversation('cnv_7') }],
  ])('%s', async (_, ask, what, answer) => {
    void ask();
    otherAgent();
    asked(what).answer(answer);
    await settled();
    const { all, next, loading } = useInbox();
    expect([all.size, next, loading]).toEqual([0, null, false]);
  });

  it('a refusal, and asks for no more rows', async () => {
    void useInbox().choose('all', 'resolved');
    asked('list').answer({ conversations: [] });
    const row = (id: string) => ({ id, complete: false }) as never;
    void useInbox().fill(['1', '2', '3', '4', '5'].map(row));
    void useInbox().load();
    otherAgent();
    asked('list').refuse(new Problem('network'));
    for (const { what, refuse } of questions) if (what.startsWith('one')) refuse(new Problem('network'));
    await settled();
    expect([useInbox().problem, questions.some(({ what }) => what === 'one 5')]).toEqual([null, false]);
  });
});

it('the next agent begins with what is open, in its own order', () => {
  const inbox = useInbox();
  void inbox.choose('all', 'resolved');
  inbox.sort = 'waiting';
  otherAgent();
  inbox.forget();
  expect([inbox.view, inbox.status]).toEqual(['mine', 'open']);
  void inbox.choose('all', inbox.status);
  expect(inbox.sort).toBe('newest');
});

describe('the hours', () => {
  const hours = { timezone: 'Asia/Shanghai', weekly: [], exceptions: [] };

  it.each([
    ['asked for', () => useHours().load(), 'routing'],
    ['saved', () => useHours().save({ hours }), 'change'],
  ])('are not another workspace’s that were %s', async (_, ask, what) => {
    void ask();
    otherAgent();
    asked(what).answer({ routing: {}, hours, version: 1, live: false });
    await settled();
    const { hours: now, loaded, live, problem } = useHours();
    expect([now, loaded, live, problem]).toEqual([undefined, false, true, null]);
  });

  it('are as they were saved, whatever an older answer says', async () => {
    const late = useHours().load();
    const saved = useHours().save({ hours });
    asked('change').answer({ routing: {}, hours, version: 2, live: true });
    await saved;
    asked('routing').answer({ routing: {}, hours: null, version: 1, live: true });
    await late;
    expect(useHours().hours).toEqual(hours);
  });
});

describe('the first steps', () => {
  it('are not another workspace’s, and are asked for anew', async () => {
    void useStart().load();
    const before = [...questions];
    otherAgent();
    void useStart().load();
    expect(questions).toHaveLength(2 * before.length);
    for (const { what, answer } of before) answer({ sites: [{ id: 'old' }], agents: [], teams: [], conversations: [], hours: null, live: true, what });
    await settled();
    expect([useStart().isNew, useSites().sites]).toEqual([false, []]);
    for (const { answer } of questions.slice(before.length)) answer({ sites: [{ id: 'new' }], agents: [], teams: [], conversations: [], hours: null, live: true });
    await settled();
    expect([useStart().isNew, useStart().known, useSites().sites]).toEqual([true, true, [{ id: 'new' }]]);
  });
});
