// `make chaos`: kill and fault runs on the real server, the scenarios beside each other (most of each is waiting); after them by itself the one
// that measures what slow readers cost.
//   N=100          `kill -9` in kills.test.mjs, default 10, and ends of the server in transfers.test.mjs, default 6
//   SEED=7         the same decisions again; what the machine does in between differs, so a rare finding may take several runs
//   SOCKETS=400    of the storm, beside DESCRIPTORS=2000; by default what one process is meant for, where the machine gives it so many
//   ONLY=kills     one file of tests/chaos/ alone
//   BREAK=name     the product broken on purpose (tests/chaos/lib/broken.mjs): the run must fail
import { Failure, main } from './lib/run.mjs';
import { build } from './lib/build.mjs';
import { nodeTests } from './lib/node-tests.mjs';
import { descriptors } from './lib/server.mjs';
import { setup } from './lib/tools.mjs';

/** Of the storm, in one process. */
const FULL = { SOCKETS: '8000', DESCRIPTORS: '20000' };

await main(async () => {
  const { N, SEED, ONLY, BREAK, BELLHOP_BUNDLE: profile = 'release' } = process.env;
  const [kills, transfers] = N === undefined || N === '' ? [10, 6] : [Number(N), Number(N)];
  const seed = SEED ? Number(SEED) : Date.now() % 1_000_000;
  if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) throw new Failure('N and SEED are whole numbers.');
  const { SOCKETS } = process.env;
  const storm = SOCKETS || descriptors() < Number(FULL.DESCRIPTORS) ? {} : FULL;
  await setup();
  await build(profile);
  await nodeTests('tests/chaos', { KILLS: String(kills), TRANSFERS: String(transfers), SEED: String(seed), ...storm, BREAK: BREAK ?? '', BELLHOP_BUNDLE: profile }, { only: ONLY, together: 3, alone: ['slow'] });
});
