import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openSession } from '../session.ts';
import type { Kept } from '../session.ts';
import { openStore } from '../storage.ts';

/** A disk like `localStorage`: its items are its own keys. */
function disk(): Storage {
  const methods = {
    getItem(this: Record<string, string>, key: string) {
      return Object.hasOwn(this, key) ? this[key]! : null;
    },
    setItem(this: Record<string, string>, key: string, value: string) {
      this[key] = value;
    },
    removeItem(this: Record<string, string>, key: string) {
      delete this[key];
    },
  };
  return Object.create(methods) as Storage;
}

type Reply = [status: number, body: object];
let shelf: Storage;
let asked: { site: string; token?: string; identity?: string }[];
let proof: string | undefined;
let reply: (token?: string) => Reply | Promise<Reply>;
let made: number;

const answer = (token?: string): Reply => {
  const conversation = token?.replace('token-', '') ?? 'cnv_' + ++made;
  return [200, { token: 'token-' + conversation, ticket: 't' + asked.length, conversation, site: { name: 'Shop' } }];
};
/** As the launcher does it. */
const forget = (session: ReturnType<typeof open>) => {
  shelf.setItem('bellhop.site_x', '');
  session.forgotten();
};
/** Whoever was proven has keys of their own. */
const open = (who = '') =>
  openSession({ store: openStore('bellhop.site_x' + who, () => shelf), base: openStore('bellhop.site_x', () => shelf), proof: () => proof, origin: 'https://chat.example', site: 'site_x', changed: () => {} });
const kept = (who = '') => JSON.parse(shelf.getItem('bellhop.site_x' + who) || 'null') as Kept | null;

