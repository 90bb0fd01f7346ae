import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { get, patch, put, setOutdated } from '../src/api/client';
import { lookForNewer } from '../src/shell/newer';

const page = (entry: string) => `<head><script type="module" crossorigin src="${entry}"></script><link rel="modulepreload" href="/console/assets/shared-1.js"></head>`;
const OLD = '/console/assets/index-OLD.js';
const NEW = '/console/assets/index-NEW.js';

/** What the server answers, for the page and for the rest. */
function serving(answer: () => Response | Promise<Response>, entry: string | null = OLD) {
  const asked = vi.fn((address: string, _: RequestInit) => Promise.resolve(address.startsWith('/api') ? Response.json({ saved: true }) : answer()));
  vi.stubGlobal('fetch', asked);
  vi.stubGlobal('document', { querySelector: () => entry && { getAttribute: () => entry } });
  return asked;
}

const refusal = (promise: Promise<unknown>) => promise.then(() => '', (error: { code: string; }) => error.code);

beforeEach(() => setOutdated(false));
afterEach(() => vi.unstubAllGlobals());

describe('a console that is open over a release', () => {
  it('finds another one, past every cache, and saves nothing whole until it is loaded again', async () => {
    const asked = serving(() => new Response(page(NEW)));
    expect(await lookForNewer()).toBe(true);
    expect(asked.mock.calls[0]?.[1]).toMatchObject({ cache: 'no-store' });
    expect(await refusal(put('/intents/refund', {}))).toBe('console_outdated');
    expect(asked).toHaveBeenCalledTimes(1);
    expect([await get('/me'), await patch('/me', {})]).toEqual([{ saved: true }, { saved: true }]);
  });

  it('saves again where its own release is put back', async () => {
    serving(() => new Response(page(NEW)));
    await lookForNewer();
    serving(() => new Response(page(OLD)));
    expect(await lookForNewer()).toBe(false);
    expect(await put('/intents/refund', {})).toEqual({ saved: true });
  });

  it.each([
    ['no line', () => Promise.reject(new TypeError('no'))],
    ['an error', () => new Response(page(NEW), { status: 503 })],
    ['the page of some proxy', () => new Response('<h1>Sign in</h1>')],
    ['itself', () => new Response(page(OLD))],
  ])('says nothing of %s', async (_, answer) => {
    serving(answer);
    expect(await lookForNewer()).toBe(false);
    expect(await put('/intents/refund', {})).toEqual({ saved: true });
  });

  it('forgets by a failed look nothing that it knows', async () => {
    serving(() => new Response(page(NEW)));
    await lookForNewer();
    serving(() => Promise.reject(new TypeError('no')));
    expect(await lookForNewer()).toBe(false);
    expect(await refusal(put('/intents/refund', {}))).toBe('console_outdated');
  });
});
