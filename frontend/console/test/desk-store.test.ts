import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { blank, codec, fieldsOf } from '../../shared/wire/codec';
import { FULL_TABLE } from '../../shared/wire/table';
import { Availability, SenderKind } from '../../shared/wire/types';
import type { AgentFrame, ClientFrame, DeskRow, Init, Messages } from '../../shared/wire/types';

type Listener = Parameters<typeof import('../src/live/agent-socket').openAgentSocket>[1];

const line = vi.hoisted(() => ({ listener: undefined as unknown, sent: [] as unknown[] }));
vi.mock('../src/live/agent-socket', () => ({
  forgetTicket() {},
  openAgentSocket(_path: string, listener: unknown) {
    line.listener = listener;
    return { connection: { send: (frame: unknown) => line.sent.push(frame) > 0 }, close() {} };
  },
}));

const { useDesk } = await import('../src/live/desk-store');
const { useSession } = await import('../src/session/store');
const { shape } = codec(FULL_TABLE);
const make = <N extends keyof Messages>(name: N, given: Partial<Messages[N]>) => ({ ...blank(fieldsOf(shape, name)), ...given }) as unknown as Messages[N];
const me = { kind: SenderKind.AGENT, id: 'agt_me', name: 'Me', picture: '' };
const row = (rev: number, given: Partial<DeskRow>) => make('DeskRow', { conversation: 'cnv_1', rev, hasPreview: true, ...given });
const present = (availability: Availability) => [{ id: 'agt_me', name: 'Me', availability, picture: '' }];
const ringing = row(1, { assignee: me, assignmentEpoch: 7, ringUntil: 60_000 });
const waiting = row(2, { assignmentEpoch: 8 });

const sent = () => line.sent as Init<ClientFrame>[];
const hear = (frame: AgentFrame) => (line.listener as Listener).onFrame(frame);
const welcome = (rows: DeskRow[], now = 0) =>
  hear({ deskWelcome: make('DeskWelcome', { deskEpoch: 1, rev: 1, reset: true, rows, agents: present(Availability.ONLINE), now }) });
const update = (rows: DeskRow[], availability?: Availability) =>
  hear({ deskUpdate: make('DeskUpdate', { rev: 2, rows, agents: availability ? present(availability) : [] }) });

/** What the browser keeps, and hears of from its other windows. */
const kept = new Map<string, string>();
let onStorage = () => {};

/** With its first word every line says how this agent is, if not online. */
const hellos: unknown[] = [];

/** A line that has come up. */
function live() {
  const listener = line.listener as Listener;
  listener.onOpen();
  hellos.push(sent().pop()?.deskHello?.availability);
  listener.onState({ kind: 'live' });
}

function open() {
  const desk = useDesk();
  desk.open();
  live();
  return desk;
}

/** A page that has just been loaded. */
function begin() {
  line.sent.length = hellos.length = 0;
  setActivePinia(createPinia());
  useSession().enter({ id: 'agt_me', name: 'Me', email: '', role: 'agent', workspace: { id: 'ws_1', name: '' } });
}

beforeEach(() => {
  kept.clear();
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
  vi.stubGlobal('window', { addEventListener: (_: string, listener: () => void) => (onStorage = listener), removeEventListener() {} });
  begin();
});