beforeEach(() => {
  vi.useFakeTimers();
  shelf = disk();
  asked = [];
  made = 0;
  proof = undefined;
  reply = answer;
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('fetch', async (url: string, { body }: { body: string }) => {
    expect(url).toBe('https://chat.example/v1/session');
    const { site, token, identity } = JSON.parse(body) as { site: string; token?: string; identity?: string };
    asked.push({ site, ...(token && { token }), ...(identity !== undefined && { identity }) });
    const [status, json] = await reply(token);
    return { ok: status < 300, status, json: async () => json };
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settled = async <T>(promise: Promise<T>): Promise<T> => {
  const done = promise.then((value) => ({ value }), (error: unknown) => ({ error }));
  await vi.advanceTimersByTimeAsync(1_000);
  const result = await done;
  if ('error' in result) throw result.error;
  return result.value;
};

describe('SE2: asked at once, given when there is something to say', () => {
  test('nothing is granted before the first message', async () => {
    const session = open();
    let granted = false;
    void session.grant(false).then(() => (granted = true));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toEqual([{ site: 'site_x' }]);
    expect(kept()).toMatchObject({ conversation: 'cnv_1', site: { name: 'Shop' } });
    expect(granted).toBe(false);
    session.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(granted).toBe(true);
    expect(kept()?.started).toBe(true);
  });

  test('a message that waits gets its ticket at once', async () => {
    expect(await settled(open().grant(true))).toMatchObject({ url: 'wss://chat.example/v1/rooms/cnv_1/socket', ticket: 't1' });
    expect(kept()?.started).toBe(true);
  });

  test('a ticket that grew old while nobody wrote is not used', async () => {
    const session = open();
    const grant = session.grant(false);
    await vi.advanceTimersByTimeAsync(11 * 60_000);
    session.start();
    expect((await settled(grant)).ticket).toBe('t2');
    expect(asked[1]).toEqual({ site: 'site_x', token: 'token-cnv_1' });
  });
});

describe('SE1: one session', () => {
  const both = async (locks?: object) => {
    vi.stubGlobal('navigator', locks ? { locks } : {});
    const grants = await settled(Promise.all([open().grant(true), open().grant(true)]));
    return new Set(grants.map((one) => one.url)).size;
  };

  test('with locks the second window asks after the first', async () => {
    let last: Promise<unknown> = Promise.resolve();
    expect(await both({ request: (_: string, run: () => Promise<unknown>) => (last = last.then(run)) })).toBe(1);
    expect(asked).toEqual([{ site: 'site_x' }, { site: 'site_x', token: 'token-cnv_1' }]);
  });

  test('without locks the window that stored first wins', async () => {
    expect(await both()).toBe(1);
  });

  test.each([[100, 20], [20, 100], [60, 60]])('without locks, answers after %i and %i ms', async (...delays) => {
    reply = async (token) => {
      await new Promise((resolve) => setTimeout(resolve, delays[asked.length - 1] ?? 0));
      return answer(token);
    };
    expect(await both()).toBe(1);
  });

  test('a failure inside the lock is no reason to do without it', async () => {
    reply = () => [503, { code: 'schema_behind', retry_after_ms: 700 }];
    vi.stubGlobal('navigator', { locks: { request: (_: string, run: () => Promise<unknown>) => run() } });
    await expect(settled(open().grant(true))).rejects.toEqual({ stopCode: undefined, retryAfterMs: 700 });
    expect(asked).toHaveLength(1);
  });
});

describe('refusals', () => {
  test.each<[number, object, object]>([
    [429, { code: 'rate_limited', retry_after_ms: 5_000 }, { retryAfterMs: 5_000 }],
    [503, { code: 'schema_behind' }, {}],
    [502, {}, {}],
    [403, { code: 'visitor_blocked' }, { stopCode: 4504 }],
    [403, { code: 'origin_refused' }, { stopCode: 4500 }],
    [404, { code: 'not_found' }, { stopCode: 4500 }],
    [401, { code: 'unauthorized' }, { stopCode: 4500 }],
  ])('%i %j', async (status, problem, expected) => {
    reply = () => [status, problem];
    await expect(settled(open().grant(true))).rejects.toEqual({ stopCode: undefined, retryAfterMs: undefined, ...expected });
    expect(kept()).toBeNull();
  });

  test('SE3: a token that is refused is dropped, and a new visitor begins', async () => {
    shelf.setItem('bellhop.site_x', JSON.stringify({ token: 'token-old', conversation: 'old', started: true }));
    reply = (token) => (token ? [401, { code: 'unauthorized' }] : answer());
    expect((await settled(open().grant(true))).url).toContain('cnv_1');
    expect(asked).toEqual([{ site: 'site_x', token: 'token-old' }, { site: 'site_x' }]);
  });

  test.each([[''], [undefined], [null], [false]])('SE3: the token %j of a guest is none', async (given) => {
    proof = given as never;
    await settled(open().grant(true));
    expect(asked).toEqual([{ site: 'site_x' }]);
  });

  test('SE3: a token that is no text is told as one, and the visitor stays', async () => {
    shelf.setItem('bellhop.site_x', JSON.stringify({ token: 'token-old', conversation: 'old', started: true }));
    proof = Promise.resolve() as never;
    // As the server has it: a body that it can't read is 400.
    reply = () => (typeof asked.at(-1)?.identity === 'string' ? [403, { code: 'identity_refused' }] : [400, { code: 'bad_request' }]);
    await expect(settled(open().grant(true))).rejects.toMatchObject({ stopCode: 4500 });
    expect(asked).toEqual([{ site: 'site_x', token: 'token-old', identity: '[object Promise]' }]);
    expect(kept()?.token).toBe('token-old');
  });

  test('a token stays when the server is only busy', async () => {
    shelf.setItem('bellhop.site_x', JSON.stringify({ token: 'token-old', conversation: 'old', started: true }));
    reply = () => [429, {}];
    await expect(settled(open().grant(true))).rejects.toBeDefined();
    expect(kept()?.token).toBe('token-old');
  });
});

describe('SE6: what is no answer changes nothing, and is asked again', () => {
  test.each<[string, number, () => Promise<unknown>]>([
    ['a page', 200, async () => JSON.parse('<h1>You are offline</h1>')],
    ['half a body', 200, () => Promise.reject(new TypeError('network error'))],
    ['JSON of somebody else', 200, async () => ({ ok: true })],
    ['nothing', 200, async () => null],
    ['a page that refuses', 403, async () => JSON.parse('<h1>Are you human?</h1>')],
  ])('%s with %i', async (_, status, json) => {
    const before = JSON.stringify({ token: 'token-old', conversation: 'old', started: true });
    shelf.setItem('bellhop.site_x', before);
    const session = open();
    vi.stubGlobal('fetch', async () => ({ ok: status < 300, status, json }));
    const refusal = await settled(session.grant(true)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Object);
    expect((refusal as { stopCode?: number }).stopCode).toBeUndefined();
    expect((refusal as { url?: string }).url).toBeUndefined();
    expect(shelf.getItem('bellhop.site_x')).toBe(before);
  });
});

describe('forgetting', () => {
  test('an answer that comes after the visitor was forgotten brings nobody back', async () => {
    const session = open();
    reply = async (token) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return answer(token);
    };
    const grant = settled(session.grant(true));
    forget(session);
    await expect(grant).rejects.toEqual({});
    expect(kept()).toBeNull();
  });

  test('a visitor who was forgotten by another window meanwhile is not stored again', async () => {
    shelf.setItem('bellhop.site_x', JSON.stringify({ token: 'token-old', conversation: 'old', started: true }));
    reply = (token) => {
      if (asked.length === 1) shelf.removeItem('bellhop.site_x');
      return answer(token);
    };
    await settled(open().grant(true));
    expect(kept()?.conversation).toBe('cnv_1');
  });
});

describe('SE5: storage that is cleared under an open page forgets nobody', () => {
  const clear = () => Object.keys(shelf).forEach((key) => shelf.removeItem(key));

  test.each([
    ['a ticket', (session: ReturnType<typeof open>) => settled(session.grant(false))],
    ['a message', (session: ReturnType<typeof open>) => session.start()],
  ])('%s stores it again', async (_, use) => {
    const session = open();
    await settled(session.grant(true));
    const before = kept();
    clear();
    await use(session);
    expect(session.kept()).toEqual(before);
    expect(kept()).toEqual(before);
    expect(made).toBe(1);
  });

  test('what another window stored after it wins', async () => {
    const session = open();
    await settled(session.grant(true));
    clear();
    await settled(open().grant(true));
    expect((await settled(session.grant(true))).url).toContain('cnv_2');
  });

  test.each([
    ['here', forget],
    ['in another window', (session: ReturnType<typeof open>) => (clear(), session.forgotten())],
  ])('who was forgotten %s is not stored again', async (_, lose) => {
    const session = open();
    await settled(session.grant(true));
    lose(session);
    session.start();
    expect(kept()).toBeNull();
    expect((await settled(session.grant(true))).url).toContain('cnv_2');
  });
});

test('SE5: who was forgotten while this window was frozen is not brought back by it, though nobody has told it yet', async () => {
  const [frozen, other] = [open(), open()];
  await settled(frozen.grant(true));
  await settled(other.grant(true));
  forget(other);
  frozen.start();
  expect(kept()).toBeNull();
  expect((await settled(frozen.grant(true))).url).toContain('cnv_2');
  expect(kept()?.conversation).toBe('cnv_2');
});

test('SE3, SE5: a token that was refused is not stored again while the server is busy', async () => {
  const session = open();
  await settled(session.grant(true));
  reply = (token) => (token === undefined ? [429, {}] : [401, { code: 'unauthorized' }]);
  for (let time = 0; time < 2; time++) await expect(settled(session.grant(true))).rejects.toBeDefined();
  expect(asked.map(({ token }) => token)).toEqual([undefined, expect.any(String), undefined, undefined]);
  expect(kept()).toBeNull();
});

test('what stands in the storage may be anything', async () => {
  reply = (token) => (token === undefined ? answer() : [400, { code: 'bad_request' }]);
  for (const text of ['', 'null', '{', '[]', '"x"', '7', '{"token":7}']) {
    shelf.setItem('bellhop.site_x', text);
    expect((await settled(open().grant(true))).url, text).toContain('wss://chat.example/v1/rooms/');
  }
});

describe('SE4: whoever is proven first goes on with what nobody in particular wrote', () => {
  test('the conversation goes along, with what was not sent yet', async () => {
    await settled(open().grant(true));
    shelf.setItem('bellhop.site_x.out.c1', '{"text":"hello"}');
    proof = 'ada';
    await settled(open('.me.ada').grant(true));
    expect(asked[1]).toEqual({ site: 'site_x', token: 'token-cnv_1', identity: 'ada' });
    expect(kept('.me.ada')).toMatchObject({ conversation: 'cnv_1', started: true });
    expect(kept()).toBeNull();
    expect(Object.keys(shelf)).toEqual(['bellhop.site_x', 'bellhop.site_x.me.ada.out.c1', 'bellhop.site_x.me.ada']);
  });

  test('and who has a conversation here keeps to it', async () => {
    proof = 'ada';
    await settled(open('.me.ada').grant(true));
    proof = undefined;
    await settled(open().grant(true));
    shelf.setItem('bellhop.site_x.out.c1', '{"text":"hello"}');
    proof = 'ada';
    await settled(open('.me.ada').grant(true));
    expect(asked[2]).toMatchObject({ token: 'token-cnv_1' });
    expect([kept()?.conversation, kept('.me.ada')?.conversation]).toEqual(['cnv_2', 'cnv_1']);
    expect(shelf.getItem('bellhop.site_x.out.c1')).not.toBeNull();
  });

  test('who was forgotten here gets nothing of what nobody in particular wrote since', async () => {
    shelf.setItem('bellhop.site_x.me.ada', '');
    await settled(open().grant(true));
    proof = 'ada';
    await settled(open('.me.ada').grant(true));
    expect(asked[1]).toEqual({ site: 'site_x', identity: 'ada' });
    expect([kept()?.conversation, kept('.me.ada')?.conversation]).toEqual(['cnv_1', 'cnv_2']);
  });

  test('where the server gives another conversation, nothing goes along', async () => {
    await settled(open().grant(true));
    shelf.setItem('bellhop.site_x.out.c1', '{"text":"hello"}');
    proof = 'ada';
    reply = () => [200, { token: 'token-cnv_9', ticket: 't', conversation: 'cnv_9', site: {} }];
    await settled(open('.me.ada').grant(true));
    expect(kept('.me.ada')?.conversation).toBe('cnv_9');
    expect(kept()?.conversation).toBe('cnv_1');
    expect(Object.keys(shelf)).toContain('bellhop.site_x.out.c1');
  });
});
