// The module that the runtime loads, beside a bundle that is none.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { at } from '../lib/paths.mjs';

/** What it exports, around these exports of a bundle. */
async function shim(bundle) {
  globalThis.BUNDLE = { __worker_init_state: () => ({ instanceId: 1 }), ...bundle };
  const source = readFileSync(at('scripts/worker-shim.js'), 'utf8').replace("import * as exports from './index.js';", 'const exports = globalThis.BUNDLE;');
  return (await import(`data:text/javascript,${encodeURIComponent(source)}`)).default;
}

test('INV-13: a request that changes something goes on though its client hangs up', async () => {
  // Cloudflare cancels what a client's request does when the client is gone; workerd does not, so no test on the runtime can see it.
  const answer = Promise.resolve('answer');
  const { fetch } = await shim({ fetch: () => answer });
  for (const [method, lives] of [['GET', []], ['POST', [answer]], ['PATCH', [answer]], ['DELETE', [answer]]]) {
    const kept = [];
    assert.equal(fetch({ method }, {}, { waitUntil: (promise) => kept.push(promise) }), answer);
    assert.deepEqual(kept, lives, method);
  }
});