describe('the Desk’s store', () => {
  it('answers a probe at once, and only that', () => {
    open();
    hear({ probe: { id: 12 } });
    expect(sent()).toEqual([{ probeAnswer: { probe: 12, available: true } }]);
  });

  it('knows how far the server’s clock is ahead', () => {
    vi.useFakeTimers({ now: 1_000 });
    const desk = open();
    welcome([], 4_500);
    expect(desk.clockAhead).toBe(3_500);
    vi.useRealTimers();
  });

  it('shows what rings from the push on, and from the list', () => {
    const desk = open();
    welcome([row(1, {})]);
    hear({ assigned: make('Assigned', { conversation: 'cnv_1', assignee: me, assignmentEpoch: 7, ringUntil: 60_000 }) });
    expect(desk.rings).toEqual([{ conversation: 'cnv_1', assignmentEpoch: 7, ringUntil: 60_000 }]);
    update([ringing]);
    expect(desk.rings).toHaveLength(1);
    update([waiting]);
    expect(desk.rings).toEqual([]);
  });

  it('says what somebody else gives to this agent, once, before the list does or after; not what rings, was theirs or was asked for here', () => {
    const desk = open();
    const given: string[] = [];
    const end = desk.whenGiven((conversation) => given.push(`${conversation} of ${desk.rows.find((one) => one.conversation === conversation)?.assignee?.id}`));
    welcome([row(1, {}), row(1, { conversation: 'cnv_2', assignee: me, assignmentEpoch: 7 })]);
    const assigned = (conversation: string, more = {}) => hear({ assigned: make('Assigned', { conversation, assignee: me, assignmentEpoch: 8, ...more }) });
    assigned('cnv_1', { ringUntil: 60_000, assignmentEpoch: 7 });
    assigned('cnv_1', { clientId: 'mine' });
    assigned('cnv_2');
    expect(given).toEqual([]);
    update([row(2, { assignmentEpoch: 9 })]);
    assigned('cnv_1', { assignee: { ...me, id: 'agt_other' }, assignmentEpoch: 10 });
    expect(given).toEqual([]);
    assigned('cnv_1', { assignmentEpoch: 11 });
    assigned('cnv_1', { assignmentEpoch: 11 });
    expect(given).toEqual(['cnv_1 of agt_me']);
    end();
    assigned('cnv_3');
    expect(given).toHaveLength(1);
  });

  it.each(['accept', 'decline'] as const)('%ss by the assignment that is meant, and hears what became of it', async (name) => {
    const desk = open();
    welcome([ringing]);
    const answered = desk[name](desk.rings[0]!);
    const [frame] = sent();
    expect(frame).toEqual({ [name]: { clientId: expect.any(String), conversation: 'cnv_1', assignmentEpoch: 7 } });
    const clientId = frame![name]!.clientId!;
    hear({ assigned: make('Assigned', { clientId, conversation: 'cnv_1', ...(name === 'accept' ? { assignee: me } : {}), assignmentEpoch: 8 }) });
    await expect(answered).resolves.toMatchObject({ assignmentEpoch: 8 });
    expect(desk.rings).toEqual([]);
    const refused = desk[name]({ conversation: 'cnv_1', assignmentEpoch: 7, ringUntil: 60_000 });
    hear({ error: make('Error', { code: 'stale_assignment', clientId: sent()[1]![name]!.clientId! }) });
    await expect(refused).rejects.toMatchObject({ code: 'stale_assignment', transient: false });
  });
});

describe('an agent who appears offline', () => {
  const OFFLINE = Availability.OFFLINE;

  it('does so in every window and after a reload, until they choose otherwise', () => {
    const desk = open();
    desk.setAvailability(OFFLINE);
    expect([desk.availability, desk.idle, desk.missed]).toEqual([OFFLINE, false, false]);
    for (const is of [true, false]) desk.setIdle(is);
    expect(desk.availability).toBe(OFFLINE);
    expect(sent()).toEqual([{ setAvailability: { availability: OFFLINE, idle: false } }]);
    begin();
    const again = open();
    expect(again.availability).toBe(OFFLINE);
    expect([hellos, sent()]).toEqual([[{ availability: OFFLINE, idle: false }], []]);
    again.setAvailability(Availability.ONLINE);
    expect(kept.has('bellhop.console.away')).toBe(false);
    kept.set('bellhop.console.away', 'agt_me invisible');
    onStorage();
    expect(again.availability).toBe(OFFLINE);
  });
});

/** What the Desk is told of this socket alone. */
const is = (idle: boolean) => ({ setAvailability: { idle } });

describe('an agent who is idle', () => {
  const ONLINE = Availability.ONLINE;
  const AWAY = Availability.AWAY;

  it('is away until they are back, in every window and after a reload', () => {
    const desk = open();
    desk.setIdle(true);
    desk.setIdle(true);
    expect([desk.availability, desk.idle, desk.missed]).toEqual([AWAY, true, false]);
    expect(sent()).toEqual([is(true)]);
    begin();
    const again = open();
    expect([again.availability, again.idle]).toEqual([AWAY, true]);
    again.setIdle(false);
    again.setIdle(false);
    expect([again.availability, again.idle]).toEqual([ONLINE, false]);
    expect([hellos, sent()]).toEqual([[{ availability: ONLINE, idle: true }], [is(false)]]);
  });

  it('follows a window that somebody has touched', () => {
    const desk = open();
    desk.setIdle(true);
    kept.delete('bellhop.console.away');
    onStorage();
    expect([desk.availability, desk.idle]).toEqual([ONLINE, false]);
  });

  it.each([
    ['chose to be away', (desk: ReturnType<typeof open>) => desk.setAvailability(AWAY), false],
    ['did so in another window, which this one has yet to hear of', () => kept.set('bellhop.console.away', 'agt_me'), false],
    ['let it ring', () => (welcome([ringing]), update([waiting], AWAY)), true],
    ['let it ring in another window', () => kept.set('bellhop.console.away', 'agt_me missed'), true],
  ])('is not one who %s: they stay away when they are back', (_, leave, missed) => {
    const desk = open();
    leave(desk);
    for (const is of [true, false]) {
      desk.setIdle(is);
      expect([desk.availability, desk.idle, desk.missed]).toEqual([AWAY, false, missed]);
    }
  });

  it('chooses for themselves: away from the menu outlasts the next input', () => {
    const desk = open();
    desk.setIdle(true);
    desk.setAvailability(AWAY);
    desk.setIdle(false);
    expect([desk.availability, desk.idle]).toEqual([AWAY, false]);
  });

  it('is idle without a storage, too', () => {
    vi.stubGlobal('localStorage', undefined);
    const desk = open();
    desk.setIdle(true);
    expect(desk.idle).toBe(true);
    desk.setIdle(false);
    expect(desk.availability).toBe(ONLINE);
  });
});

