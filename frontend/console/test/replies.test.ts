// What becomes of a reply while its conversation is claimed: it goes as it was written, once, wherever its agent looks meanwhile.

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRenderer, nextTick, shallowReactive, ssrContextKey } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { blank, codec, fieldsOf } from '../../shared/wire/codec';
import { FULL_TABLE } from '../../shared/wire/table';
import { SenderKind, Status } from '../../shared/wire/types';
import type { AgentFrame, ClientFrame, DeskRow, Messages } from '../../shared/wire/types';

interface Line {
  path: string;
  listener: { onState: (state: unknown) => void; onFrame: (frame: Partial<AgentFrame>) => void };
  sent: Partial<ClientFrame>[];
  closed: boolean;
}

const lines = vi.hoisted(() => [] as Line[]);
vi.mock('../src/live/agent-socket', () => ({
  CLOSED: {},
  openAgentSocket(path: string, listener: Line['listener']) {
    const line: Line = { path, listener, sent: [], closed: false };
    lines.push(line);
    const connection = { send: (frame: Partial<ClientFrame>) => line.sent.push(frame) > 0, check() {}, restart() {} };
    return { connection, close: () => (line.closed = true) };
  },
}));
vi.mock('../src/conversation/use-suggestions', () => ({ useSuggestions: () => ({}), goesAtOnce: () => false }));

const { default: MessageComposer } = await import('../src/conversation/MessageComposer.vue');
const { useActions } = await import('../src/conversation/use-actions');
const { useConversation } = await import('../src/conversation/use-conversation');
const { useDrafts } = await import('../src/conversation/drafts');
const { CLAIM_AGAIN_MS, useReplies } = await import('../src/conversation/replies-store');
const { makeI18n } = await import('../src/i18n');
const { useDesk } = await import('../src/live/desk-store');
const { useRooms } = await import('../src/live/rooms-store');
const { forgetUnsent, keepUnsent, recallOwed } = await import('../src/live/unsent');
const { useSession } = await import('../src/session/store');

const { shape } = codec(FULL_TABLE);
const make = <N extends keyof Messages>(name: N, given: object) => ({ ...blank(fieldsOf(shape, name)), ...given }) as unknown as Messages[N];
const agent = (id: string, name: string) => make('Participant', { kind: SenderKind.AGENT, id, name });
const [me, tom] = [agent('agt_me', 'Me'), agent('agt_tom', 'Tom')];
const row = (given: Partial<DeskRow>) => make('DeskRow', { conversation: 'cnv_1', rev: 1, status: Status.OPEN, ...given });

const roomLines = (id = 'cnv_1') => lines.filter(({ path }) => path.includes(id));
const sentReplies = () => roomLines().flatMap(({ sent }) => sent).flatMap(({ send }) => (send ? [send.text] : []));
const deskLine = () => lines.findLast(({ path }) => path.includes('desk'))!;
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await nextTick();
};

function shelf(): Storage {
  const held = new Map<string, string>();
  const methods: Record<string, unknown> = {
    getItem: (name: string) => held.get(name) ?? null,
    setItem: (name: string, value: string) => held.set(name, value),
    removeItem: (name: string) => held.delete(name),
  };
  return new Proxy(methods, { ownKeys: () => [...held.keys()], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) }) as unknown as Storage;
}

afterEach(() => void vi.useRealTimers());

beforeEach(() => {
  lines.length = 0;
  vi.stubGlobal('sessionStorage', shelf());
  vi.stubGlobal('localStorage', shelf());
  vi.stubGlobal('window', { addEventListener() {}, removeEventListener() {}, matchMedia: () => ({ matches: false }) });
  vi.stubGlobal('history', { state: { byKeys: true } });
  vi.stubGlobal('document', { activeElement: null });
  setActivePinia(createPinia());
  useSession().enter({ id: me.id, name: me.name } as never);
  useDesk().open();
});

function listed(...rows: DeskRow[]) {
  deskLine().listener.onState({ kind: 'live' });
  deskLine().listener.onFrame({ deskWelcome: make('DeskWelcome', { deskEpoch: 1, rev: 1, reset: true, rows }) });
}

