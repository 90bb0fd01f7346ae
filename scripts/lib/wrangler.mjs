// wrangler, on the Node that it wants: the one that npm brings, first on the path for it alone.
import { delimiter } from 'node:path';
import { at } from './paths.mjs';
import { run } from './run.mjs';

export const wranglerEnv = (env = {}) => ({
  ...env,
  PATH: at('frontend/node_modules/.bin') + delimiter + process.env.PATH,
  WRANGLER_SEND_METRICS: 'false',
  // Ours has no build step of its own to guess at, and nobody to ask.
  CI: '1',
});

/** Runs a wrangler command in the repository; gives back what it printed. */
export const wrangler = (args, options = {}) => run(at('frontend/node_modules/.bin/node'), [at('frontend/node_modules/wrangler/bin/wrangler.js'), ...args], { ...options, env: wranglerEnv(options.env) });
