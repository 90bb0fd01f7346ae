// `make build`: everything that is deployed. wrangler calls it, too (wrangler.toml).
//   --profile start   the bundle of `make start` instead of the release
//   --only worker     (or front) one half
import { buildFront } from './lib/front.mjs';
import { all, main, option } from './lib/run.mjs';
import { setup } from './lib/tools.mjs';
import { buildWorker } from './lib/worker.mjs';

await main(async () => {
  await setup();
  const only = option('only');
  await all([only !== 'front' && buildWorker(option('profile') ?? 'release'), only !== 'worker' && buildFront()]);
});