describe('an agent who lets it ring', () => {
  it('is away when the Desk says so', () => {
    const desk = open();
    welcome([ringing]);
    update([waiting], Availability.AWAY);
    expect([desk.availability, desk.missed]).toEqual([Availability.AWAY, true]);
    expect(sent()).toEqual([]);
    desk.setAvailability(Availability.ONLINE);
    expect([desk.availability, desk.missed]).toEqual([Availability.ONLINE, false]);
    expect(sent()).toEqual([{ setAvailability: { availability: Availability.ONLINE, idle: false } }]);
    // Said before the Desk had heard of that.
    update([], Availability.AWAY);
    expect(desk.availability).toBe(Availability.ONLINE);
  });

  it('stays away, and knows why, after a reload and in another window', () => {
    open();
    welcome([ringing]);
    update([waiting], Availability.AWAY);
    begin();
    const again = open();
    expect([again.availability, again.missed]).toEqual([Availability.AWAY, true]);
    // The Desk forgets it with the socket.
    expect(hellos).toEqual([{ availability: Availability.AWAY, idle: false }]);
    kept.delete('bellhop.console.away');
    onStorage();
    expect([again.availability, again.missed]).toEqual([Availability.ONLINE, false]);
  });

  it.each([
    ['only let it ring', () => update([waiting]), Availability.ONLINE],
    ['took it, and is away', () => update([row(2, { assignee: me, assignmentEpoch: 8 })], Availability.AWAY), Availability.AWAY],
    ['let it ring long before', () => (update([waiting]), update([], Availability.AWAY)), Availability.AWAY],
  ])('is not one who %s', (_, tell, is) => {
    const desk = open();
    welcome([ringing]);
    tell();
    expect([desk.availability, desk.missed]).toEqual([is, false]);
  });

  it('is not one who chose to be away meanwhile', () => {
    const desk = open();
    welcome([ringing]);
    desk.setAvailability(Availability.AWAY);
    update([waiting], Availability.AWAY);
    expect([desk.availability, desk.missed]).toEqual([Availability.AWAY, false]);
  });
});