function welcomed(status: Status) {
  const { listener } = roomLines().at(-1)!;
  listener.onState({ kind: 'live' });
  listener.onFrame({ welcome: make('Welcome', { logEpoch: 1, you: me, head: 0, state: make('ConversationState', { status }) }) });
}

const node = () => ({ focus() {}, setSelectionRange() {} });
const { createApp } = createRenderer<object, object>({
  createElement: node, createText: node, createComment: node, insert() {}, remove() {}, setText() {}, setElementText() {},
  parentNode: () => null, nextSibling: () => null, patchProp() {},
});

interface Composer {
  text: { value: string };
  lostTo: { value: string };
  choose(kind: 'reply' | 'note'): void;
  submit(): Promise<void>;
  sendAnyway(): void;
  keepAsNote(): void;
}

/** The conversation on the screen, with a composer whose set-up is real and whose page is not. */
function opened(status = Status.OPEN) {
  listed(row({ status }));
  useRooms().show('cnv_1');
  welcomed(status);
  return composing();
}

function composing() {
  let composer!: Composer;
  const app = createApp({
    setup() {
      const facts = useConversation('cnv_1');
      const setup = (MessageComposer as unknown as { setup(props: object, context: object): Composer }).setup;
      composer = setup(shallowReactive({ facts, actions: useActions(facts) }), { emit() {}, expose() {}, attrs: {}, slots: {} });
      return () => null;
    },
  });
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: { render: () => null } }] });
  app.provide(ssrContextKey, {}).use(makeI18n('en')).use(router).mount(node());
  return { composer, leave: () => app.unmount() };
}

const claimId = () => deskLine().sent.find(({ claim }) => claim)!.claim!.clientId;
const won = () => deskLine().listener.onFrame({ assigned: make('Assigned', { clientId: claimId(), conversation: 'cnv_1', assignee: me, assignmentEpoch: 1 }) });
const lost = () => deskLine().listener.onFrame({ error: make('Error', { clientId: claimId(), code: 'already_assigned', holder: tom }) });

describe('a reply that claims', () => {
  it('goes as it was, not the note that is begun meanwhile', async () => {
    const { composer } = opened();
    composer.text.value = 'Hello dear visitor';
    void composer.submit();
    composer.choose('note');
    composer.text.value = 'PRIVATE: a fraud';
    won();
    await settled();
    expect(sentReplies()).toEqual(['Hello dear visitor']);
    expect(composer.text.value).toBe('PRIVATE: a fraud');
    composer.choose('reply');
    expect(composer.text.value).toBe('');
  });

  it('leaves what was written behind it', async () => {
    const { composer } = opened();
    composer.text.value = 'Hello';
    void composer.submit();
    composer.text.value = 'Hello\nand one more';
    won();
    await settled();
    expect(sentReplies()).toEqual(['Hello']);
    expect(composer.text.value).toBe('and one more');
  });

  it.each([['open', Status.OPEN], ['the bot’s', Status.PENDING]])('goes though its agent looks at something else: %s', async (_, status) => {
    const { composer, leave } = opened(status);
    composer.text.value = 'Hello';
    void composer.submit();
    leave();
    useRooms().show('');
    await settled();
    won();
    await settled();
    if (roomLines().at(-1)!.closed) throw new Error('the Room was closed');
    expect(sentReplies()).toEqual(['Hello']);
    expect(useDrafts().get('cnv_1', 'reply')).toBe('');
  });

  it('is not sent twice by who has come back to it', async () => {
    const { composer, leave } = opened();
    composer.text.value = 'Hello';
    void composer.submit();
    leave();
    const again = composing();
    void again.composer.submit();
    won();
    await settled();
    expect(sentReplies()).toEqual(['Hello']);
    expect(again.composer.text.value).toBe('');
  });

  it('stays a draft where the session ends', async () => {
    const { composer } = opened();
    composer.text.value = 'Hello';
    void composer.submit();
    useRooms().closeAll();
    won();
    await settled();
    expect([sentReplies(), useDrafts().get('cnv_1', 'reply')]).toEqual([[], 'Hello']);
  });
});

