import { expect, test } from 'vitest';
import { splitLinks } from '../links.ts';

/** The text with its links in angle brackets, and their address where it is not what is shown. */
const shown = (text: string) => splitLinks(text).map((one) => (one.href ? `<${one.text}${one.host ? '|' + one.host : ''}>` : one.text)).join('');

test.each([
  ['plain text', 'plain text'],
  ['see https://example.com/a?b=1#c now', 'see <https://example.com/a?b=1#c> now'],
  ['https://example.com.', '<https://example.com>.'],
  ['really? https://example.com/!!', 'really? <https://example.com/>!!'],
  ['(https://example.com/a)', '(<https://example.com/a>)'],
  ['https://en.wikipedia.org/wiki/Lantern_(paper), yes', '<https://en.wikipedia.org/wiki/Lantern_(paper)>, yes'],
  // Where a bot's words are judged an address ends here, in brackets, too.
  ['https://example.com(".).evil.example', '<https://example.com>(".).evil.example'],
  ['https://example.com(，).evil.example', '<https://example.com>(，).evil.example'],
  ['https://example.com/a(\u2010)b', '<https://example.com/a>(\u2010)b'],
  ['详情请看 https://example.com/help，随时问我。', '详情请看 <https://example.com/help>，随时问我。'],
  ['看https://example.com/a这里', '看<https://example.com/a>这里'],
  ['“https://example.com/a”', '“<https://example.com/a>”'],
  ['https://example.com/\u202egpj.exe', '<https://example.com/>\u202egpj.exe'],
  ['mailto:mei@example.com or tel:+43123', '<mailto:mei@example.com> or <tel:+43123>'],
  ['HTTPS://EXAMPLE.com/X', '<HTTPS://EXAMPLE.com/X>'],
  ['a https://a.example b https://b.example c', 'a <https://a.example> b <https://b.example> c'],
  // The latin letters of this name are not all latin.
  ['https://ex\u0430mple.com/login', '<https://ex\u0430mple.com/login|xn--exmple-4nf.com>'],
  // Its real name further on in the address excuses nothing.
  ['https://ex\u0430mple.com/xn--exmple-4nf.com', '<https://ex\u0430mple.com/xn--exmple-4nf.com|xn--exmple-4nf.com>'],
  ['https://ex\u0430mple.com?https://xn--exmple-4nf.com', '<https://ex\u0430mple.com?https://xn--exmple-4nf.com|xn--exmple-4nf.com>'],
  ['https://ex%61mple.com/#example.com', '<https://ex%61mple.com/#example.com|example.com>'],
  // More slashes than needed, an empty user, and ports.
  ['https:////example.com', '<https:////example.com|example.com>'],
  ['https://@example.com', '<https://@example.com|example.com>'],
  ['https://example.com:443/a http://Example.com:8080', '<https://example.com:443/a> <http://Example.com:8080>'],
  ['https://social.example/@mei?to=a@b', '<https://social.example/@mei?to=a@b>'],
])('%s', (text, expected) => {
  expect(shown(text)).toBe(expected);
});

test.each([
  'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,<script>alert(1)</script>', 'vbscript:x', 'file:///etc/passwd', 'ftp://example.com', 'blob:https://example.com/x',
  'https://bank.example@evil.example', 'https://user:pass@evil.example', 'https://bank@evil/', 'https://:pass@evil.example', 'https:///bank@evil.example',
  'https://\\/bank@evil.example', 'https://evil.example@evil.example', 'https://', 'http://:80', 'xhttps://example.com', 'java\nscript:alert(1)', '//example.com', 'www.example.com',
])('no link: %s', (text) => {
  expect(splitLinks(text).filter((one) => one.href && !/^https:\/\/(example\.com)\/x?$/.test(one.href))).toEqual([]);
});

test('whatever is written comes out whole, and every link is of an allowed kind', () => {
  let seed = 1;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  const parts = ['https://', 'http://', 'mailto:', 'tel:', 'javascript:', 'a.b', '@', '(', ')', '[', ' ', '\n', '"', '。', '中', '.', ',', 'ü', '%41', '\u202e', '\u0000', '/', '?', ':'];
  for (let round = 0; round < 5_000; round++) {
    const text = Array.from({ length: random(14) }, () => parts[random(parts.length)]).join('');
    const pieces = splitLinks(text);
    expect(pieces.map((one) => one.text).join('')).toBe(text);
    for (const { href } of pieces) expect(href ?? 'tel:').toMatch(/^(?:https?|mailto|tel):/);
  }
});

test('a long text without an end takes no long time', () => {
  const started = performance.now();
  for (const text of ['a@'.repeat(4_000), 'https://' + '('.repeat(8_000), 'https://' + '.'.repeat(8_000), 'https://a' + '(a)'.repeat(2_600), 'http:'.repeat(1_600), 'https://' + 'a)'.repeat(4_000)]) splitLinks(text);
  expect(performance.now() - started).toBeLessThan(1_000);
});
