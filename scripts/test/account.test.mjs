// What `make deploy` does to an account, against a wrangler that only remembers.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { checkLogin, deployed, missingSecrets, noted, provision, publicOrigin, rotated, uploaded, uploads, withIds } from '../lib/account.mjs';
import { readConfig } from '../lib/config.mjs';
import { npm } from '../lib/npm.mjs';
import { migrate, newestMigration, ops } from '../lib/ops.mjs';
import { at } from '../lib/paths.mjs';

const parse = (toml) => npm('smol-toml').parse(toml);

/** An account: databases, namespaces, queues, buckets and secrets by name. Answers as wrangler prints. */
function account({ d1 = {}, kv = {}, queues = [], r2 = [], secrets, loggedIn = true } = {}) {
  const calls = [];
  const wrangler = async (args) => {
    const line = args.join(' ');
    calls.push(line);
    const name = args.at(-1);
    if (line === 'whoami --json') return loggedIn ? '{"email":"a@example.com"}' : Promise.reject(new Error('not authenticated'));
    if (line === 'd1 list --json') return JSON.stringify(Object.entries(d1).map(([name, uuid]) => ({ name, uuid })));
    if (line === `d1 create ${name}`) return void (d1[name] = `uuid-${name}`);
    if (line === 'kv namespace list') return JSON.stringify(Object.entries(kv).map(([title, id]) => ({ title, id })));
    if (line === `kv namespace create ${name}`) return void (kv[name] = `id-${name}`);
    if (line === `queues info ${name}`) return queues.includes(name) ? 'Queue' : Promise.reject(new Error('no such queue'));
    if (line === `queues create ${name}`) return void queues.push(name);
    if (line === `r2 bucket info ${name}`) return r2.includes(name) ? 'bucket' : Promise.reject(new Error('no such bucket'));
    if (line === `r2 bucket create ${name}`) return void r2.push(name);
    if (line === 'secret list --format json') return secrets ? JSON.stringify(secrets.map((name) => ({ name, type: 'secret_text' }))) : Promise.reject(Object.assign(new Error(), { output: 'X [ERROR] Worker "shop" not found.\n' }));
    throw new Error(`unexpected: wrangler ${line}`);
  };
  return { calls, wrangler, d1, kv, queues, r2 };
}

const EVERYTHING = `name = "shop"
[[d1_databases]]
binding = "DB"
database_name = "main"
[[kv_namespaces]]
binding = "MODELS"
[[r2_buckets]]
binding = "FILES"
bucket_name = "files"
[[queues.producers]]
binding = "Q"
queue = "events"
[[queues.consumers]]
queue = "events"
dead_letter_queue = "dead"
[secrets]
required = ["BELLHOP_SECRET", "BELLHOP_OPS_KEY"]
`;

test('an empty account gets everything, once', async () => {
  const it = account();
  assert.deepEqual(await provision(parse(EVERYTHING), it.wrangler), { DB: 'uuid-main', MODELS: 'id-shop-MODELS' });
  assert.deepEqual(it.queues, ['events', 'dead']);
  assert.deepEqual(it.r2, ['files']);
  const made = it.calls.length;
  assert.deepEqual(await provision(parse(EVERYTHING), it.wrangler), { DB: 'uuid-main', MODELS: 'id-shop-MODELS' });
  assert.ok(!it.calls.slice(made).some((line) => line.includes('create')), 'the second run makes nothing');
});

test('ids that wrangler.toml has already are not asked for', async () => {
  const it = account({ queues: ['events', 'dead'], r2: ['files'] });
  const config = parse(EVERYTHING);
  config.d1_databases[0].database_id = 'x';
  config.kv_namespaces[0].id = 'y';
  assert.deepEqual(await provision(config, it.wrangler), {});
  assert.ok(!it.calls.some((line) => /^(d1|kv)/.test(line)));
});

test('a failure that is not "missing" surfaces: what could not be made is an error', async () => {
  const it = account();
  const broken = (args) => (args[0] === 'queues' ? Promise.reject(new Error('network')) : it.wrangler(args));
  await assert.rejects(provision(parse(EVERYTHING), broken), /network/);
});

