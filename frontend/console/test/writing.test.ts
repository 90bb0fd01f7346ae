import { createPinia, setActivePinia } from 'pinia';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useDrafts } from '../src/conversation/drafts';
import { charactersLeft, sends, TEXT_CHARS } from '../src/conversation/enter-key';
import { partsOf } from '../src/conversation/linkify';
import { snoozeChoices } from '../src/conversation/snooze';
import { browserOf, nameOfCode, shortAddress, timeIn, webAddress } from '../src/conversation/visitor-facts';
import { excerptOf } from '../src/inbox/highlight';
import { shortcutOf } from '../src/keyboard/shortcuts';
import { domainsOf } from '../src/settings/domains';

describe('Enter', () => {
  const press = (given = {}) => ({ key: 'Enter', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, keyCode: 13, ...given });
  const LONG = 1_000;
  it.each([
    ['sends', press(), 'enter', LONG, false, true],
    ['makes a line with Shift', press({ shiftKey: true }), 'enter', LONG, false, false],
    ['makes a line where Ctrl and Enter send', press(), 'mod_enter', LONG, false, false],
    ['sends with Ctrl', press({ ctrlKey: true }), 'mod_enter', LONG, false, true],
    ['sends with ⌘', press({ metaKey: true }), 'enter', LONG, true, true],
    ['makes a line on glass', press(), 'enter', LONG, true, false],
    ['ends a word of an input method', press({ isComposing: true }), 'enter', LONG, false, false],
    ['ends a word in old browsers', press({ keyCode: 229 }), 'enter', LONG, false, false],
    ['ends a word in Safari', press(), 'enter', 10, false, false],
    ['ends a word even with Ctrl', press({ ctrlKey: true, isComposing: true }), 'enter', LONG, false, false],
  ] as const)('%s', (_, event, setting, since, touch, wanted) => {
    expect(sends(event, setting, since, touch)).toBe(wanted);
  });
  it('is the only key that sends', () => expect(sends(press({ key: 'a' }), 'enter', LONG, false)).toBe(false));
});

describe('the length', () => {
  it.each([
    ['', TEXT_CHARS], ['abc', TEXT_CHARS - 3], ['a'.repeat(8_000), 0], ['a'.repeat(8_001), -1],
    ['😀'.repeat(8_000), 0], ['字'.repeat(8_002), -2], [`${' '.repeat(6_000)}a`, TEXT_CHARS - 1],
  ])('of %.5s… leaves %i', (text, left) => {
    expect(charactersLeft(text)).toBe(left);
  });
});

