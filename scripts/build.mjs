// `make build`: everything that is deployed. wrangler calls it, too (wrangler.toml).
//   --profile start   the bundle of `make start` instead of the release
//   --only worker     (or front) one half; ahead: what takes long, beside a server that runs
import { build } from './lib/build.mjs';
import { main, option } from './lib/run.mjs';

await main(() => build(option('profile') ?? 'release', option('only')));
