import { beforeEach, describe, expect, test } from 'vitest';
import { FakeEnv, settle } from '../../shared/test/fake-env.ts';
import type { FakeSocket } from '../../shared/test/fake-env.ts';
import { AGENT, ModelRoom } from '../../shared/test/model-room.ts';
import { codec } from '../../shared/wire/codec.ts';
import { FULL_TABLE } from '../../shared/wire/table.ts';
import type { AgentFrame, ClientFrame } from '../../shared/wire/types.ts';
import { ADOPT_AFTER_MS, openConversation } from '../conversation.ts';
import type { Conversation } from '../conversation.ts';
import type { Session } from '../session.ts';
import { openStore } from '../storage.ts';

const wire = codec(FULL_TABLE);
const SITE = 'bellhop.site_x';

/** What the windows of one browser share: the storage, which tells the others of each change. */
class Browser {
  items: Record<string, string> = Object.create({
    getItem: (key: string) => this.items[key] ?? null,
    setItem: (key: string, value: string) => this.#change(key, value),
    removeItem: (key: string) => this.#change(key, null),
  }) as Record<string, string>;
  windows: Window[] = [];
  /** Whose code runs: it hears nothing of its own changes. */
  at: Window | undefined;

  #change(key: string, value: string | null): void {
    if ((this.items[key] ?? null) === value) return;
    if (value === null) delete this.items[key];
    else this.items[key] = value;
    const { at } = this;
    for (const window of this.windows) if (window !== at) window.heard.push([key.slice(SITE.length), value]);
  }

  unsent(): string[] {
    return Object.keys(this.items).filter((key) => key.includes('.out.'));
  }
}

/** One window: a conversation, its clock, and the line to the Room. */
class Window {
  readonly env = new FakeEnv();
  network = true;
  heard: [string, string | null][] = [];
  readonly arrived: string[] = [];
  chat: Conversation;
  token: string;
  /** Where it is. */
  context = { pageUrl: 'https://shop.example/', pageTitle: 'A page', locale: 'en' };
  /** What is said instead of a ticket. */
  refusal: object | undefined;
  /** The session is to be had, and is not over. */
  known = true;
  over = false;
  #answers: AgentFrame[] = [];
  #taken = 0;

