// `make deploy`: everything from a logged-in account to a Worker that serves. It may be run again at any time.
//   URL=https://…   the public address; remembered in wrangler.toml
//   ROTATE=1        with a new signing secret, the one in use as the one before it, in two uploads; force: though that is not half a year ago
//   DRY=1           all that needs no account: build, sizes, both homes' configurations, wrangler's own dry run
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workerdConfig } from '../deploy/workerd.mjs';
import { checkLogin, deployed, missingSecrets, noted, provision, publicOrigin, rotated, uploaded, uploads, withIds } from './lib/account.mjs';
import { build } from './lib/build.mjs';
import { readConfig, requiredSecrets } from './lib/config.mjs';
import { noteSent, takeOver } from './lib/kept.mjs';
import { migrate, newestMigration } from './lib/ops.mjs';
import { at, local } from './lib/paths.mjs';
import { Failure, main, spoken, step } from './lib/run.mjs';
import { parseSecrets, writeSecrets } from './lib/secrets.mjs';
import { checkNumbers } from './lib/settings.mjs';
import { measure } from './lib/sizes.mjs';
import { setup } from './lib/tools.mjs';
import { wrangler } from './lib/wrangler.mjs';

/** A new version takes some seconds to be everywhere. */
const SPREAD_MS = 90_000;

const dry = process.env.DRY === '1';
const known = local('deploy.env');
const sent = local('sent.json');

await main(async () => {
  await setup();
  if (!dry) await step('login', '', () => checkLogin(wrangler));
  const config = readConfig();
  checkNumbers(config.vars);
  const url = dry ? undefined : publicOrigin(process.env.URL || config.vars?.BELLHOP_URL);
  const kept = existsSync(known) ? parseSecrets(readFileSync(known, 'utf8')) : {};
  let mine = process.env.ROTATE && !dry ? rotated(kept, { isForced: process.env.ROTATE === 'force' }) : kept;
  await build('release');
  measure();

  if (dry) return rehearse(config);

  const ids = await step('databases and queues', '10 s', () => provision(config, wrangler));
  const toml = readFileSync(at('wrangler.toml'), 'utf8');
  const named = withIds(toml, ids, url);
  if (named !== toml) writeFileSync(at('wrangler.toml'), named);

  const { problem } = await step('the widget of earlier releases', '2 s', () => takeOver(url, at('public'), { sent }));
  // The first deployment finds none.
  if (problem) console.log(`  not taken over: ${problem}`);

  const fresh = await step('secrets', '', () => missingSecrets(config, wrangler, mine));
  // Kept before they are uploaded: what only Cloudflare has is lost, and a signing secret is rotated with the one before.
  mine = noted(mine, fresh);
  writeSecrets(known, mine);
  noteSent(sent, at('public'));

  for (const [index, secrets] of uploads(mine, fresh).entries()) {
    if (index > 0) await step('every Worker knows the new signing secret', spoken(SPREAD_MS), () => new Promise((resolve) => setTimeout(resolve, SPREAD_MS)));
    await step('upload', '20 s', () => upload(secrets));
    // Also one of an earlier run whose upload has failed, perhaps only after the secrets had arrived.
    const token = mine.BELLHOP_SETUP_TOKEN;
    if (token) console.log(`\nMake the first owner at ${url}/console/ with this set-up token, which is not shown again:\n\n  ${token}\n`);
    mine = uploaded(mine);
    writeSecrets(known, mine);
    const applied = await step('schema', '', () => schema(url, mine.BELLHOP_OPS_KEY));
    if (applied.length) console.log(`  ${applied.join(', ')}`);
  }
  writeSecrets(known, deployed(mine));
  console.log(`\nBellhop runs at ${url}. The console is at ${url}/console/.`);
});

/** The Worker, with these secrets beside those that it has. */
async function upload(secrets) {
  const folder = mkdtempSync(join(tmpdir(), 'bellhop-deploy-'));
  try {
    const file = join(folder, 'secrets.json');
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
    await wrangler(['deploy', ...(Object.keys(secrets).length ? ['--secrets-file', file] : [])]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rehearse(config) {
  await step('configuration of a workerd of one\u2019s own', '', () => workerdConfig(config, { address: '127.0.0.1:8787', modules: { js: 'index.js', wasm: 'index_bg.wasm' }, store: '/store', assets: '/public' }));
  const out = mkdtempSync(join(tmpdir(), 'bellhop-dry-'));
  try {
    await step('wrangler deploy --dry-run', '10 s', () => wrangler(['deploy', '--dry-run', '--outdir', out]));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
  const names = (list, key) => (list ?? []).map((it) => it[key]).join(', ') || 'none';
  console.log(`\nA real deployment would make where missing: D1 ${names(config.d1_databases, 'database_name')}; KV ${names(config.kv_namespaces, 'binding')}; R2 ${names(config.r2_buckets, 'bucket_name')}; queues ${names(config.queues?.consumers, 'queue')}; secrets ${requiredSecrets(config).join(', ')}.`);
}

/** Asks until the new Worker has migrated: before, the address answers with the old one, or not at all. */
async function schema(url, key) {
  try {
    return await migrate(url, key, { wanted: newestMigration(), patience: SPREAD_MS });
  } catch (error) {
    throw new Failure(`The Worker is uploaded, but it does not answer as it should. Try again: make deploy\n${error.message}`);
  }
}
