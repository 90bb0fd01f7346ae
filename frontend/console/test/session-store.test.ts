import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../src/api/problem';
import type { Me } from '../src/api/types';

const api = vi.hoisted(() => ({ logout: vi.fn(), logoutEverywhere: vi.fn(), me: vi.fn() }));
vi.mock('../src/api/routes', () => ({ session: api }));
const { useSession } = await import('../src/session/store');

function signedIn() {
  const session = useSession();
  session.enter({ id: 'agt_a' } as Me);
  return session;
}

beforeEach(() => setActivePinia(createPinia()));

describe('whoever signs out', () => {
  it('is told so, though a socket says first that the session has ended', async () => {
    const session = signedIn();
    api.logoutEverywhere.mockImplementationOnce(async () => session.end('expired'));
    await session.logoutEverywhere();
    expect([session.me, session.endReason]).toEqual([null, 'signed_out_everywhere']);
  });

  it('is still here if that fails, and the next end is what it is', async () => {
    const session = signedIn();
    api.logout.mockRejectedValueOnce(new Problem('network'));
    await expect(session.logout()).rejects.toThrow();
    expect(session.me).not.toBe(null);
    session.end('expired');
    expect(session.endReason).toBe('expired');
  });
});

describe('what is known of an agent', () => {
  it('is looked at again; a failure, and what was changed here meanwhile, leave it', async () => {
    const session = signedIn();
    api.me.mockResolvedValueOnce({ me: { id: 'agt_a', role: 'admin' } });
    await session.look();
    expect(session.me?.role).toBe('admin');
    api.me.mockRejectedValueOnce(new Problem('network'));
    await session.look();
    expect(session.me?.role).toBe('admin');
    api.me.mockImplementationOnce(async () => {
      session.enter({ id: 'agt_a', name: 'renamed' } as Me);
      return { me: { id: 'agt_a', name: 'old' } };
    });
    await session.look();
    expect(session.me?.name).toBe('renamed');
    api.me.mockResolvedValueOnce({ me: { id: 'agt_b' } });
    await session.look();
    expect(session.me?.id).toBe('agt_a');
  });
});