const KNOWN = 'k'.repeat(43);
const SECRETS = [
  { name: 'a new Worker gets all', there: undefined, known: {}, fresh: ['BELLHOP_SECRET', 'BELLHOP_OPS_KEY'] },
  { name: 'a complete one is told our key again, perhaps the last upload failed', there: ['BELLHOP_SECRET', 'BELLHOP_OPS_KEY'], known: { BELLHOP_OPS_KEY: KNOWN }, fresh: ['BELLHOP_OPS_KEY'], kept: true },
  { name: 'the signing secret is never replaced', there: ['BELLHOP_SECRET'], known: { BELLHOP_OPS_KEY: KNOWN }, fresh: ['BELLHOP_OPS_KEY'], kept: true },
  { name: 'another machine gets an operations key of its own', there: ['BELLHOP_SECRET', 'BELLHOP_OPS_KEY'], known: {}, fresh: ['BELLHOP_OPS_KEY'] },
];
for (const { name, there, known, fresh, kept = false } of SECRETS) {
  test(`secrets: ${name}`, async () => {
    const secrets = await missingSecrets(parse(EVERYTHING), account({ secrets: there }).wrangler, known);
    assert.deepEqual(Object.keys(secrets), fresh);
    for (const value of Object.values(secrets)) assert.match(value, /^[\w-]{43}$/);
    assert.equal(new Set(Object.values(secrets)).size, fresh.length);
    assert.equal(secrets.BELLHOP_OPS_KEY === KNOWN, kept);
  });
}

test('secrets: a list that could not be had is no empty list', async () => {
  const down = async () => Promise.reject(Object.assign(new Error('503 Service Unavailable'), { output: 'A request to the Cloudflare API failed. 503 Service Unavailable' }));
  await assert.rejects(missingSecrets(parse(EVERYTHING), down, { BELLHOP_OPS_KEY: KNOWN }), /503/);
});

test('secrets: each rotation puts the one in use before the new one, both as they were noted until a Worker has migrated with them', async () => {
  const NOW = Date.parse('2026-11-30T10:00:00Z');
  const there = ['BELLHOP_SECRET', 'BELLHOP_OPS_KEY'];
  const upload = (known) => missingSecrets(parse(EVERYTHING), account({ secrets: there }).wrangler, known);
  let known = { BELLHOP_SECRET: 'first', BELLHOP_OPS_KEY: KNOWN };
  for (const now of [NOW, NOW + 181 * 86_400_000]) {
    const used = known.BELLHOP_SECRET;
    known = rotated(known, { now });
    const sent = await upload(known);
    assert.deepEqual(sent, { BELLHOP_SECRET: known.BELLHOP_SECRET, BELLHOP_SECRET_PREVIOUS: used, BELLHOP_OPS_KEY: KNOWN });
    assert.match(sent.BELLHOP_SECRET, /^[\w-]{43}$/);
    known = noted(known, sent);
    there.push('BELLHOP_SECRET_PREVIOUS');
    // The upload has failed, or the migration after it, and the command is called again: with the file as that run has left it.
    for (const left of [known, uploaded({ ...known, BELLHOP_SETUP_TOKEN: 'once' })]) {
      assert.deepEqual(await upload(rotated(left, { now })), sent);
      assert.deepEqual(await upload(left), sent);
    }
    known = deployed(uploaded({ ...known, BELLHOP_SETUP_TOKEN: 'once' }), now);
    assert.deepEqual(known, { ...sent, ROTATED: new Date(now).toISOString().slice(0, 10) }, 'kept for the next one');
    assert.deepEqual(await upload(known), { BELLHOP_OPS_KEY: KNOWN });
    assert.throws(() => rotated(known, { now: now + 100 * 86_400_000 }), /100 days ago.*ROTATE=force/);
    assert.equal(rotated(known, { now, isForced: true }).BELLHOP_SECRET_PREVIOUS, known.BELLHOP_SECRET);
  }
  assert.throws(() => rotated({ BELLHOP_OPS_KEY: KNOWN }), /no BELLHOP_SECRET/);
  // Of one that was made by hand the note knows nothing.
  await assert.rejects(upload(rotated({ BELLHOP_SECRET: 'stale', BELLHOP_OPS_KEY: KNOWN })), /rotated by hand/);
  assert.deepEqual(deployed({ BELLHOP_SECRET: 'first' }), { BELLHOP_SECRET: 'first' });
});

test('secrets: while a rotation spreads, each Worker takes what any other has signed, wherever it was broken off and begun again', async () => {
  const used = { BELLHOP_SECRET: 'used', BELLHOP_SECRET_PREVIOUS: 'earlier', BELLHOP_OPS_KEY: KNOWN };
  const mine = rotated(used);
  const fresh = await missingSecrets(parse(EVERYTHING), account({ secrets: Object.keys(used) }).wrangler, mine);
  const all = uploads(noted(mine, fresh), fresh);
  assert.deepEqual(all.at(-1), fresh);
  for (let end = 1; end <= all.length; end++) {
    const versions = [used, ...all.slice(0, end), ...all];
    for (let i = 1; i < versions.length; i++) {
      const both = versions.slice(i - 1, i + 1);
      const verified = both.map((it) => [it.BELLHOP_SECRET, it.BELLHOP_SECRET_PREVIOUS]);
      for (const { BELLHOP_SECRET: signs } of both) for (const verifies of verified) assert.ok(verifies.includes(signs), `broken off after ${end}, upload ${i}`);
    }
  }
  assert.deepEqual(uploads(used, { BELLHOP_OPS_KEY: KNOWN }), [{ BELLHOP_OPS_KEY: KNOWN }], 'one is enough where nothing is rotated');
});

