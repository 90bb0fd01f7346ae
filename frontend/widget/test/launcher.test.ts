import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Identity, Shell } from '../shell.ts';

const KEY = 'bellhop.site_x';
const BEGUN = '{"token":"t","conversation":"c","started":true}';

/** A disk like `localStorage`: its items are its own keys. `done`: what was changed, in its order. */
function disk(done: string[] = []): Record<string, string> {
  const items = Object.create({
    getItem: (key: string) => items[key] ?? null,
    setItem(key: string, value: string) {
      if (items[key] !== value) done.push(`${key}=${value}`);
      items[key] = value;
    },
    removeItem(key: string) {
      if (Object.hasOwn(items, key)) done.push('-' + key);
      delete items[key];
    },
  }) as Record<string, string>;
  return items;
}

/** What the launcher asks of an element. */
function element() {
  return {
    style: {},
    dataset: {},
    append() {},
    remove() {},
    setAttribute() {},
    attachShadow: () => (root = { adoptedStyleSheets: [], append() {}, activeElement: null }),
  };
}

/** A chat that writes down what is asked of it. */
interface FakeChat {
  shell: Shell;
  asked: string[];
}

let page: { Bellhop?: { (...given: unknown[]): void; q?: unknown[][] } };
let chats: FakeChat[];
/** The shadow tree; with whatever has the focus in it. */
let root: { adoptedStyleSheets: unknown[]; append(): void; activeElement: unknown };
let local: Record<string, string>;
let tab: Record<string, string>;
let done: string[];
/** What the last chat was told of the visitor. */
let said: Identity | undefined;
/** The token that it was told of just then. */
let fresh: string | undefined;
/** How the chat's file comes. */
let arrives: () => Promise<void>;

const start = (shell: Shell) => {
  const asked: string[] = [];
  chats.push({ shell, asked });
  const say = (what: string) => () => void asked.push(what);
  return {
    open(focus: boolean) {
      asked.push(focus ? 'open' : 'show');
      shell.opened(true);
    },
    close() {
      asked.push('close');
      shell.opened(false);
    },
    identify(identity?: Identity, token?: string) {
      said = identity;
      fresh = token;
      asked.push(`identify ${identity?.name}`);
    },
    setLocale: say('setLocale'),
    destroy: say('destroy'),
  };
};

beforeEach(() => {
  vi.resetModules();
  page = {};
  chats = [];
  done = [];
  said = fresh = undefined;
  local = disk(done);
  tab = disk();
  arrives = async () => {};
  vi.stubGlobal('window', page);
  vi.stubGlobal('localStorage', local);
  vi.stubGlobal('sessionStorage', tab);
  vi.stubGlobal('CHUNKS', { chat: 'chat', en: 'en' });
  vi.stubGlobal('CSSStyleSheet', class { replaceSync() {} });
  vi.stubGlobal('MutationObserver', class { observe() {} });
  vi.stubGlobal('getComputedStyle', () => ({ direction: 'ltr' }));
  vi.stubGlobal('Document', { prototype: { currentScript: { src: 'https://chat.example/widget.js', dataset: { site: 'site_x' } } } });
  vi.stubGlobal('document', {
    documentElement: { lang: 'en' },
    body: element(),
    createElement: element,
    createElementNS: element,
  });
  vi.doMock('https://chat.example/w/chat.js', async () => {
    await arrives();
    return { start };
  });
  vi.doMock('https://chat.example/w/en.js', () => ({ strings: [] }));
});
afterEach(async () => {
  // What is still on its way belongs to this test's page.
  await settle();
  vi.unstubAllGlobals();
});

const launch = () => import('../launcher.ts');
const Bellhop = (...given: unknown[]) => page.Bellhop!(...given);
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
const proof = (sub: string) => `x.${btoa(JSON.stringify({ sub }))}.x`;
const forbid = () => {
  for (const name of ['localStorage', 'sessionStorage']) {
    Object.defineProperty(globalThis, name, { configurable: true, get: () => { throw new Error('forbidden'); } });
  }
};

