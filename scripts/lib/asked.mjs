// What the commands ask of a server: of the one of `make start` or, by its address, of a deployment that this machine has made.
import { existsSync, readFileSync } from 'node:fs';
import { ops } from './ops.mjs';
import { local } from './paths.mjs';
import { Failure } from './run.mjs';
import { parseSecrets } from './secrets.mjs';

/** Calls a route under /ops/v1 with the key that is kept here; its address and what it answers. */
export async function asked(deployed, route, body) {
  const file = local(deployed ? 'deploy.env' : 'secrets.env');
  const key = existsSync(file) ? parseSecrets(readFileSync(file, 'utf8')).BELLHOP_OPS_KEY : undefined;
  if (!key) throw new Failure(deployed ? 'This machine has no key of that deployment: run make deploy here first, it makes a new one.' : 'Nothing has been started here yet.');
  const url = deployed || (existsSync(local('start.json')) ? JSON.parse(readFileSync(local('start.json'), 'utf8')).url : undefined);
  if (!url) throw new Failure('Nothing runs here. Start it as you always do, a workspace of your own with DEMO=0; then try again.');
  try {
    return { url, answer: await ops(url, key, route, body) };
  } catch (error) {
    if (error instanceof Failure) throw Object.assign(error, { url });
    throw new Failure(`${url} does not answer. Is it running?`);
  }
}
