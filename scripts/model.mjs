// `make model`: the simulator, so many steps over as many seeds as that takes, or one seed again. Its settings come by the
// environment: STEPS=, SEED=, LENGTH=, FROM=, WITHOUT=, ROOMS=, AGENTS=, JOBS=, SHRINK=0, SHOW=1 (tests/simulator/src/main.rs).
import { main, run } from './lib/run.mjs';
import { setup } from './lib/tools.mjs';

/** Built with an optimiser and run to its end; it prints what it has done and fails if anything did not hold. */
export const model = (env = {}) => run('cargo', ['run', '--quiet', '--locked', '--profile', 'model', '-p', 'bellhop-simulator', '--bin', 'bellhop-simulator'], { quiet: false, env });

if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    await setup();
    await model();
  });
}
