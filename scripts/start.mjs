// `make start`: builds what has changed, runs it on workerd, fills a fresh store, prints where everything is, and stays
// to rebuild and restart whenever a source changes. Ctrl-C ends everything it started.
//
//   PORT=9000           another port than 8787
//   WATCH=0             no rebuilding
//   DEMO=0              no demo workspace: begins as a new deployment does, with the set-up token
//   BELLHOP_STORE=dir   another folder of data than .local/store
//   BELLHOP_URL=origin  the address under which browsers reach it, if that is not http://localhost:PORT
//   BELLHOP_VARS=json   further variables of the Worker; BELLHOP_URL may be one of them
//   BELLHOP_BUNDLE=release   what Cloudflare gets instead of the quick build
import { mkdirSync, writeFileSync } from 'node:fs';
import { build } from './lib/build.mjs';
import { readConfig, requiredSecrets } from './lib/config.mjs';
import { ensureBot } from './lib/demo-bot.mjs';
import { openShop } from './lib/demo-shop.mjs';
import { demo, hasDemo, putDemo } from './lib/demo.mjs';
import { claim } from './lib/lease.mjs';
import { migrate } from './lib/ops.mjs';
import { local } from './lib/paths.mjs';
import { endChildren, Failure, main, spoken } from './lib/run.mjs';
import { localSecrets } from './lib/secrets.mjs';
import { freePort, start } from './lib/server.mjs';
import { checkNumbers, settings } from './lib/settings.mjs';
import { watchSources } from './lib/watch.mjs';

const began = Date.now();
let said;
let server;
let ending = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    if (ending) return;
    ending = true;
    console.log('\nEnding.');
    endChildren();
    await server?.stop();
    process.exit(0);
  });
}

await main(async () => {
  said = settings(process.env);
  const { port, store, bundle, outside, vars } = said;
  if (outside && hasDemo(store)) throw new Failure(`The demo is in ${store}, and its passwords are well known. Choose a store of its own for an address that others reach: BELLHOP_STORE=.`);
  checkNumbers(readConfig().vars);
  await claim(store);
  await freePort(port);
  await build(bundle);
  server = await start({ port, store, profile: bundle, secrets: localSecrets(requiredSecrets(readConfig())), vars, log: 'inherit' });
  tell(await fill());
  if (said.watching) watchSources(renew);
  throw new Failure(`workerd ended by itself (${await server.died}).`);
});
if (!ending) {
  await server?.stop();
  process.exit(process.exitCode);
}

/** Schema and demo data; either does nothing where they are there already. */
async function fill() {
  const applied = await migrate(server.url, server.secrets.BELLHOP_OPS_KEY);
  if (applied.length) console.log(`✓ Schema: ${applied.join(', ')}`);
  if (!said.withDemo) return undefined;
  const seeded = await putDemo(server);
  const origin = said.vars.BELLHOP_URL || server.url;
  await ensureBot({ url: server.url, origin, owner: demo.owner, store: server.store, isNew: seeded.created });
  await openShop(server.store);
  return seeded;
}

/** After a change. A version that does not build, or does not start, leaves the one before it running. */
async function renew() {
  const since = Date.now();
  try {
    checkNumbers(readConfig().vars);
    const { worker, front } = await build(said.bundle);
    if (!worker && !front.length) return;
    if (worker) {
      await server.restart();
      await fill();
    }
    console.log(`✓ Running the change after ${spoken(Date.now() - since)}.`);
  } catch (error) {
    if (!ending) console.error(`${error instanceof Failure ? error.message : error.stack}\nSave again when it is mended.`);
  }
}

/** Where everything is, for people and, in .local/start.json, for tools. */
function tell(seed) {
  const { url, secrets } = server;
  const login = ({ email, password }) => ({ email, password });
  const places = {
    url,
    console: `${url}/console/`,
    demo: `${url}/`,
    site: seed?.site ?? null,
    owner: seed ? login(demo.owner) : null,
    agents: seed ? demo.agents.map(login) : [],
  };
  mkdirSync(local(), { recursive: true });
  writeFileSync(local('start.json'), `${JSON.stringify(places, null, 2)}\n`, { mode: 0o600 });

  const lines = [`\nBellhop runs (${spoken(Date.now() - began)}).\n`];
  if (seed) {
    lines.push(`  Demo shop  ${places.demo}`, `  Console    ${places.console}`, '');
    const people = [['Owner', demo.owner], ...demo.agents.map((it) => ['Agent', it])];
    for (const [role, { email, password }] of people) lines.push(`  ${role}  ${email.padEnd(20)} ${password}`);
  } else {
    lines.push(`  Console       ${places.console}`, `  Set-up token  ${secrets.BELLHOP_SETUP_TOKEN}`);
  }
  lines.push('', said.watching ? 'A saved change is built and run by itself. Ctrl-C ends everything.' : 'Ctrl-C ends everything.', '');
  console.log(lines.join('\n'));
}
