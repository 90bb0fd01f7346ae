// `make reset-password EMAIL=owner@example.com`: a link that works once, for an owner who is locked out. Without URL=
// for the server of `make start`, with it for a deployment that this machine has made.
import { existsSync, readFileSync } from 'node:fs';
import { ops } from './lib/ops.mjs';
import { local } from './lib/paths.mjs';
import { Failure, main } from './lib/run.mjs';
import { parseSecrets } from './lib/secrets.mjs';

await main(async () => {
  const { EMAIL: email, URL: deployed } = process.env;
  if (!email) throw new Failure('Whose password? make reset-password EMAIL=owner@example.com');
  const file = local(deployed ? 'deploy.env' : 'secrets.env');
  const key = existsSync(file) ? parseSecrets(readFileSync(file, 'utf8')).BELLHOP_OPS_KEY : undefined;
  if (!key) throw new Failure(deployed ? 'This machine has no key of that deployment: run make deploy here first, it makes a new one.' : 'Nothing has been started here yet.');
  const url = deployed || (existsSync(local('start.json')) ? JSON.parse(readFileSync(local('start.json'), 'utf8')).url : undefined);
  if (!url) throw new Failure('Nothing runs here. Start it as you always do, a workspace of your own with DEMO=0; then try again.');
  let answer;
  try {
    answer = await ops(url, key, 'reset_password', { email });
  } catch (error) {
    if (error.status === undefined) throw new Failure(`${url} does not answer. Is it running?`);
    if (error.status === 404) throw new Failure(`${url} knows no ${email}.`);
    throw error;
  }
  console.log(`${answer.link}\n\nIt works once, until ${answer.expires_at}. Open it in a browser and choose a new password.`);
});
