import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { get, patch, put, setOutdated } from '../src/api/client';
import { lookForNewer } from '../src/shell/newer';

const page = (entry: string) => `<head><script type="module" crossorigin src="${entry}"></script><link rel="modulepreload" href="/console/assets/shared-1.js"></head>`;
const OLD = '/console/assets/index-OLD.js';
const NEW = '/console/assets/index-NEW.js';

/** What an extension puts into a page before everything else. */
const FOREIGN = 'chrome-extension://abc/inject.js';

/** The first of these module scripts that a selector asks for: by how its address begins, if by anything. */
function found(selector: string, entries: string[]) {
  const [, from = ''] = /^script\[type="module"\]\[src(?:\^="([^"]*)")?\]$/u.exec(selector)!;
  const entry = entries.find((one) => one.startsWith(from));
  return entry === undefined ? null : { getAttribute: () => entry };
}

/** What the server answers, for the page and for the rest; and the scripts of the page that is open. */
function serving(answer: () => Response | Promise<Response>, ...entries: string[]) {
  const asked = vi.fn((address: string, _: RequestInit) => Promise.resolve(address.startsWith('/api') ? Response.json({ saved: true }) : answer()));
  vi.stubGlobal('fetch', asked);
  vi.stubGlobal('document', { querySelector: (selector: string) => found(selector, entries.length ? entries : [OLD]) });
  return asked;
}

const refusal = (promise: Promise<unknown>) => promise.then(() => '', (error: { code: string; }) => error.code);

beforeEach(() => {
  setOutdated(false);
  vi.stubEnv('BASE_URL', '/console/');
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

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

  it.each([
    ['itself', page(OLD), false],
    ['itself, through a proxy with a script of its own', `<script type="module" src="/proxy.js"></script>${page(OLD)}`, false],
    ['another one', page(NEW), true],
  ])('knows itself behind the script of an extension: %s', async (_, served, isNewer) => {
    serving(() => new Response(served), FOREIGN, OLD);
    expect(await lookForNewer()).toBe(isNewer);
  });

  it('says nothing where no script of its own is open', async () => {
    serving(() => new Response(page(NEW)), FOREIGN);
    expect(await lookForNewer()).toBe(false);
  });

  it('forgets by a failed look nothing that it knows', async () => {
    serving(() => new Response(page(NEW)));
    await lookForNewer();
    serving(() => Promise.reject(new TypeError('no')));
    expect(await lookForNewer()).toBe(false);
    expect(await refusal(put('/intents/refund', {}))).toBe('console_outdated');
  });
});
