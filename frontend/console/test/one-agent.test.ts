import { createPinia, getActivePinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Me } from '../src/api/types';
import { mounted } from './form';

const api = vi.hoisted(() => ({ rename: vi.fn() }));
vi.mock('../src/api/routes', () => ({ session: api, agents: {} }));
const { followOtherTabs } = await import('../src/session/one-agent');
const { useSession } = await import('../src/session/store');
const { default: ProfilePage } = await import('../src/settings/ProfilePage.vue');

const KEY = 'bellhop.console.agent';
const reload = vi.fn();
const kept = new Map<string, string>();
let onStorage = (_: { key: string | null; newValue: string | null; }) => {};

beforeEach(() => {
  kept.clear();
  reload.mockReset();
  vi.stubGlobal('location', { reload });
  vi.stubGlobal('window', { addEventListener: (_: string, listener: typeof onStorage) => (onStorage = listener) });
  vi.stubGlobal('localStorage', { setItem: (name: string, value: string) => kept.set(name, value) });
  setActivePinia(createPinia());
});

/** A tab of this agent, or of nobody. */
function tab(id = '') {
  const session = useSession();
  if (id) session.enter({ id } as Me);
  followOtherTabs(session);
  return session;
}

describe('the tabs of one browser', () => {
  it('are told who signs in, and keep that after a sign-out', () => {
    const session = tab('agt_a');
    expect(kept.get(KEY)).toBe('agt_a');
    session.end('signed_out');
    expect(kept.get(KEY)).toBe('agt_a');
    session.enter({ id: 'agt_b' } as Me);
    expect(kept.get(KEY)).toBe('agt_b');
  });

  it('are told nothing anew by whoever only changes their name', () => {
    const session = tab('agt_a');
    kept.set(KEY, 'agt_b');
    session.enter({ id: 'agt_a', name: 'Another' } as Me);
    expect(kept.get(KEY)).toBe('agt_b');
  });

  it('load anew when it is somebody else', () => {
    tab('agt_a');
    onStorage({ key: KEY, newValue: 'agt_b' });
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['the same agent signs in', 'agt_a', KEY, 'agt_a'],
    ['it is forgotten', 'agt_a', KEY, null],
    ['storage is emptied', 'agt_a', null, null],
    ['something else is remembered', 'agt_a', 'bellhop.console.theme', 'agt_b'],
    ['nobody is signed in here', '', KEY, 'agt_b'],
  ])('stay as they are when %s', (_, id, key, newValue) => {
    tab(id);
    onStorage({ key, newValue });
    expect(reload).not.toHaveBeenCalled();
  });

  it('load anew, too, when another agent was renamed than the one who is signed in here', async () => {
    const session = tab('agt_a');
    const page = mounted(ProfilePage, getActivePinia()!);
    api.rename.mockResolvedValueOnce({ me: { id: 'agt_a', name: 'New' } });
    await page.rename();
    expect([session.me?.name, reload.mock.calls.length]).toEqual(['New', 0]);
    api.rename.mockResolvedValueOnce({ me: { id: 'agt_b', name: 'Other' } });
    void page.rename();
    await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
    expect(session.me?.id).toBe('agt_a');
  });

  it('do without it where storage is blocked', () => {
    vi.stubGlobal('localStorage', undefined);
    expect(tab('agt_a').me?.id).toBe('agt_a');
  });
});
