// What `make start` reads from its environment.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { at } from '../lib/paths.mjs';
import { chosenBundle } from '../lib/settings.mjs';

test('what is built is what is started: the quick bundle, or the one that is asked for', () => {
  assert.equal(chosenBundle({}), 'start');
  assert.equal(chosenBundle({ BELLHOP_BUNDLE: '' }), 'start');
  assert.equal(chosenBundle({ BELLHOP_BUNDLE: 'release' }), 'release');
  for (const path of ['scripts/start.mjs', 'scripts/lib/server.mjs']) {
    const source = readFileSync(at(path), 'utf8');
    assert.doesNotMatch(source, /BELLHOP_BUNDLE \|\||build\('/, `${path} chooses for itself`);
  }
});