  constructor(readonly browser: Browser, readonly room: ModelRoom, token = 'token') {
    this.token = token;
    browser.windows.push(this);
    const store = openStore(SITE, () => browser.items as unknown as Storage);
    const { open } = this.env;
    this.env.open = (url, protocols) => {
      const socket = open(url, protocols);
      queueMicrotask(() => this.run(() => (this.network ? this.#opened(socket) : socket.end(1006))));
      return socket;
    };
    const kept = () => (this.known ? { token: this.token, conversation: this.token, started: true } : undefined);
    const grant = async () => {
      if (this.refusal) throw this.refusal;
      return { url: 'wss://x', ticket: 't', ttlMs: 600_000 };
    };
    const session = { kept, start() {}, forgotten: () => void (this.over = true), grant } as unknown as Session;
    const make = () =>
      openConversation({ env: this.env, store, session, context: () => this.context, changed() {}, arrived: ({ text }) => this.arrived.push(text!), heard() {}, failed() {}, forgotten });
    // As the launcher does it.
    const forgotten = () => {
      this.chat.destroy();
      this.chat = make();
      this.chat.resume();
    };
    this.chat = this.run(make);
  }

  run<T>(what: () => T): T {
    const { at } = this.browser;
    this.browser.at = this;
    try {
      return what();
    } finally {
      this.browser.at = at;
    }
  }

  async pass(ms: number): Promise<void> {
    this.browser.at = this;
    await this.env.pass(ms);
    this.browser.at = undefined;
  }

  #opened(socket: FakeSocket): void {
    this.#answers = [];
    this.#taken = 0;
    socket.open();
  }

  /** Connects, or tries again at once. */
  async open(): Promise<void> {
    this.network = true;
    this.run(() => {
      this.chat.connection.start();
      this.chat.connection.check();
    });
    await this.pass(0);
  }

  cut(): void {
    this.network = false;
    this.run(() => this.env.sockets.at(-1)?.end(1006));
  }

  get up(): boolean {
    const socket = this.env.sockets.at(-1);
    return socket?.onmessage != null && socket.sent.length > 0;
  }

  /** One frame reaches the Room, or one of its answers comes back. */
  step(): boolean {
    if (!this.up) return false;
    const bytes = this.env.socket.sent.filter((one) => typeof one !== 'string')[this.#taken] as Uint8Array | undefined;
    if (bytes) {
      this.#taken++;
      const frame = wire.decode('ClientFrame', bytes);
      const before = this.room.log.length;
      this.#answers.push(...this.room.answer(frame as ClientFrame));
      for (const message of this.room.log.slice(before)) for (const other of this.browser.windows) if (other !== this) other.told(message);
    }
    const answer = this.#answers.shift();
    if (answer) this.run(() => this.env.socket.give(wire.encode('AgentFrame', answer).buffer));
    return !!(bytes || answer);
  }

  told(message: ModelRoom['log'][number]): void {
    if (this.up && this.chat.log.welcomed) this.#answers.push(wire.decode('AgentFrame', wire.encode('AgentFrame', { message })));
  }

  /** What this line has carried to the Room. */
  get frames(): ClientFrame[] {
    return this.env.socket.sent.filter((one) => typeof one !== 'string').map((bytes) => wire.decode('ClientFrame', bytes as Uint8Array));
  }

  /** Hears what other windows changed. */
  hear(): void {
    for (const [name, value] of this.heard.splice(0)) this.run(() => this.chat.stored(name, value));
  }

  get texts(): string[] {
    return this.chat.log.run.entries.map((one) => one.text!);
  }
}

let browser: Browser;
let room: ModelRoom;

beforeEach(() => {
  browser = new Browser();
  room = new ModelRoom();
});

const work = async (...windows: Window[]): Promise<void> => {
  await settle();
  for (let i = 0; i < 500 && windows.map((one) => one.step()).some(Boolean); i++) await settle();
  windows.forEach((one) => one.hear());
};

describe('one window', () => {
  test('CO1: stored before it is sent, gone when the log has it', async () => {
    const window = new Window(browser, room);
    window.run(() => window.chat.write('one'));
    expect(browser.unsent()).toHaveLength(1);
    await window.open();
    await work(window);
    expect([room.log.map((one) => one.text), browser.unsent(), window.texts]).toEqual([['one'], [], ['one']]);
  });

  test('CO1, INV-2: what a button said is stored with its choice, and sent so by whoever sends it', async () => {
    const window = new Window(browser, room);
    window.run(() => window.chat.write('A refund', 'refund'));
    browser.windows = [];
    const later = new Window(browser, room);
    await later.open();
    await settle();
    const clientId = browser.unsent()[0]!.split('.out.')[1];
    await work(later);
    const sends = later.env.socket.sent.map((bytes) => wire.decode('ClientFrame', bytes as Uint8Array)).flatMap(({ send }) => send ?? []);
    expect(sends).toEqual([{ clientId, text: 'A refund', choice: 'refund' }]);
    expect([room.log.map((one) => one.text), browser.unsent()]).toEqual([['A refund'], []]);
  });

  test('the chat is ended on a line, and not later when there is none', async () => {
    const window = new Window(browser, room);
    const frames = () => window.env.socket.sent.filter((one) => typeof one !== 'string').map((bytes) => wire.decode('ClientFrame', bytes as Uint8Array));
    window.run(() => window.chat.write('one'));
    await window.open();
    await work(window);
    expect(window.chat.leave()).toBe(true);
    expect(frames().at(-1)?.leave?.clientId).toMatch(/^[0-9a-v]{20}$/);
    window.cut();
    expect(window.chat.leave()).toBe(false);
    await window.open();
    await work(window);
    expect(frames().some((frame) => frame.leave)).toBe(false);
  });

  test('what is known of the visitor is said before the first message, and whatever it is made of', async () => {
    const window = new Window(browser, room);
    window.run(() => {
      window.chat.identify({ name: 7 as never, attributes: { plan: 9, seats: 0, paid: false, since: null, left: undefined } as never });
      window.chat.write('one');
    });
    await window.open();
    const said = window.env.socket.sent.map((bytes) => wire.decode('ClientFrame', bytes as Uint8Array));
    expect(said.map((one) => Object.keys(one)[0])).toEqual(['hello', 'identify']);
    expect(said[0]?.hello?.context?.pageTitle).toBe('A page');
    expect(said[1]?.identify).toEqual({ name: '7', email: '', attributes: new Map(Object.entries({ plan: '9', seats: '0', paid: 'false', since: '', left: '' })) });
  });

  test('what the page says while the welcome is on its way goes out as well', async () => {
    const window = new Window(browser, room);
    await window.open();
    window.run(() => window.chat.identify({ name: 'Ada' }));
    expect(window.frames.map((one) => Object.keys(one)[0])).toEqual(['hello', 'identify']);
    await work(window);
    expect([window.frames[1]?.identify?.name, window.chat.connection.state.kind]).toEqual(['Ada', 'live']);
  });

  test('a page that gives too much is cut to what the Room keeps, and what is written arrives', async () => {
    const window = new Window(browser, room);
    const much = '😀'.repeat(50_000);
    const attributes = Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => ['n' + (99_999 - i), i < 8_000 ? '' : much]));
    window.run(() => {
      window.chat.identify({ name: much, email: much, attributes: { avatar: much, ...attributes } });
      window.chat.write('one');
    });
    await window.open();
    await work(window);
    expect(window.env.socket.sent.map((one) => one.length).filter((length) => length >= 65_536)).toEqual([]);
    const { name, attributes: kept } = window.frames[1]!.identify!;
    expect([name, kept.get('avatar'), [...kept.keys()][1]]).toEqual(['😀'.repeat(250), '😀'.repeat(250), 'n91000']);
    expect(room.log.map((one) => one.text)).toEqual(['one']);
  });

  test('CO4: where the visitor is, and the language, is said anew before the next message, and nothing is lost or doubled by it', async () => {
    const window = new Window(browser, room);
    const said = () => window.frames.flatMap(({ hello, send }) => hello?.context?.pageUrl ?? send?.text ?? []);
    window.run(() => window.chat.write('one'));
    await window.open();
    await work(window);
    window.context = { ...window.context, pageTitle: '(1) A page' };
    window.run(() => window.chat.write('two'));
    await work(window);
    room.append('from agent', AGENT);
    window.context = { ...window.context, pageUrl: 'https://shop.example/cart' };
    window.run(() => window.chat.write('three'));
    expect(said()).toEqual(['https://shop.example/', 'one', 'two', 'https://shop.example/cart', 'three']);
    await work(window);
    expect([window.texts, window.arrived, browser.unsent()]).toEqual([['one', 'two', 'from agent', 'three'], ['from agent'], []]);
    window.context = { ...window.context, locale: 'zh-CN' };
    window.run(() => window.chat._greet());
    window.run(() => window.chat._greet());
    await work(window);
    expect(window.frames.flatMap(({ hello }) => hello?.context?.locale ?? [])).toEqual(['en', 'en', 'zh-CN']);
    expect([window.texts, room.log.length]).toEqual([['one', 'two', 'from agent', 'three'], 4]);
  });

  test('a fresh token brings back a chat that stopped for the old one; anything else that stopped it stands', async () => {
    const window = new Window(browser, room);
    window.refusal = { stopCode: 4500 };
    window.run(() => window.chat.write('one'));
    await window.pass(0);
    expect(window.chat.connection.state).toEqual({ kind: 'stopped', code: 4500 });
    window.refusal = undefined;
    // More of the visitor comes with the token that was refused.
    window.run(() => window.chat.identify({ token: 'old', name: 'Ada' }));
    await window.pass(0);
    expect(window.chat.connection.state.kind).toBe('stopped');
    window.run(() => window.chat.identify({}, 'fresh'));
    await window.pass(0);
    await work(window);
    expect([window.chat.connection.state.kind, room.log.map((one) => one.text)]).toEqual(['live', ['one']]);
    window.run(() => window.env.socket.end(4503));
    window.run(() => window.chat.identify({}, 'fresh'));
    await window.pass(0);
    expect(window.chat.connection.state).toEqual({ kind: 'stopped', code: 4503 });
  });

  test('CO3: another conversation starts an empty log, and takes along what was not sent', async () => {
    const window = new Window(browser, room);
    window.run(() => window.chat.write('old'));
    await window.open();
    await work(window);
    window.cut();
    window.run(() => window.chat.write('new'));
    window.token = 'another';
    room.log = [];
    await window.open();
    await work(window);
    expect([window.texts, room.log.map((one) => one.text)]).toEqual([['new'], ['new']]);
  });

  test('CO3: whoever was forgotten while the page slept leaves nothing to the next visitor, neither what was shown nor what was not sent', async () => {
    const window = new Window(browser, room);
    window.run(() => window.chat.write('old'));
    await window.open();
    await work(window);
    window.cut();
    window.run(() => window.chat.write('secret'));
    window.run(() => window.chat.connection.pause());
    // No event tells a page that sleeps of what another one changes.
    browser.windows = [];
    browser.unsent().forEach((key) => delete browser.items[key]);
    window.token = 'another';
    room.log = [];
    await window.open();
    await work(window);
    expect([window.texts, window.chat.log.outbox.items, room.log]).toEqual([[], [], []]);
  });

  test('CO1: what was written before there was a session is sent from the next page', async () => {
    const first = new Window(browser, room);
    first.run(() => first.chat.write('one'));
    browser.windows = [];
    const next = new Window(browser, room);
    next.known = false;
    expect(next.run(() => !!next.chat.resume())).toBe(true);
    await next.pass(0);
    await work(next);
    expect(room.log.map((one) => one.text)).toEqual(['one']);
  });

  test('SE5: with the conversation its session is over: what is still on its way to it is not stored', () => {
    const window = new Window(browser, room);
    window.run(() => window.chat.destroy());
    expect(window.over).toBe(true);
  });

  test('where nothing was begun, nothing goes on', async () => {
    const window = new Window(browser, room);
    window.known = false;
    expect(window.run(() => !!window.chat.resume())).toBe(false);
    await window.pass(0);
    expect(window.env.sockets).toEqual([]);
  });
});

describe('two windows', () => {
  test('CO2: what a closed window left is sent by the other after five seconds', async () => {
    const [stays, goes] = [new Window(browser, room), new Window(browser, room)];
    stays.run(() => stays.chat.write('one'));
    await stays.open();
    await work(stays, goes);
    goes.run(() => goes.chat.write('left'));
    browser.windows = [stays];
    stays.hear();
    await stays.pass(ADOPT_AFTER_MS - 1);
    await work(stays);
    expect(room.log.map((one) => one.text)).toEqual(['one']);
    await stays.pass(1);
    await work(stays);
    expect(room.log.map((one) => one.text)).toEqual(['one', 'left']);
    expect(browser.unsent()).toEqual([]);
  });

  test('CO2: a message that was sent meanwhile does not put off the adoption of another one', async () => {
    const [stays, goes] = [new Window(browser, room), new Window(browser, room)];
    stays.run(() => stays.chat.write('one'));
    await stays.open();
    await work(stays);
    goes.run(() => goes.chat.write('left'));
    browser.windows = [stays];
    stays.hear();
    await stays.pass(ADOPT_AFTER_MS - 1);
    stays.run(() => stays.chat.stored('.out.other', null));
    await stays.pass(1);
    await work(stays);
    expect(room.log.map((one) => one.text)).toEqual(['one', 'left']);
  });

  test('what one window has sent, the other does not send again', async () => {
    const [one, two] = [new Window(browser, room), new Window(browser, room)];
    for (const window of [one, two]) {
      window.run(() => window.chat.write('x'));
      await window.open();
    }
    await work(one, two);
    await two.pass(ADOPT_AFTER_MS);
    await work(one, two);
    expect(room.log).toHaveLength(2);
    expect([one.texts, two.texts]).toEqual([['x', 'x'], ['x', 'x']]);
  });
});

describe('CO1, CO2 and a Room that keeps its promises', () => {
  test.each(Array.from({ length: 40 }, (_, i) => i + 1))('seed %i: whatever is cut, closed and opened again, all arrives once and every window shows it', async (seed) => {
    let state = seed * 2654435761;
    const random = (below: number) => {
      state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
      return state % below;
    };
    const written: string[] = [];
    const windows = [new Window(browser, room), new Window(browser, room)];
    for (let i = 0; i < 120; i++) {
      const at = random(2);
      const window = windows[at]!;
      const action = random(9);
      if (action === 0) window.run(() => window.chat.write(`t${written.push('t' + written.length) - 1}`));
      else if (action === 1 && window.up) window.cut();
      else if (action === 2) await window.open();
      else if (action === 3 && random(4) === 0) {
        // The tab is closed, and another opened.
        window.run(() => window.chat.destroy());
        browser.windows = browser.windows.filter((one) => one !== window);
        windows[at] = new Window(browser, room);
      } else if (action === 4 && random(3) === 0) room.append('from agent', AGENT);
      else if (action === 5) window.hear();
      else window.step();
    }
    for (let round = 0; round < 3; round++) {
      for (const window of windows) {
        window.hear();
        window.cut();
        await window.open();
      }
      await work(...windows);
    }
    expect(room.log.filter((one) => one.clientId).map((one) => one.text).toSorted()).toEqual(written.toSorted());
    expect(browser.unsent()).toEqual([]);
    for (const window of windows) {
      // A gap begins the run anew; the reader pages the rest back.
      for (let page = 0; page < 20 && window.chat.log.run.older; page++) {
        window.run(() => window.chat.older());
        await work(window);
      }
      expect(window.texts).toEqual(room.log.map((one) => one.text));
    }
  });
});