describe('reset', () => {
  const begun = () => {
    Object.assign(local, { [KEY]: BEGUN, [KEY + '.out.1']: '{"text":"hello","at":1}', [KEY + '.read']: '3 m3', [KEY + '.me.ada']: BEGUN, [KEY + 'y']: BEGUN });
    tab[KEY + '.draft'] = 'a secret';
  };
  const forgotten = () => {
    expect({ ...local }).toEqual({ [KEY]: '', [KEY + '.me.ada']: BEGUN, [KEY + 'y']: BEGUN });
    expect({ ...tab }).toEqual({});
  };

  test('without the chat it forgets at once: the page may go right after it', async () => {
    begun();
    await launch();
    Bellhop('reset');
    forgotten();
    await settle();
    expect(chats).toEqual([]);
  });

  test('the same where the page asked for it before the launcher had come', async () => {
    begun();
    page.Bellhop = Object.assign(() => {}, { q: [['reset']] });
    await launch();
    forgotten();
  });

  test('and while the chat is on its way, which then finds nobody', async () => {
    begun();
    await launch();
    Bellhop('open');
    Bellhop('reset');
    forgotten();
    await settle();
    expect(chats.map(({ asked }) => asked)).toEqual([['open']]);
  });

  test('a draft goes though nothing was begun, and nothing is stored where nothing was', async () => {
    tab[KEY + '.draft'] = 'a secret';
    await launch();
    Bellhop('reset');
    expect([{ ...local }, { ...tab }]).toEqual([{}, {}]);
  });

  test('what is unsent goes first: a window that hears of the reset takes over what it finds', async () => {
    begun();
    await launch();
    Bellhop('reset');
    expect(done).toEqual([`-${KEY}.out.1`, `-${KEY}.read`, `${KEY}=`]);
  });

  test('of whoever was proven it forgets what is theirs, and what nobody in particular wrote, and is nobody then', async () => {
    begun();
    Object.assign(local, { [KEY + '.me.ada.out.1']: '{"text":"hello","at":1}', [KEY + '.me.bo']: BEGUN });
    await launch();
    Bellhop('identify', { token: proof('ada') });
    Bellhop('reset');
    expect({ ...local }).toEqual({ [KEY]: '', [KEY + '.me.ada']: '', [KEY + '.me.bo']: BEGUN, [KEY + 'y']: BEGUN });
    await settle();
    expect(chats.map(({ shell }) => [shell.store.prefix, shell.proof()])).toEqual([[KEY, undefined]]);
  });

  test('the chat that stands goes with all that it shows; one that was open comes back so', async () => {
    await launch();
    Bellhop('open');
    await settle();
    local[KEY] = BEGUN;
    Bellhop('reset');
    await settle();
    expect(chats.map(({ asked }) => asked)).toEqual([['open', 'destroy'], ['show']]);
  });

  test.each([[{}, 'open'], [null, 'show']])('it has the focus if that was in it: with %j comes "%s"', async (activeElement, how) => {
    await launch();
    Bellhop('open');
    await settle();
    root.activeElement = activeElement;
    Bellhop('identify', { token: proof('ada') });
    root.activeElement = null;
    await settle();
    expect(chats[1]!.asked).toEqual(['identify undefined', how]);
  });

  test('whoever closes it at once finds it closed, and can open it again', async () => {
    await launch();
    Bellhop('open');
    await settle();
    Bellhop('reset');
    Bellhop('close');
    await settle();
    expect(chats[1]?.asked).toEqual([]);
    Bellhop('toggle');
    await settle();
    expect(chats[1]?.asked).toEqual(['open']);
  });

  test('SE5: after a clearing it is heard by the other windows, too: they hear of changes alone', async () => {
    await launch();
    Bellhop('open');
    await settle();
    Bellhop('reset');
    expect(done).toEqual([KEY + '=']);
  });

  test('throws nowhere where the browser forbids storage, and forgets what the page held', async () => {
    await launch();
    Bellhop('open');
    await settle();
    forbid();
    const { store, tab: field } = chats[0]!.shell;
    store.set('', BEGUN);
    store.set('.out.1', 'hello');
    field.set('.draft', 'a secret');
    Bellhop('reset');
    expect([store.get(''), store.names('.out.'), field.get('.draft')]).toEqual(['', [], undefined]);
  });
});