/** A Worker that answers `/ops/v1/migrate` with these, one after the other, and for ever with the last. */
async function answering(t, answers) {
  let calls = 0;
  const server = createServer((_, response) => {
    const answer = answers[Math.min(calls++, answers.length - 1)];
    response.writeHead(answer ? 200 : 503).end(JSON.stringify(answer ?? { code: 'secrets_missing' }));
  });
  t.after(() => server.close());
  const port = await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
  return { url: `http://127.0.0.1:${port}`, calls: () => calls };
}

const OLD = { applied: [], to: 20 };
const DEPLOYED = [
  { name: 'the old Worker answers for a while', answers: [OLD, OLD, { applied: ['0021_x'], to: 21 }, { applied: [], to: 21 }], applied: ['0021_x'], calls: 4 },
  { name: 'nobody answers for a while, and two calls are needed', answers: [null, { applied: ['0019_x', '0020_x'], to: 20 }, { applied: ['0021_x'], to: 21 }, { applied: [], to: 21 }], applied: ['0019_x', '0020_x', '0021_x'], calls: 4 },
  { name: 'an older one is put back', answers: [{ applied: [], to: 23 }], applied: [], calls: 1 },
];
for (const { name, answers, applied, calls } of DEPLOYED) {
  test(`schema: ${name}`, async (t) => {
    const it = await answering(t, answers);
    assert.deepEqual(await migrate(it.url, KNOWN, { wanted: 21, patience: 10_000, pause: 1 }), applied);
    assert.equal(it.calls(), calls);
  });
}

test('schema: an old Worker that never goes is no success', async (t) => {
  const it = await answering(t, [OLD]);
  await assert.rejects(migrate(it.url, KNOWN, { wanted: 21, patience: 50, pause: 1 }), /schema at 20: .* needs 21/);
  assert.deepEqual(await migrate(it.url, KNOWN), [], 'who runs what is built here asks for nothing more');
});

for (const minutes of [-90, -1.1, 1.1, 90]) {
  test(`a clock that is ${minutes} minutes off: the server's counts`, async (t) => {
    const seconds = () => Math.floor(Date.now() / 1000 - minutes * 60);
    const server = createServer(({ headers }, response) => {
      const [head, body, signature] = headers.authorization.slice('Bearer '.length).split('.');
      const { iat, exp } = JSON.parse(Buffer.from(body, 'base64url'));
      const isGood = signature === createHmac('sha256', KNOWN).update(`${head}.${body}`).digest('base64url') && iat <= seconds() + 60 && seconds() < exp;
      response.writeHead(isGood ? 200 : 401, { date: new Date(seconds() * 1000).toUTCString() }).end('{"ready":true}');
    });
    t.after(() => server.close());
    const port = await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
    assert.deepEqual(await ops(`http://127.0.0.1:${port}`, KNOWN, 'health'), { ready: true });
    await assert.rejects(ops(`http://127.0.0.1:${port}`, 'another', 'health'), /answered 401/);
  });
}

test('the newest migration is the last file', () => {
  assert.match(readdirSync(at('migrations')).sort().at(-1), new RegExp(`^0*${newestMigration()}_`));
});

test('without a login it says how to get one', async () => {
  await assert.rejects(checkLogin(account({ loggedIn: false }).wrangler), /make login/);
  assert.equal((await checkLogin(account().wrangler)).email, 'a@example.com');
});

test('ids and address land in our wrangler.toml, everything else stays', () => {
  const before = readFileSync(at('wrangler.toml'), 'utf8');
  const after = withIds(before, { DB: '12-34' }, 'https://chat.example.com');
  const config = parse(after);
  assert.equal(config.d1_databases[0].database_id, '12-34');
  assert.equal(config.vars.BELLHOP_URL, 'https://chat.example.com');
  delete config.d1_databases[0].database_id;
  const expected = readConfig();
  delete expected.d1_databases[0].database_id;
  expected.vars.BELLHOP_URL = 'https://chat.example.com';
  assert.deepEqual(config, expected);
  for (const line of before.split('\n').filter((it) => it.startsWith('#'))) assert.ok(after.includes(line), line);
  assert.throws(() => withIds(before, { NOPE: '1' }), /NOPE/);
});

for (const [given, origin] of [['https://chat.example.com', 'https://chat.example.com'], ['https://chat.example.com/', 'https://chat.example.com'], ['https://chat.example.com:8443', 'https://chat.example.com:8443']]) {
  test(`address ${given}`, () => assert.equal(publicOrigin(given), origin));
}
for (const given of [undefined, '', 'chat.example.com', 'http://chat.example.com', 'https://chat.example.com/console/', 'https://chat.example.com/?a=1']) {
  test(`no address: ${given}`, () => assert.throws(() => publicOrigin(given), /URL=/));
}
