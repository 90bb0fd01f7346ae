import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionOptions, Grant } from '../../shared/connection';
import type { Me } from '../src/api/types';

const lines = vi.hoisted(() => ({ options: [] as ConnectionOptions<never>[] }));
vi.mock('../../shared/connection', async (original) => ({
  ...(await original<object>()),
  openConnection: (options: ConnectionOptions<never>) => (lines.options.push(options), { state: { kind: 'idle' }, start() {}, pause() {} }),
}));
vi.mock('../../shared/browser-env', () => ({ browserEnv: {}, watchPage() {} }));
const api = vi.hoisted(() => ({ ticket: vi.fn() }));
vi.mock('../src/api/routes', () => ({ session: api }));
const heard = new EventTarget();
vi.stubGlobal('addEventListener', heard.addEventListener.bind(heard));
const { forgetTicket, openAgentSocket } = await import('../src/live/agent-socket');
const { useSession } = await import('../src/session/store');
const { problemOf } = await import('../src/api/problem');

const reload = vi.fn();
const ticketOf = (claims: object) => `a.${Buffer.from(JSON.stringify({ iat: 1, exp: 901, ...claims })).toString('base64url')}.c`;
const give = (agent: string) => api.ticket.mockResolvedValue({ ticket: ticketOf({ agent }) });
const enter = (id: string) => useSession().enter({ id } as Me);

/** Asks for what opens a socket; undefined for as long as nothing is given. */
function asking(fresh = false): { grant?: Grant; } {
  openAgentSocket('/v1/desk/socket', { onOpen() {}, onFrame() {}, onState() {}, onRevoked() {} });
  const got: { grant?: Grant; } = {};
  void lines.options.at(-1)!.grant(fresh).then((grant) => (got.grant = grant));
  return got;
}
const settled = () => new Promise((done) => setTimeout(done));

afterEach(() => void vi.useRealTimers());

beforeEach(async () => {
  vi.stubGlobal('location', { href: 'https://chat.example/console/', reload });
  reload.mockReset();
  api.ticket.mockReset();
  forgetTicket();
  setActivePinia(createPinia());
});

describe('a ticket', () => {
  it('of the agent who is signed in opens sockets, all of them one', async () => {
    enter('agt_a');
    give('agt_a');
    const one = asking();
    await settled();
    const other = asking();
    await settled();
    expect([one.grant?.ticket, other.grant?.ticket]).toEqual([ticketOf({ agent: 'agt_a' }), ticketOf({ agent: 'agt_a' })]);
    expect(api.ticket).toHaveBeenCalledTimes(1);
    expect(reload).not.toHaveBeenCalled();
  });

  it.each([false, true])('is not young because the clock was set back (fresh: %s)', async (fresh) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    enter('agt_a');
    give('agt_a');
    asking();
    await settled();
    vi.setSystemTime(Date.now() - 3_600_000);
    const back = asking(fresh);
    await settled();
    expect([api.ticket.mock.calls.length, back.grant?.ttlMs]).toEqual([2, 900_000]);
  });

  it.each([['soon', 1_000, 1], ['later', 10_000, 0], ['before, by a clock that was set back', -3_600_000, 0]])('revoked again %s', (_, after, ends) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const onRevoked = vi.fn();
    openAgentSocket('/v1/desk/socket', { onOpen() {}, onFrame() {}, onState() {}, onRevoked });
    const { onState } = lines.options.at(-1)!;
    onState({ kind: 'stopped', code: 4501 });
    vi.setSystemTime(Date.now() + after);
    onState({ kind: 'stopped', code: 4501 });
    expect(onRevoked).toHaveBeenCalledTimes(ends);
  });

  it('of somebody else, who has signed in in another tab, opens none and loads the page anew, once', async () => {
    enter('agt_a');
    give('agt_b');
    const asked = [asking(), asking()];
    await settled();
    asked.push(asking());
    await settled();
    expect(asked).toEqual([{}, {}, {}]);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('is asked for anew by a page that was put away meanwhile', async () => {
    enter('agt_a');
    give('agt_a');
    asking();
    await settled();
    give('agt_b');
    heard.dispatchEvent(new Event('pagehide'));
    const back = asking();
    await settled();
    expect([back, reload.mock.calls.length]).toEqual([{}, 1]);
  });

  it.each([['that does not say whose it is', ticketOf({})], ['that can’t be read', 'opaque']])('%s is taken', async (_, ticket) => {
    enter('agt_a');
    api.ticket.mockResolvedValue({ ticket });
    const one = asking();
    await settled();
    expect([one.grant?.ticket, reload.mock.calls.length]).toEqual([ticket, 0]);
  });

  it('that comes after its agent has signed out is not the next one’s', async () => {
    enter('agt_a');
    let answer = (_: { ticket: string; }) => {};
    api.ticket.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    asking();
    useSession().end('signed_out');
    forgetTicket();
    answer({ ticket: ticketOf({ agent: 'agt_a' }) });
    await settled();
    enter('agt_b');
    give('agt_b');
    const next = asking();
    await settled();
    expect([next.grant?.ticket, reload.mock.calls.length]).toEqual([ticketOf({ agent: 'agt_b' }), 0]);
  });

  it.each([
    ['the session is over', 401, '{"code":"unauthorized"}', 4501, 0],
    ['not from here', 403, '{"code":"origin_refused"}', 4500, 0],
    ['too many', 429, '{"code":"rate_limited","retry_after_ms":5000}', undefined, 5_000],
    ['down', 503, '<html>', undefined, 0],
    // What says so is not the server.
    ['a page', 403, '<html>', undefined, 0],
    ['no document', 401, 'null', undefined, 0],
    ['not ours', 407, '{"error":"no"}', undefined, 0],
  ])('is refused: %s', async (_, status, body, stopCode, retryAfterMs) => {
    api.ticket.mockRejectedValue(await problemOf(new Response(body, { status })));
    openAgentSocket('/v1/desk/socket', { onOpen() {}, onFrame() {}, onState() {}, onRevoked() {} });
    await expect(lines.options.at(-1)!.grant(false)).rejects.toMatchObject({ stopCode, retryAfterMs });
  });
});