describe('identify', () => {
  test('while the chat is on its way: it comes once, and for whoever is there then', async () => {
    await launch();
    Bellhop('open');
    Bellhop('identify', { token: proof('ada'), name: 'Ada' });
    await settle();
    expect(chats.map(({ shell, asked }) => [shell.store.prefix, shell.proof(), asked])).toEqual([[KEY + '.me.ada', proof('ada'), ['identify Ada', 'open']]]);
    Bellhop('close');
    Bellhop('open');
    await settle();
    expect(chats).toHaveLength(1);
  });

  test('of the same visitor changes nothing else', async () => {
    await launch();
    Bellhop('open');
    await settle();
    Bellhop('identify', { name: 'Ada' });
    Bellhop('identify');
    await settle();
    expect(chats.map(({ asked }) => asked)).toEqual([['open', 'identify Ada', 'identify undefined']]);
  });

  test.each([[{}], [undefined], [null]])('a chat that stands hears that it is nobody again: %j', async (nobody) => {
    await launch();
    Bellhop('open');
    await settle();
    Bellhop('identify', { name: 'Ada', email: 'ada@b.example' });
    expect(said?.name).toBe('Ada');
    Bellhop('identify', nobody);
    expect(said?.name).toBe(undefined);
    expect(chats[0]!.asked).toHaveLength(3);
  });

  const ada = { token: proof('ada') };
  const bo = { token: proof('bo') };
  test.each<[what: string, given: (Identity | null | undefined)[], subject: string, said: Identity | undefined]>([
    ['one by one', [{ name: 'Ada', email: 'a@b.example' }, { email: 'ada@b.example', attributes: { cart: '3' } }, { attributes: { plan: 'pro', cart: '4' } }], '', { name: 'Ada', email: 'ada@b.example', attributes: { cart: '4', plan: 'pro' } }],
    ['to who is proven then', [{ attributes: { cart: '3' } }, ada], 'ada', { ...ada, attributes: { cart: '3' } }],
    ['of who is proven already', [ada, { attributes: { cart: '3' } }], 'ada', { ...ada, attributes: { cart: '3' } }],
    ['beside a fresh token', [{ ...ada, name: 'Ada' }, { token: ada.token + 'y' }], 'ada', { token: ada.token + 'y', name: 'Ada', attributes: {} }],
    ['of another one who is proven', [{ ...ada, name: 'Ada', attributes: { cart: '3' } }, bo], 'bo', bo],
    ['with an empty token', [{ ...ada, name: 'Ada' }, { token: '', attributes: { cart: '3' } }], '', { token: '', attributes: { cart: '3' } }],
    ['with no token, though it is named', [{ ...ada, name: 'Ada' }, { token: undefined, name: 'Bo' }], '', { token: undefined, name: 'Bo' }],
    ['after nobody', [{ ...ada, name: 'Ada' }, {}, { attributes: { cart: '3' } }], '', { attributes: { cart: '3' } }],
    ['before nothing', [{ name: 'Ada' }, undefined], '', undefined],
    ['before null', [{ ...ada, name: 'Ada' }, null], '', undefined],
  ])('what is said %s: what is known of whom in the end', async (_, given, subject, known) => {
    await launch();
    for (const one of given) Bellhop('identify', one);
    Bellhop('open');
    await settle();
    expect([chats[0]!.shell.store.prefix, said]).toEqual([KEY + (subject && '.me.' + subject), known]);
  });

  test('more of the same visitor goes to the chat that stands, whole', async () => {
    await launch();
    Bellhop('identify', { ...ada, attributes: { cart: '3' } });
    Bellhop('open');
    await settle();
    Bellhop('identify', { name: 'Ada' });
    await settle();
    expect([chats[0]!.asked, said]).toEqual([['identify undefined', 'open', 'identify Ada'], { ...ada, name: 'Ada', attributes: { cart: '3' } }]);
    expect(chats).toHaveLength(1);
    expect(fresh).toBe(undefined);
    Bellhop('identify', { token: ada.token + 'y' });
    expect(fresh).toBe(ada.token + 'y');
  });

  test('where the browser forbids storage the next chat on the page finds what the last one left', async () => {
    await launch();
    forbid();
    Bellhop('open');
    await settle();
    chats[0]!.shell.store.set('.out.1', 'hello');
    Bellhop('identify', { token: proof('ada') });
    await settle();
    expect(chats[1]!.shell.base.names('.out.')).toEqual(['.out.1']);
    Bellhop('identify');
    await settle();
    expect(chats[2]!.shell.store.get('.out.1')).toBe('hello');
  });
});

test('a chat that is over asks for another one, which knows what the page has said of the visitor', async () => {
  local[KEY] = BEGUN;
  await launch();
  Bellhop('identify', { name: 'Ada' });
  await settle();
  chats[0]!.shell._renew();
  await settle();
  expect(chats.map(({ asked }) => asked)).toEqual([['identify Ada', 'destroy'], ['identify Ada']]);
});

test.each<[string, Record<string, string>, number]>([
  ['a conversation', { [KEY]: BEGUN }, 1],
  ['a message that no session could be had for', { [KEY + '.out.1']: '{"text":"hello","at":1}' }, 1],
  ['a chat that was only opened', { [KEY]: '{"token":"t","conversation":"c"}' }, 0],
  ['somebody who was forgotten', { [KEY]: '' }, 0],
  ['somebody else’s', { [KEY + '.me.ada']: BEGUN, [KEY + '.me.ada.out.1']: '{"text":"hello","at":1}' }, 0],
  ['nothing', {}, 0],
])('with %s the chat is fetched by itself, or is not', async (_, items, count) => {
  Object.assign(local, items);
  await launch();
  await settle();
  expect(chats).toHaveLength(count);
});