describe('links', () => {
  const links = (text: string) => partsOf(text).filter(({ href }) => href).map(({ text: shown, href }) => [shown, href]);
  it.each([
    ['see https://a.example/x.', [['https://a.example/x', 'https://a.example/x']]],
    ['(https://a.example/b_(c))', [['https://a.example/b_(c)', 'https://a.example/b_(c)']]],
    ['见https://a.example/路径。谢谢', [['https://a.example/路径', 'https://a.example/%E8%B7%AF%E5%BE%84']]],
    ['https://shop.example．evil.example/ https://ｅvil.example HTTPS://a.example/', [['https://shop.example', 'https://shop.example/'], ['HTTPS://a.example/', 'https://a.example/']]],
    ['write to me@a.example!', [['me@a.example', 'mailto:me@a.example']]],
    ['javascript:alert(1) data:text/html,x file:///etc', []],
    ['http://', []],
    ['https://bank@evil/ https://bank.example:x@evil.example https:///bank@evil.example', []],
    ['https://\\/bank@evil.example https://evil.example@evil.example https://:x@evil.example', []],
    ['https://a.example/@mei?to=b@c', [['https://a.example/@mei?to=b@c', 'https://a.example/@mei?to=b@c']]],
    ['https://A.example:443/', [['https://A.example:443/', 'https://a.example/']]],
  ])('in %j', (text, wanted) => {
    expect(links(text)).toEqual(wanted);
  });
  it('show the true host of one that is written in other letters', () => {
    expect(links('https://аpple.example/')[0]?.[0]).toBe('https://аpple.example/ (xn--pple-43d.example)');
    // Its true name further on in the address excuses nothing.
    for (const rest of ['/xn--pple-43d.example', '?xn--pple-43d.example', '#https://xn--pple-43d.example']) {
      expect(links(`https://аpple.example${rest}`)[0]?.[0]).toBe(`https://аpple.example${rest} (xn--pple-43d.example)`);
    }
    expect(links('https://@a.example')[0]?.[0]).toBe('https://@a.example (a.example)');
  });
  it('lose no character', () => {
    const text = 'a https://x.example, b\nc@d.example (e) https://y.example/?q=1&r=2#z';
    expect(partsOf(text).map((part) => part.text).join('')).toBe(text);
  });
  it('end at what turns the order of letters round', () => {
    for (const mark of '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069') {
      expect(links(`https://evil.example/${mark}moc.knab//:sptth`)).toEqual([['https://evil.example/', 'https://evil.example/']]);
    }
  });
  it('takes no long time over a text without an end', () => {
    const started = performance.now();
    for (const text of ['a.'.repeat(4_000), '.a'.repeat(4_000), '.'.repeat(8_000), 'a@'.repeat(4_000), 'http:'.repeat(1_600), `http://a/${'.'.repeat(7_900)}x`, `http://a/${'('.repeat(7_900)}`, `a@${'a'.repeat(7_900)}`]) partsOf(text.repeat(4));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
  it('begin with the first letter of a mailbox', () => {
    for (const text of ['a.b+c-d@e.example', '..a.b+c-d@e.example', 'x@a.b+c-d@e.example', '文a.b+c-d@e.example']) {
      expect(links(text)[0]).toEqual(text.startsWith('x@') ? ['x@a.b', 'mailto:x@a.b'] : ['a.b+c-d@e.example', 'mailto:a.b+c-d@e.example']);
    }
  });
  it('are of an allowed kind and lead where they seem to, and whatever is written comes out whole', () => {
    let seed = 1;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    const pieces = [
      'https://', 'http://', 'HTTPS://', 'mailto:', 'tel:', 'javascript:', 'data:text/html,', 'a.b', 'bank.example', 'evil', 'аpple.example', 'xn--pple-43d.example', '@', ':', ':443', '(', ')', '[', ']',
      ' ', '\n', '"', '<', '。', '中', '．', '.', ',', '!', 'ü', '%41', '%2f', '\\', '\u202e', '\u0000', '\u200b', '/', '//', '?', '#', '&', '-', '_', '+',
    ];
    let found = 0;
    for (let round = 0; round < 5_000; round++) {
      const text = Array.from({ length: random(14) }, () => pieces[random(pieces.length)]).join('');
      const parts = partsOf(text);
      let written = '';
      for (const { text: shown, href } of parts) {
        if (!href || href.startsWith('mailto:')) {
          written += shown;
          continue;
        }
        found += 1;
        expect(href).toMatch(/^https?:/u);
        const { hostname, origin, username, password } = new URL(href);
        expect([username, password], shown).toEqual(['', '']);
        // The note that names the true host is ours.
        const note = ` (${hostname})`;
        expect(shown.endsWith(note) || shown.toLowerCase().startsWith(origin), `${shown} leads to ${hostname}`).toBe(true);
        written += shown.endsWith(note) ? shown.slice(0, -note.length) : shown;
      }
      expect(written).toBe(text);
    }
    expect(found).toBeGreaterThan(500);
  });
});

describe('drafts', () => {
  afterEach(() => vi.unstubAllGlobals());

  function storage(): Storage {
    const held: Record<string, string> = {};
    const methods = { getItem: (name: string) => held[name] ?? null, setItem: (name: string, text: string) => void (held[name] = text), removeItem: (name: string) => void delete held[name] };
    // `Object.keys` of a Storage are its names.
    return new Proxy(held, { get: (target, name: string) => methods[name as keyof typeof methods] ?? target[name] }) as unknown as Storage;
  }

  it('are kept per conversation and kind, outlive the page, and can be forgotten', () => {
    vi.stubGlobal('sessionStorage', storage());
    setActivePinia(createPinia());
    useDrafts().set('cnv_1', 'reply', 'hello');
    useDrafts().set('cnv_1', 'note', 'hm');
    setActivePinia(createPinia());
    expect([useDrafts().get('cnv_1', 'reply'), useDrafts().get('cnv_1', 'note'), useDrafts().get('cnv_2', 'reply')]).toEqual(['hello', 'hm', '']);
    useDrafts().clear();
    setActivePinia(createPinia());
    expect(useDrafts().get('cnv_1', 'reply')).toBe('');
  });

  it('live as long as the page where storage throws', () => {
    vi.stubGlobal('sessionStorage', new Proxy({}, { get: () => { throw new Error('blocked'); } }));
    setActivePinia(createPinia());
    useDrafts().set('cnv_1', 'reply', 'hello');
    expect(useDrafts().get('cnv_1', 'reply')).toBe('hello');
    useDrafts().clear();
    expect(useDrafts().get('cnv_1', 'reply')).toBe('');
  });
});

describe('shortcuts', () => {
  const press = (key: string, given = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, defaultPrevented: false, ...given });
  it.each([
    ['next', press('j'), false], ['next', press('J'), false], ['help', press('?'), false], [undefined, press('j'), true],
    [undefined, press('r', { ctrlKey: true }), false], [undefined, press('n', { metaKey: true }), false], [undefined, press('e', { isComposing: true }), false],
    [undefined, press('Enter'), false],
  ])('%s', (wanted, event, typing) => {
    expect(shortcutOf(event, typing)).toBe(wanted);
  });
});

describe('what a visitor’s browser says', () => {
  it.each([
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0', 'Edge · Windows'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Version/19.1 Mobile Safari/604.1', 'Safari · iOS'],
    ['Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile Safari/537.36 MicroMessenger/8.0', 'WeChat · Android'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0', 'Firefox · Linux'],
    ['curl/8', ''],
  ])('%.20s… is %s', (agent, wanted) => expect(browserOf(agent)).toBe(wanted));

  it('becomes a link only where it is one of the web', () => {
    expect(webAddress('https://a.example/x')?.href).toBe('https://a.example/x');
    for (const text of ['javascript:alert(1)', 'data:text/html,x', '//a.example', 'https://shop.example@evil.example/', 'https://:x@evil.example/', 'nonsense', '']) expect(webAddress(text)).toBe(null);
    expect(shortAddress(new URL('https://a.example/?q=1'))).toBe('a.example');
  });

  it('never breaks the page with a zone or code that is none', () => {
    expect(timeIn('Mars/Olympus', 0, 'en')).toBe('');
    expect(timeIn('Asia/Shanghai', 0, 'en')).toContain('8:00');
    expect(nameOfCode('region', 'not a code', 'en')).toBe('not a code');
    expect(nameOfCode('language', 'zh-CN', 'en')).toContain('Chinese');
  });
});

describe('a search', () => {
  const marked = (text: string, query: string) => excerptOf(text, query).map(({ text: part, hit }) => (hit ? `[${part}]` : part)).join('');
  it.each([
    ['the Blue one', 'blue', 'the [Blue] one'], ['登山鞋有42码的吗', '鞋 42', '登山[鞋]有[42]码的吗'], ['a+b (c)', 'b (', 'a+[b] (c)'], ['no word', '+', 'no word'],
    [`${'x '.repeat(40)}needle`, 'needle', `…${'x '.repeat(12)}[needle]`],
  ])('in %.12s… for %s', (text, query, wanted) => expect(marked(text, query)).toBe(wanted));
});

it('snoozing ends in the future, on a morning', () => {
  for (const day of [0, 1, 2, 3, 4, 5, 6]) {
    const now = new Date(2026, 10, 22 + day, 15, 30).getTime();
    const [hour, tomorrow, week] = snoozeChoices(now).map(({ until }) => new Date(until));
    expect(hour!.getTime() - now).toBe(3_600_000);
    expect([tomorrow!.getHours(), week!.getHours(), week!.getDay()]).toEqual([9, 9, 1]);
    expect(tomorrow!.getTime() > now && week!.getTime() > now).toBe(true);
  }
});

it.each([
  ['shop.example', ['shop.example']], ['https://Shop.example/path\n*.shop.example', ['shop.example', '*.shop.example']],
  [' a.example,  b.example；a.example', ['a.example', 'b.example']], ['', []],
])('domains of %j', (text, wanted) => {
  expect(domainsOf(text)).toEqual(wanted);
});
