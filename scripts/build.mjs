// `make build`: everything that is deployed. `--profile start` makes the bundle of `make start`.
// wrangler calls it, too (wrangler.toml).
import { buildFront } from './lib/front.mjs';
import { main, option } from './lib/run.mjs';
import { setup } from './lib/tools.mjs';
import { buildWorker } from './lib/worker.mjs';

await main(async () => {
  await setup();
  await Promise.all([buildWorker(option('profile') ?? 'release'), buildFront()]);
});
