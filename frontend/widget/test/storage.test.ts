import { expect, test } from 'vitest';
import { openStore, readJson } from '../storage.ts';

/** A disk that can fail: as a whole (`blocked`), or to take more (`full`). */
function faultyDisk() {
  const state = { blocked: false, full: false };
  const items: Record<string, string> = Object.create({
    getItem: (key: string) => items[key] ?? null,
    setItem(key: string, value: string) {
      if (state.full) throw new Error('full');
      items[key] = value;
    },
    removeItem: (key: string) => void delete items[key],
  }) as Record<string, string>;
  const disk = () => {
    if (state.blocked) throw new Error('blocked');
    return items as unknown as Storage;
  };
  return { state, items, disk };
}

test('keeps on the disk under its prefix, and sees nobody else', () => {
  const { items, disk } = faultyDisk();
  const store = openStore('bellhop.site_a', disk);
  items['bellhop.site_ab.out.x'] = 'other site';
  items.other = 'other script';
  store.set('', 'session');
  store.set('.out.1', 'one');
  expect(items).toMatchObject({ 'bellhop.site_a': 'session', 'bellhop.site_a.out.1': 'one' });
  expect(store.names('.out.')).toEqual(['.out.1']);
  store.remove('.out.1');
  expect([store.get('.out.1'), store.get(''), store.names('.out.')]).toEqual([undefined, 'session', []]);
});

test('a forbidden disk is replaced by memory', () => {
  const { state, disk } = faultyDisk();
  state.blocked = true;
  const store = openStore('p', disk);
  store.set('.out.1', 'one');
  expect([store.get('.out.1'), store.names('.out.')]).toEqual(['one', ['.out.1']]);
  store.remove('.out.1');
  expect(store.get('.out.1')).toBeUndefined();
});

test('the memory is the page’s: whoever opens the same store later finds what the disk did not take', () => {
  const { state, disk } = faultyDisk();
  state.blocked = true;
  openStore('kept', disk).set('.out.1', 'one');
  const later = openStore('kept', disk);
  expect([later.get('.out.1'), later.names('.out.'), openStore('kept.me.ada', disk).names('')]).toEqual(['one', ['.out.1'], []]);
});

test('what a full disk does not take counts before what it holds, once', () => {
  const { state, items, disk } = faultyDisk();
  const store = openStore('p', disk);
  store.set('.out.1', 'old');
  state.full = true;
  store.set('.out.1', 'new');
  expect([store.get('.out.1'), store.names('.out.'), items['p.out.1']]).toEqual(['new', ['.out.1'], 'old']);
  state.full = false;
  store.set('.out.1', 'newest');
  expect([store.get('.out.1'), items['p.out.1']]).toEqual(['newest', 'newest']);
});

test('the host page’s own values are not read to find a name', () => {
  const { items, disk } = faultyDisk();
  let reads = 0;
  for (const key of ['cart', 'p.out.1']) Object.defineProperty(items, key, { enumerable: true, get: () => (reads++, 'long') });
  expect([openStore('p', disk).names('.out.'), reads]).toEqual([['.out.1'], 0]);
});

test.each([['{"a":1}', { a: 1 }], ['{', undefined], ['', undefined]])('JSON %s', (text, expected) => {
  const { disk } = faultyDisk();
  const store = openStore('p', disk);
  if (text) store.set('x', text);
  expect(readJson(store, 'x')).toEqual(expected);
});