describe('what the Desk says of an agent', () => {
  const ONLINE = Availability.ONLINE;
  const AWAY = Availability.AWAY;
  const OFFLINE = Availability.OFFLINE;
  const chosen = () => kept.get('bellhop.console.away');

  it('is shown, whatever was chosen here: another device has the last word', () => {
    const desk = open();
    welcome([]);
    update([], AWAY);
    expect([desk.availability, desk.missed, desk.idle, chosen()]).toEqual([AWAY, false, false, undefined]);
    update([], OFFLINE);
    expect([desk.availability, chosen()]).toEqual([OFFLINE, 'agt_me invisible']);
    update([], AWAY);
    expect([desk.availability, chosen()]).toEqual([AWAY, 'agt_me']);
    update([], ONLINE);
    expect([desk.availability, chosen()]).toEqual([ONLINE, undefined]);
    expect(sent()).toEqual([]);
  });

  it('is known from the welcome on, and while there is no line what was chosen counts', () => {
    const desk = open();
    hear({ deskWelcome: make('DeskWelcome', { deskEpoch: 1, rev: 1, reset: true, agents: present(AWAY) }) });
    expect(desk.availability).toBe(AWAY);
    (line.listener as Listener).onState({ kind: 'connecting' });
    expect(desk.availability).toBe(ONLINE);
  });

  it('counts again when it has not taken what it was told', () => {
    vi.useFakeTimers();
    const desk = open();
    welcome([]);
    desk.setAvailability(AWAY);
    vi.advanceTimersByTime(4_000);
    expect(desk.availability).toBe(AWAY);
    vi.advanceTimersByTime(2_000);
    // Shown, and not taken for another's choice: it may be late, or this browser has slept.
    expect([desk.availability, chosen()]).toEqual([ONLINE, 'agt_me']);
    update([], ONLINE);
    expect([desk.availability, chosen()]).toEqual([ONLINE, 'agt_me']);
    update([], AWAY);
    expect([desk.availability, chosen()]).toEqual([AWAY, 'agt_me']);
    update([], ONLINE);
    expect([desk.availability, chosen()]).toEqual([ONLINE, undefined]);
    vi.useRealTimers();
  });

  it('is no answer to a choice where the frame is about others', () => {
    const desk = open();
    welcome([]);
    desk.setAvailability(AWAY);
    update([], AWAY);
    desk.setAvailability(ONLINE);
    desk.setAvailability(AWAY);
    update([waiting]);
    // What was told in between.
    update([], ONLINE);
    expect([desk.availability, chosen()]).toEqual([AWAY, 'agt_me']);
  });

  it('is told a choice that was made without a line when there is one', () => {
    kept.set('bellhop.console.away', 'agt_me');
    const desk = open();
    (line.listener as Listener).onState({ kind: 'waiting', until: 0 });
    desk.setAvailability(ONLINE);
    expect(sent()).toEqual([]);
    live();
    expect(sent()).toEqual([{ setAvailability: { availability: ONLINE, idle: false } }]);
  });

  it('stands while this browser is idle, and when it is touched again: being here turns no switch', () => {
    const desk = open();
    welcome([]);
    desk.setIdle(true);
    update([], AWAY);
    expect([desk.availability, desk.idle]).toEqual([AWAY, true]);
    // Somebody is at another device.
    update([], ONLINE);
    expect([desk.availability, desk.idle]).toEqual([ONLINE, false]);
    // They choose there.
    for (const [word, kept] of [[AWAY, undefined], [OFFLINE, 'agt_me invisible']] as const) {
      update([], word);
      desk.setIdle(false);
      expect([desk.availability, desk.idle, chosen()]).toEqual([word, false, kept]);
      update([], ONLINE);
      desk.setIdle(true);
    }
    expect(sent()).toEqual([true, false, true, false, true].map(is));
  });

  it('is told after a cut, with the first word, that nobody is here', () => {
    const desk = open();
    welcome([]);
    desk.setIdle(true);
    (line.listener as Listener).onState({ kind: 'connecting' });
    expect([desk.availability, desk.idle]).toEqual([AWAY, true]);
    live();
    expect([hellos, sent()]).toEqual([[undefined, { availability: ONLINE, idle: true }], [is(true)]]);
  });

  it('stands from the welcome on, though this browser remembers otherwise', () => {
    kept.set('bellhop.console.away', 'agt_me');
    const desk = open();
    welcome([]);
    expect([desk.availability, chosen(), sent()]).toEqual([ONLINE, undefined, []]);
  });

  it('is told again what a line that had died may not have brought it', () => {
    const desk = open();
    welcome([]);
    desk.setAvailability(AWAY);
    (line.listener as Listener).onState({ kind: 'connecting' });
    live();
    expect(sent()).toEqual([AWAY, AWAY].map((availability) => ({ setAvailability: { availability, idle: false } })));
  });

  it('is told of a choice made without a line, though nobody is here any more', () => {
    const desk = open();
    welcome([]);
    desk.setAvailability(AWAY);
    update([], AWAY);
    (line.listener as Listener).onState({ kind: 'connecting' });
    desk.setAvailability(ONLINE);
    desk.setIdle(true);
    line.sent.length = 0;
    live();
    expect(sent()).toEqual([{ setAvailability: { availability: ONLINE, idle: true } }]);
  });

  it('does not keep who is idle away when it was slow to hear of that', () => {
    vi.useFakeTimers();
    const desk = open();
    welcome([]);
    desk.setIdle(true);
    vi.advanceTimersByTime(6_000);
    update([], AWAY);
    expect([desk.availability, desk.idle]).toEqual([AWAY, true]);
    desk.setIdle(false);
    expect(sent().at(-1)).toEqual(is(false));
    vi.useRealTimers();
  });

  it('keeps who is away elsewhere from becoming idle here, and so from coming back with a touch', () => {
    const desk = open();
    welcome([]);
    update([], AWAY);
    for (const is of [true, false]) desk.setIdle(is);
    expect([desk.availability, sent()]).toEqual([AWAY, []]);
  });
});
