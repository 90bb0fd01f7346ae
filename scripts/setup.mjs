// `make setup`: what a build needs beside node, npm, rustup and a C linker.
import { main } from './lib/run.mjs';
import { setup } from './lib/tools.mjs';

await main(setup);
