// `make size`: every budgeted size beside its budget.
import { main } from './lib/run.mjs';
import { measure } from './lib/sizes.mjs';

await main(measure);
