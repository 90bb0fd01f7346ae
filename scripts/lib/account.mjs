// What a deployment needs in a Cloudflare account, made where it is missing and named by wrangler.toml. Every step asks
// first, so that it may be run again after any failure. `wrangler` is passed in: tests put another in its place.
import { requiredSecrets } from './config.mjs';
import { Failure } from './run.mjs';
import { newSecret } from './secrets.mjs';

/** Refuses unless somebody is logged in. */
export async function checkLogin(wrangler) {
  try {
    return JSON.parse(await wrangler(['whoami', '--json']));
  } catch {
    throw new Failure('Not logged in at Cloudflare. Run: make login (or set CLOUDFLARE_API_TOKEN), then try again.');
  }
}

/** Databases, namespaces, buckets and queues of wrangler.toml; the ids to write into it, by binding. */
export async function provision(config, wrangler) {
  const ids = {};
  for (const { binding, database_name: name, database_id } of config.d1_databases ?? []) {
    if (database_id) continue;
    const find = async () => JSON.parse(await wrangler(['d1', 'list', '--json'])).find((it) => it.name === name)?.uuid;
    ids[binding] = (await find()) ?? (await make(['d1', 'create', name], find));
  }
  for (const { binding, id } of config.kv_namespaces ?? []) {
    if (id) continue;
    const title = `${config.name}-${binding}`;
    const find = async () => JSON.parse(await wrangler(['kv', 'namespace', 'list'])).find((it) => it.title === title)?.id;
    ids[binding] = (await find()) ?? (await make(['kv', 'namespace', 'create', title], find));
  }
  for (const { bucket_name: name } of config.r2_buckets ?? []) await ensure(['r2', 'bucket', 'info', name], ['r2', 'bucket', 'create', name]);
  const queues = config.queues ?? {};
  const names = [...(queues.producers ?? []).map((it) => it.queue), ...(queues.consumers ?? []).flatMap((it) => [it.queue, it.dead_letter_queue])];
  for (const name of new Set(names.filter(Boolean))) await ensure(['queues', 'info', name], ['queues', 'create', name]);
  return ids;

  async function make(create, find) {
    await wrangler(create);
    const id = await find();
    if (!id) throw new Failure(`wrangler ${create.join(' ')} made nothing that can be found.`);
    return id;
  }
  async function ensure(info, create) {
    const there = await wrangler(info).then(
      () => true,
      () => false,
    );
    if (!there) await wrangler(create);
  }
}

/**
 * The secrets to upload with the next version: those that the Worker lacks, and always our own BELLHOP_OPS_KEY, which
 * nobody but these scripts uses. Whether an earlier upload of it arrived, nobody can know: said again, both ends agree.
 */
export async function missingSecrets(config, wrangler, known) {
  // A Worker that does not exist yet has none. Any other failure says nothing of what is there, and a new secret in the place of the
  // one that signs would sign everybody out.
  const listed = await wrangler(['secret', 'list', '--format', 'json']).then(JSON.parse, (error) => {
    if (/Worker ".*" not found/.test(error.output)) return [];
    throw error;
  });
  const there = new Set(listed.map((it) => it.name));
  const secrets = {};
  for (const name of requiredSecrets(config)) {
    if (name === 'BELLHOP_OPS_KEY') secrets[name] = known[name] ?? newSecret();
    else if (!there.has(name)) secrets[name] = newSecret();
  }
  if (known.ROTATING === FIRST && there.has('BELLHOP_SECRET_PREVIOUS')) throw new Failure('The signing secret has been rotated by hand: Cloudflare has a BELLHOP_SECRET_PREVIOUS, and .local/deploy.env here has none. Put the two in use into that file, or a new one would sign everybody out.');
  if (known.ROTATING) Object.assign(secrets, { BELLHOP_SECRET: known.BELLHOP_SECRET, BELLHOP_SECRET_PREVIOUS: known.BELLHOP_SECRET_PREVIOUS });
  return secrets;
}

