// The starter library, as the console's build copies it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyLibrary } from '../lib/library.mjs';
import { at } from '../lib/paths.mjs';

const read = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));

test('each intent is copied whole, the list has all of them and no example', () => {
  const to = mkdtempSync(join(tmpdir(), 'bellhop-library-'));
  try {
    copyLibrary(at('library/intents'), to);
    const names = readdirSync(at('library/intents')).sort();
    assert.ok(names.length >= 50);
    assert.deepEqual(readdirSync(to).sort(), [...names, 'index.json'].sort());
    const index = read(to, 'index.json');
    assert.deepEqual(index.map(({ id }) => `${id}.json`), names);
    for (const one of index) {
      const source = read(at('library/intents'), `${one.id}.json`);
      assert.deepEqual(read(to, `${one.id}.json`), source);
      const { examples, ...rest } = source;
      assert.deepEqual(one, { ...rest, counts: { en: examples.en.length, zh: examples.zh.length } });
    }
  } finally {
    rmSync(to, { recursive: true });
  }
});
