// Whatever stands in an id, a request goes to the one address that is meant: `..%2f` in a link leads nowhere else.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { useSession } from '../src/session/store';

vi.mock('vue-router', async (original) => {
  const all = await original<typeof import('vue-router')>();
  return { ...all, createWebHistory: all.createMemoryHistory };
});
const routes = await import('../src/api/routes');
const { makeRouter } = await import('../src/router');

const HOSTILE = ['..%2f..%2fops', '../../../ops/v1/health', '..', '.', '%2e%2e', '..\\..\\me', 'x/../../me', 'x?y=1', 'x#y', '//evil.example', 'https://evil.example/', '\n..\t'];
const SAFE = 'x1';
type Call = (id: string) => Promise<unknown>;

/** Where a call goes once the browser has read the address; null where nothing is asked. */
async function goesTo(call: Call, id: string): Promise<string[] | null> {
  const asked = vi.fn(async () => new Response('{}'));
  vi.stubGlobal('fetch', asked);
  await (async () => call(id))().catch(() => undefined);
  expect(asked.mock.calls.length).toBeLessThan(2);
  const [address] = (asked.mock.calls as unknown[][])[0] ?? [];
  if (address === undefined) return null;
  const url = new URL(String(address), 'https://chat.example/console/inbox/all');
  expect(url.origin).toBe('https://chat.example');
  return url.pathname.split('/');
}

afterEach(() => vi.unstubAllGlobals());

const named = Object.entries(routes).flatMap(([group, calls]) => Object.entries(calls).map(([name, call]) => [`${group}.${name}`, call as unknown as Call] as const));

describe('an id that is none', () => {
  it('asks nothing of the API but its own address, by any route', async () => {
    let withId = 0;
    for (const [name, call] of named) {
      const good = await goesTo(call, SAFE);
      const place = good?.indexOf(SAFE) ?? -1;
      if (!good || place < 0) continue;
      withId++;
      for (const id of HOSTILE) {
        const path = await goesTo(call, id);
        if (path === null) continue;
        expect(path.with(place, SAFE), `${name} of ${id}`).toEqual(good);
      }
    }
    // Those that name an id in their address; a new one is tried as well.
    expect(withId).toBe(26);
  });

  it('is asked nothing about where a dot or two would be another place', async () => {
    for (const id of ['.', '..']) expect(await goesTo(routes.conversations.one as Call, id)).toBe(null);
  });

  it('is no address of the console', () => {
    const router = makeRouter({} as ReturnType<typeof useSession>);
    expect(router.resolve('/inbox/all/cnv_0a').name).toBe('inbox');
    for (const id of ['..%2f..%2fme', 'cnv_0a..%2f..%2fme', 'cnv_0a%2f..', '%2e%2e', 'cnv_0a%00', 'cnv_%2e%2e']) {
      expect(router.resolve(`/inbox/all/${id}`).name, id).not.toBe('inbox');
      expect(router.resolve(`/inbox/team_a${id}`).name, id).not.toBe('inbox');
    }
  });
});