/** A rotation that nobody has asked Cloudflare about yet, of a note that knows of none before it. */
const FIRST = 'first';
/** So long the secret before verifies what it has signed: as long as any token lives. */
const ROTATION_DAYS = 180;
const DAY_MS = 86_400_000;

/**
 * What is kept, with a new signing secret and the one in use as the one before it, for the next upload. `ROTATING` stays until a Worker with
 * them has migrated: whatever fails, the two go up as they were noted, and a second call does not put a third in their place.
 */
export function rotated(known, { now = Date.now(), isForced = false } = {}) {
  if (known.ROTATING) return known;
  if (!known.BELLHOP_SECRET) throw new Failure('.local/deploy.env here has no BELLHOP_SECRET, and Cloudflare does not show it: without the one in use a new one would sign everybody out.');
  const ago = Math.floor((now - Date.parse(known.ROTATED)) / DAY_MS);
  if (ago < ROTATION_DAYS && !isForced) throw new Failure(`The signing secret was rotated ${ago} days ago. What the one before it has signed is good for ${ROTATION_DAYS}, and would not be any more: visitors without a newer token begin anew. If that is to be: ROTATE=force.`);
  return { ...known, BELLHOP_SECRET: newSecret(), BELLHOP_SECRET_PREVIOUS: known.BELLHOP_SECRET, ROTATING: known.BELLHOP_SECRET_PREVIOUS ? '1' : FIRST };
}

/** What is noted before an upload, beside what is `fresh` in it. */
export const noted = (known, fresh) => ({ ...known, ...fresh, ...(known.ROTATING ? { ROTATING: '1' } : {}) });

/**
 * The secrets of each upload, one after the other. Of a rotation two, because a version takes a while to be everywhere: the new secret only
 * verifies until every Worker knows it, and then signs. So each takes what any other has signed, also where both are begun again.
 */
export function uploads({ ROTATING: rotating }, fresh) {
  return rotating ? [{ ...fresh, BELLHOP_SECRET: fresh.BELLHOP_SECRET_PREVIOUS, BELLHOP_SECRET_PREVIOUS: fresh.BELLHOP_SECRET }, fresh] : [fresh];
}

/** What is kept after an upload: the set-up token has been printed. */
export function uploaded({ BELLHOP_SETUP_TOKEN: _, ...kept }) {
  return kept;
}

/** What is kept once all is done. */
export function deployed({ ROTATING: rotating, ...kept }, now = Date.now()) {
  return rotating ? { ...kept, ROTATED: new Date(now).toISOString().slice(0, 10) } : kept;
}

/** wrangler.toml with ids put beside their bindings and the public address in its place. Comments and order stay. */
export function withIds(toml, ids, url) {
  const lines = toml.split('\n');
  for (const [binding, id] of Object.entries(ids)) {
    const index = lines.findIndex((line) => line.trim() === `binding = "${binding}"`);
    if (index < 0) throw new Failure(`wrangler.toml has no binding "${binding}".`);
    const table = lines.slice(0, index).findLast((line) => line.startsWith('['));
    lines.splice(index + 1, 0, `${table === '[[d1_databases]]' ? 'database_id' : 'id'} = "${id}"`);
  }
  const text = lines.join('\n');
  return url === undefined ? text : text.replace(/^BELLHOP_URL = ".*"$/m, `BELLHOP_URL = ${JSON.stringify(url)}`);
}

/** The origin of an address, or a refusal that says what is wrong with it. */
export function publicOrigin(text) {
  if (!text) throw new Failure('Under which address will it be reached? make deploy URL=https://bellhop.YOURS.workers.dev (or a domain of your own with `routes` in wrangler.toml).');
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new Failure(`URL=${text} is no address.`);
  }
  if (url.protocol !== 'https:' || url.pathname !== '/' || url.search || url.hash) throw new Failure(`URL=${text} must be https:// and a host, nothing after it.`);
  return url.origin;
}
