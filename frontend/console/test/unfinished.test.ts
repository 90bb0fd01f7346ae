// Places of an answer that nobody has filled in are told from links, and shown where an owner and an agent look.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createPinia, setActivePinia, type Pinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { LibraryIntent } from '../src/bot/library';
import { switchedOn } from '../src/bot/switched-on';
import { isUnfinished, placesIn, unfinishedIn } from '../src/bot/unfinished';
import { bot, intent, model } from './bot-fixture';
import { shown } from './render';

vi.mock('../src/api/routes', () => ({ bot: {}, intents: {}, faq: {}, session: {} }));
vi.mock('../src/bot/trainer', () => ({ openTrainer: vi.fn() }));
const { useBot } = await import('../src/bot/bot-store');
const { default: IntentsPage } = await import('../src/bot/IntentsPage.vue');
const { default: SuggestedReplies } = await import('../src/conversation/SuggestedReplies.vue');
const { default: UnfinishedNote } = await import('../src/bot/UnfinishedNote.vue');

describe('a place to fill in', () => {
  it.each([
    ['See [My orders] within [3 working days].', ['[My orders]', '[3 working days]']],
    ['到[我的 > 设置 > 注销账号]里操作。', ['[我的 > 设置 > 注销账号]']],
    ['[link] or [link]', ['[link]']],
    ['[…] and [...] and [?]', ['[…]', '[...]', '[?]']],
    ['([3 days])', ['[3 days]']],
    ['[A][B]', ['[A]', '[B]']],
    ['[a [nested] one]', ['[nested]']],
    ['[My orders] (at the top)', ['[My orders]']],
    ['Read [our rules](https://shop.example/rules).', []],
    ['![a map](https://shop.example/map.png)', []],
    ['[mail us](mailto:a@b.example) or [call]', ['[call]']],
    ['As they say [1], [2 3].', []],
    ['[] [ ] array[0]', []],
    ['[not\nin one line]', []],
    ['[open', []],
    ['Hello {name}, 【important】', []],
    ['', []],
  ])('%j has %j', (text, wanted) => expect(placesIn(text)).toEqual(wanted));

  it('is found in one go, however odd the text', () => {
    const begun = performance.now();
    placesIn('['.repeat(20_000) + `[${' '.repeat(20_000)}` + `[${'1'.repeat(20_000)}]`);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  it('is every bracket of the library’s drafts', () => {
    const folder = fileURLToPath(new URL('../../../library/intents/', import.meta.url));
    const all = readdirSync(folder).map((name) => JSON.parse(readFileSync(folder + name, 'utf8')) as LibraryIntent);
    for (const { id, answer: { en, zh } } of all) {
      for (const text of [en, zh]) expect([id, text.replace(/\[[^\]]*\]/gu, (place) => (placesIn(text).includes(place) ? '' : place))]).toEqual([id, text.replace(/\[[^\]]*\]/gu, '')]);
    }
    expect(all.map((one) => switchedOn({ ...one, counts: { en: 0, zh: 0 } })).filter(({ answer }) => placesIn(`${answer?.en}`).length > 0).length).toBeGreaterThan(50);
  });
});

it.each([['complaint', 'handoff'], ['human', 'handoff'], ['refund_status', 'answer']])('%s is switched on as one that does %s', (id, wanted) => {
  const one = JSON.parse(readFileSync(fileURLToPath(new URL(`../../../library/intents/${id}.json`, import.meta.url)), 'utf8')) as LibraryIntent;
  expect(switchedOn({ ...one, counts: { en: 0, zh: 0 } }).does).toBe(wanted);
});

describe('an intent', () => {
  const draft = { en: 'See [My orders].', zh: '' };
  it.each([
    ['as switched on', { answer: draft }, true],
    ['in Chinese alone', { answer: { en: 'Yes.', zh: '[3天]' } }, true],
    ['before a person', { answer: draft, does: 'handoff' as const }, true],
    ['whose system answers', { answer: draft, action: { url: 'https://shop.example/', verified: false } }, false],
    ['that is filled in', { answer: { en: 'See My orders.', zh: '' } }, false],
  ])('%s', (_, given, wanted) => expect(isUnfinished(intent('a', given))).toBe(wanted));
  it('names each place once', () => expect(unfinishedIn({ answer: { en: '[a] [b]', zh: '[a] [c]' } })).toEqual(['[a]', '[b]', '[c]']));
});

describe('what is unfinished', () => {
  let pinia: Pinia;
  beforeEach(() => {
    setActivePinia(pinia = createPinia());
    vi.stubGlobal('fetch', () => Promise.reject(new Error('none')));
    vi.stubGlobal('window', { matchMedia: () => ({ matches: true, addEventListener() {} }), addEventListener() {}, removeEventListener() {} });
    const store = useBot();
    store.bot = bot({ model: model(1), enabled: true });
    store.loaded = true;
    store.intents = [intent('orders', { answer: { en: 'See [My orders].', zh: '' } }), intent('hours', { answer: { en: '9 to 5', zh: '' } })];
  });

  it('is counted, with the way there', async () => {
    expect(await shown(UnfinishedNote, pinia)).toContain('1 answer has places like […] that nobody has filled in. Fill them in');
    useBot().intents = [intent('hours')];
    expect(await shown(UnfinishedNote, pinia)).toBe('');
  });

  it('is marked in the list, and can be looked at alone', async () => {
    const all = await shown(IntentsPage, pinia, { at: '/bot/intents' });
    expect([all.match(/Unfinished(?! \()/gu)?.length, all.includes('Unfinished (1)'), all.includes('hours')]).toEqual([1, true, true]);
    const some = await shown(IntentsPage, pinia, { at: '/bot/intents?show=unfinished' });
    expect([some.includes('orders'), some.includes('hours')]).toEqual([true, false]);
  });

  it('is marked where it is offered to agents', async () => {
    const suggestions = [{ id: 'orders', title: 'Orders', text: 'See [My orders].' }, { id: 'hours', title: 'Hours', text: '9 to 5' }];
    const text = await shown(SuggestedReplies, pinia, { props: { suggestions } });
    expect(text).toMatch(/See \[My orders\]\. Fill in first Hours 9 to 5(?! Fill)/u);
  });
});
