// A console that nobody looks at, with its real socket: it comes back as fast as any, but drives nobody out (CN17).

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { settle, FakeSocket } from '../../shared/test/fake-env';
import type { Me } from '../src/api/types';

vi.mock('../src/api/routes', () => ({ session: { ticket: async () => ({ ticket: `a.${Buffer.from('{"iat":1,"exp":901}').toString('base64url')}.c` }) } }));
const sockets: FakeSocket[] = [];
const page = Object.assign(new EventTarget(), { hidden: true });
const around = new EventTarget();
vi.stubGlobal('document', page);
vi.stubGlobal('window', around);
vi.stubGlobal('location', { href: 'https://chat.example/console/' });
vi.stubGlobal('navigator', { onLine: true });
vi.stubGlobal('WebSocket', class extends FakeSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    sockets.push(this);
  }
});
const { openAgentSocket } = await import('../src/live/agent-socket');
const { useSession } = await import('../src/session/store');

let line: ReturnType<typeof openAgentSocket>;

beforeEach(async () => {
  vi.useFakeTimers();
  sockets.length = 0;
  page.hidden = true;
  setActivePinia(createPinia());
  useSession().enter({ id: 'agt_a' } as Me);
  line = openAgentSocket('/v1/desk/socket', { onOpen() {}, onFrame() {}, onState() {}, onRevoked() {} });
  await settle();
});

afterEach(() => {
  line.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('CN17: one that a newer window has driven out stays so until somebody looks at it', async () => {
  sockets[0]!.end(4503);
  for (const type of ['offline', 'online']) around.dispatchEvent(new Event(type));
  for (const type of ['visibilitychange', 'resume']) page.dispatchEvent(new Event(type));
  await settle();
  expect(sockets).toHaveLength(1);
  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  await settle();
  expect(sockets).toHaveLength(2);
});

it('CN7: after a cut it waits no longer than one that is looked at', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  for (let cuts = 1; cuts <= 12; cuts++) {
    sockets.at(-1)!.end(1006);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sockets.length).toBeGreaterThan(cuts);
  }
});
