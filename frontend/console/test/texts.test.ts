import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createPinia } from 'pinia';
import { describe, expect, it } from 'vitest';
import { Problem } from '../src/api/problem';
import { safeReturn } from '../src/auth/return-path';
import { en } from '../src/i18n/en';
import { bot as botEn } from '../src/i18n/en/bot';
import { zh } from '../src/i18n/zh';
import { bot as botZh } from '../src/i18n/zh/bot';
import { ageOf, atHour, daysAgo, daysToMonday } from '../src/live/relative-time';
import { useProblemText } from '../src/i18n/problem-text';
import { localeFor } from '../src/session/preferences';
import { linkTextOf } from '../src/shell/link-text';
import { hueOf, initialsOf } from '../src/ui/avatar';
import { useWhen } from '../src/ui/when';
import { within } from './render';

type Tree = { [name: string]: string | Tree; };

function flat(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([name, value]) => (typeof value === 'string' ? [[path + name, value] as [string, string]] : flat(value, `${path}${name}.`)));
}

const holes = (text: string) => [...new Set(text.match(/\{\w+\}/gu))].sort();

describe('the texts', () => {
  const english = new Map([...flat(en), ...flat(botEn)]);
  const chinese = new Map([...flat(zh), ...flat(botZh)]);

  it('are the same in both languages: key for key, hole for hole', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [key, text] of english) expect([key, holes(chinese.get(key) ?? '')]).toEqual([key, holes(text)]);
  });

  it('are translated', () => {
    const same = [...english].filter(([key, text]) => chinese.get(key) === text && /[a-z]{3}/iu.test(text.replace(/\{\w+\}/gu, '')));
    expect(same.map(([key]) => key).sort()).toEqual(['inbox.system', 'settings.send_enter']);
  });

  it('have a sentence for every code of docs/errors.md', () => {
    const docs = readFileSync(fileURLToPath(new URL('../../../docs/errors.md', import.meta.url)), 'utf8');
    const codes = [...docs.matchAll(/^\| `(\w+)` \| \d{3} /gmu)].map(([, code]) => code!);
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !english.has(`problem.code.${code}`))).toEqual([]);
  });

  const root = fileURLToPath(new URL('../src/', import.meta.url));
  const sources = new Map(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:vue|ts)$/u.test(name) && !/^i18n\/(?:en|zh)\//u.test(name))
      .map((name) => [name, readFileSync(root + name, 'utf8')]),
  );

  it('exist wherever a page asks for one by its full name', () => {
    const missing: string[] = [];
    for (const [name, source] of sources) {
      for (const [, key] of source.matchAll(/\bt\(\s*'([\w.]+)'/gu)) if (!english.has(key!)) missing.push(`${name}: ${key}`);
    }
    expect(missing).toEqual([]);
  });

  it('are all asked for: by their full names, or by a template and a word that the sources have', () => {
    // What the server names, or has a second hole.
    const named = ['problem.code.', 'conversation.activity.', 'bot.built_in.', 'start.site_look'];
    const all = [...sources.values()].join('\n');
    const words = new Set([...all.matchAll(/['"`]([\w.]+)['"`]|(\w+):/gu)].map(([, quoted, member]) => quoted ?? member!));
    const templates = [...all.matchAll(/`(\w+\.[\w.]*)\$\{[^`}]*\}([\w.]*)(?:\$\{[^`]*\})?`/gu)].map(([, before, after]) => [before!, after!] as const);
    const fits = (key: string) =>
      templates.some(([before, after]) => key.startsWith(before) && key.endsWith(after) && words.has(key.slice(before.length, key.length - after.length)));
    expect([...english.keys()].filter((key) => !words.has(key) && !named.some((it) => key.startsWith(it)) && !fits(key))).toEqual([]);
  });
});

it.each([
  ['email', 'Somebody has this e-mail address already.'],
  ['role', 'The workspace needs an owner. Make somebody else one first.'],
  ['', 'This exists already, or has changed in the meantime.'],
])('a conflict about "%s" says what to do', async (field, wanted) => {
  const word = await within(createPinia(), useProblemText);
  expect(word(new Problem('conflict', 409, '', field))).toBe(wanted);
});

it.each([
  [['zh-TW', 'en'], 'zh-CN'], [['de', 'en-GB'], 'en'], [['fr'], 'en'], [['ja', 'zh-Hans'], 'zh-CN'],
])('browser languages %j mean %s', (languages, wanted) => expect(localeFor(languages)).toBe(wanted));

it.each([
  ['/settings/team', '/settings/team'], ['//evil.example', '/inbox/mine'], ['https://evil.example', '/inbox/mine'], ['/\\evil.example', '/inbox/mine'], [undefined, '/inbox/mine'], [['/a'], '/inbox/mine'],
])('a sign-in that should lead to %j leads to %s', (to, wanted) => expect(safeReturn(to)).toBe(wanted));

it.each([
  [0, 30_000, 'now'], [0, 61_000, 'minutes 1'], [0, 3_600_000, 'hours 1'], [0, 86_400_000 * 3, 'days 3'], [0, 86_400_000 * 8, 'date'], [5_000, 0, 'now'],
])('from %i to %i it is %s', (at, now, wanted) => {
  const age = ageOf(at, now);
  expect('n' in age ? `${age.unit} ${age.n}` : age.unit).toBe(wanted);
});

it('a date of another year names it', async () => {
  const { age, day } = await within(createPinia(), useWhen);
  const now = new Date(2027, 0, 20).getTime();
  const [old, recent] = [new Date(2026, 0, 5).getTime(), new Date(2027, 0, 5).getTime()];
  expect([age(old, now), age(recent, now)]).toEqual(['Jan 5, 2026', 'Jan 5']);
  expect([day(old, now), day(recent, now)]).toEqual(['Mon, January 5, 2026', 'Tue, January 5']);
});

it('days are local days, and Monday is the next one', () => {
  expect(daysAgo(new Date(2026, 10, 24, 23, 59).getTime(), new Date(2026, 10, 25, 0, 1).getTime())).toBe(1);
  expect(new Date(atHour(new Date(2026, 11, 31, 20).getTime(), 1, 9))).toEqual(new Date(2027, 0, 1, 9));
  expect(daysToMonday(new Date(2026, 10, 23).getTime())).toBe(7);
  expect(daysToMonday(new Date(2026, 10, 29).getTime())).toBe(1);
});

describe('the banner', () => {
  it.each([
    ['nothing while live', { kind: 'live' }, true, null],
    ['nothing at the very start', { kind: 'connecting' }, false, null],
    ['trying, after a loss', { kind: 'connecting' }, true, 'live.waiting_now'],
    ['when the next try is', { kind: 'waiting', until: 4_500 }, true, 'live.waiting'],
    ['that the machine is offline', { kind: 'offline', until: 0 }, true, 'live.offline'],
    ['that other windows took over', { kind: 'stopped', code: 4503 }, true, 'live.replaced'],
    ['that the server ended it', { kind: 'stopped', code: 4500 }, true, 'live.ended'],
  ] as const)('says %s', (_, link, wasLive, wanted) => {
    expect(linkTextOf(link, 0, wasLive)?.key ?? null).toBe(wanted);
  });
  it('counts whole seconds, upwards', () => expect(linkTextOf({ kind: 'waiting', until: 4_500 }, 0, true)?.seconds).toBe(5));
});

it.each([['Ada Moreau', 'AM'], ['Nils', 'N'], ['陈晓明', '晓明'], ['  ', '?'], ['عمر خالد', 'عخ'], ['"Bo" van Dam', 'BD']])('initials of %s are %s', (name, wanted) => {
  expect(initialsOf(name)).toBe(wanted);
});

it('one id has one hue', () => {
  expect(hueOf('agt_1')).toBe(hueOf('agt_1'));
  expect(new Set([...'abcdefghijklmnop'].map(hueOf)).size).toBe(8);
});