describe('a reply whose conversation could not be claimed', () => {
  const claims = () => lines.flatMap(({ sent }) => sent).flatMap(({ claim }) => (claim ? [claim.conversation] : []));
  const refuse = (code: string, given = {}) => deskLine().listener.onFrame({ error: make('Error', { clientId: deskLine().sent.findLast(({ claim }) => claim)!.claim!.clientId, code, ...given }) });

  /** The Desk is away, the agent answers all the same and looks at something else. */
  async function answered() {
    const { composer, leave } = opened();
    deskLine().listener.onState({ kind: 'waiting', until: 0 });
    composer.text.value = 'Hello';
    await composer.submit();
    expect(sentReplies()).toEqual(['Hello']);
    leave();
    useRooms().show('');
    await settled();
    expect(claims()).toEqual([]);
  }

  it('takes it once the Desk is back, wherever its agent looks', async () => {
    await answered();
    listed(row({}));
    await settled();
    expect(claims()).toEqual(['cnv_1']);
    won();
    await settled();
    expect(recallOwed()).toEqual([]);
  });

  it('takes it after a reload too, as soon as the Room is there', async () => {
    await answered();
    setActivePinia(createPinia());
    useSession().enter({ id: me.id, name: me.name } as never);
    useReplies();
    useDesk().open();
    useRooms().sync();
    listed(row({}));
    await settled();
    expect(claims()).toEqual([]);
    welcomed(Status.OPEN);
    await settled();
    expect(claims()).toEqual(['cnv_1']);
  });

  it.each([['has it', row({ assignee: tom }), 0], ['has got it meanwhile', row({}), 1]])('leaves it where another agent %s', async (_, now, count) => {
    await answered();
    listed(now);
    await settled();
    if (count) refuse('already_assigned', { holder: tom });
    await settled();
    expect([claims().length, recallOwed()]).toEqual([count, []]);
  });

  it('takes it after a pause where the claim failed by itself, or came before the reply had opened it again', async () => {
    vi.useFakeTimers();
    const { composer, leave } = opened();
    composer.text.value = 'Hello';
    void composer.submit();
    await vi.advanceTimersByTimeAsync(12_000);
    expect(sentReplies()).toEqual(['Hello']);
    leave();
    await vi.advanceTimersByTimeAsync(CLAIM_AGAIN_MS - 1);
    expect(claims()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(claims()).toHaveLength(2);
    refuse('rate_limited', { retryable: true, retryAfterMs: 20_000 });
    await vi.advanceTimersByTimeAsync(19_999);
    expect(claims()).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    refuse('conflict');
    await vi.advanceTimersByTimeAsync(CLAIM_AGAIN_MS);
    expect(claims()).toHaveLength(4);
    refuse('conflict');
    await vi.advanceTimersByTimeAsync(60_000);
    expect([claims().length, recallOwed()]).toEqual([4, []]);
  });

  it.each([['is kept for its agent when the session ends', () => {}, ['cnv_1']], ['is forgotten with what they wrote', forgetUnsent, []]])('%s', async (_, forget, expected) => {
    await answered();
    useReplies().clear();
    forget();
    listed(row({}));
    await settled();
    expect([claims(), recallOwed()]).toEqual([expected, expected]);
  });
});

describe('a reply that has lost its claim', () => {
  async function beaten() {
    const { composer } = opened();
    composer.text.value = 'Hello dear visitor';
    void composer.submit();
    lost();
    await settled();
    expect([composer.lostTo.value, sentReplies()]).toEqual(['Tom', []]);
    return composer;
  }

  it('is what goes all the same, though a note was begun', async () => {
    const composer = await beaten();
    composer.choose('note');
    composer.text.value = 'PRIVATE: a fraud';
    composer.sendAnyway();
    composer.sendAnyway();
    await settled();
    expect(sentReplies()).toEqual(['Hello dear visitor']);
    expect([composer.lostTo.value, composer.text.value]).toEqual(['', 'PRIVATE: a fraud']);
  });

  it.each([['before', []], ['after', [row({ assignee: tom, assignmentEpoch: 1 })]]])('goes by no key while the notice stands: %s the news', async (_, news) => {
    const composer = await beaten();
    if (news.length) listed(...news);
    await settled();
    void composer.submit();
    await settled();
    expect([sentReplies(), composer.lostTo.value]).toEqual([[], 'Tom']);
  });

  it('leaves the notice where there is nothing to send any more', async () => {
    const composer = await beaten();
    composer.text.value = '';
    composer.sendAnyway();
    expect([composer.lostTo.value, sentReplies()]).toEqual(['', []]);
  });

  it.each([
    ['Tom has it, and somebody else after him', [['Tom', tom, 1], ['Ann', agent('agt_ann', 'Ann'), 2]]],
    ['nobody had it before Tom, and he gives it back', [['Tom', undefined, 0], ['Tom', tom, 1], ['', undefined, 2]]],
    ['Tom has given it back before anything is heard of him', [['', undefined, 2]]],
    ['it is this agent’s own', [['Tom', tom, 1], ['', me, 2]]],
  ] as [string, [string, typeof me | undefined, number][]][])('says who has it, as long as another does: %s', async (_, news) => {
    const composer = await beaten();
    for (const [name, assignee, assignmentEpoch] of news) {
      listed(row({ assignee, assignmentEpoch }));
      await settled();
      expect(composer.lostTo.value).toBe(name);
    }
    expect([sentReplies(), composer.text.value]).toEqual([[], 'Hello dear visitor']);
  });

  it('is no more lost than written where the field was emptied meanwhile', async () => {
    const { composer } = opened();
    composer.text.value = 'Hello dear visitor';
    void composer.submit();
    composer.text.value = '';
    lost();
    await settled();
    composer.text.value = 'Another word';
    await settled();
    expect(composer.lostTo.value).toBe('');
  });

  it('is let be by who empties the field, and claims again where nobody is known to have it', async () => {
    const composer = await beaten();
    composer.text.value = '';
    await settled();
    composer.text.value = 'Another word';
    expect(composer.lostTo.value).toBe('');
    void composer.submit();
    await settled();
    expect([sentReplies(), deskLine().sent.filter(({ claim }) => claim).length]).toEqual([[], 2]);
  });

  it.each([['', 'Hello dear visitor'], ['Look:', 'Look:\nHello dear visitor']])('becomes a note behind %j', async (begun, whole) => {
    const composer = await beaten();
    composer.choose('note');
    composer.text.value = begun;
    composer.keepAsNote();
    expect([composer.lostTo.value, composer.text.value, useDrafts().get('cnv_1', 'reply')]).toEqual(['', whole, '']);
  });

  it('is told to who has come back to it', async () => {
    const { composer, leave } = opened();
    composer.text.value = 'Hello';
    void composer.submit();
    leave();
    lost();
    await settled();
    expect(composing().composer.lostTo.value).toBe('Tom');
    useReplies().clear();
  });
});

describe('what is unsent', () => {
  it('goes after a reload, whatever conversation is open', () => {
    keepUnsent('cnv_9', [{ clientId: 'c1', text: 'waits', at: 1 }], []);
    listed(row({ conversation: 'cnv_9', assignee: tom }), row({}));
    useRooms().sync();
    expect(roomLines('cnv_9')).toHaveLength(1);
    useRooms().show('cnv_1');
    expect(roomLines('cnv_9')[0]!.closed).toBe(false);
  });

  it('is told of when it was refused for good', () => {
    opened();
    const told: string[] = [];
    useRooms().whenFailed(({ conversation }) => told.push(conversation));
    useRooms().rooms.get('cnv_1')!.sendMessage('Hello');
    const { clientId } = roomLines()[0]!.sent.find(({ send }) => send)!.send!;
    roomLines()[0]!.listener.onFrame({ error: make('Error', { clientId, code: 'too_large' }) });
    expect(told).toEqual(['cnv_1']);
  });
});
