// The small parts that the commands stand on.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { claim, hold } from '../lib/lease.mjs';
import { opsToken } from '../lib/ops.mjs';
import { all, spoken } from '../lib/run.mjs';
import { localSecrets, parseSecrets, writeSecrets } from '../lib/secrets.mjs';
import { at } from '../lib/paths.mjs';
import { freePort } from '../lib/server.mjs';
import { trainerSources } from '../lib/trainer.mjs';

const folder = (t) => {
  const path = mkdtempSync(join(tmpdir(), 'bellhop-lib-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

test('secrets are made once, kept, completed, and readable by their owner alone', (t) => {
  const path = join(folder(t), 'deep', 'secrets.env');
  const first = localSecrets(['A', 'B'], path);
  assert.match(first.A, /^[\w-]{43}$/);
  assert.notEqual(first.A, first.B);
  assert.deepEqual(localSecrets(['A', 'B'], path), first);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const more = localSecrets(['A', 'B', 'C'], path);
  assert.deepEqual({ A: more.A, B: more.B }, first);
  assert.equal(readFileSync(path, 'utf8'), `A=${more.A}\nB=${more.B}\nC=${more.C}\n`);
  // Rotation: one that gets another name is made anew.
  writeFileSync(path, `A_PREVIOUS=${more.A}\nB=${more.B}\n`);
  const rotated = localSecrets(['A', 'B'], path);
  assert.deepEqual(rotated, { A_PREVIOUS: more.A, B: more.B, A: rotated.A });
  assert.notEqual(rotated.A, more.A);
});

test('secrets that can\u2019t be written stay as they were, and what stands there is not written again', (t) => {
  const path = join(folder(t), 'secrets.env');
  writeSecrets(path, { A: 'first' });
  const { ino } = statSync(path);
  writeSecrets(path, { A: 'first' });
  assert.equal(statSync(path).ino, ino);
  // As on a full disk: no file may be longer than so many blocks.
  const limited = (blocks) => {
    const script = `import { writeSecrets } from ${JSON.stringify(at('scripts/lib/secrets.mjs'))}; writeSecrets(${JSON.stringify(path)}, { A: 'second'.repeat(1e5) });`;
    return spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" --input-type=module -e "$1"`, process.execPath, script], { encoding: 'utf8' });
  };
  const { status, stderr } = limited(100);
  assert.ok(status !== 0 && stderr.includes('EFBIG'), stderr);
  assert.deepEqual(parseSecrets(readFileSync(path, 'utf8')), { A: 'first' });
  assert.deepEqual(readdirSync(join(path, '..')), ['secrets.env']);
  assert.equal(limited('unlimited').status, 0);
  assert.deepEqual([readFileSync(path, 'utf8').length, statSync(path).mode & 0o777], [6e5 + 3, 0o600]);
  // Whoever keeps them elsewhere and has left a link.
  const link = join(folder(t), 'deploy.env');
  symlinkSync(path, link);
  writeSecrets(link, { A: 'third' });
  assert.equal(readFileSync(path, 'utf8'), 'A=third\n');
});

test('an operations token has its own type, lives a minute and is signed with the key', () => {
  const [head, body, signature] = opsToken('key', 1_700_000_000_900).split('.');
  const read = (part) => JSON.parse(Buffer.from(part, 'base64url'));
  assert.deepEqual(read(head), { alg: 'HS256', typ: 'bh-ops+jwt' });
  assert.deepEqual(read(body), { aud: 'bellhop', iat: 1_700_000_000, exp: 1_700_000_060 });
  assert.equal(signature, createHmac('sha256', 'key').update(`${head}.${body}`).digest('base64url'));
});

test('a taken port is said in one line', async (t) => {
  const taken = createServer();
  t.after(() => taken.close());
  const port = await new Promise((resolve) => taken.listen(0, '127.0.0.1', () => resolve(taken.address().port)));
  await assert.rejects(freePort(port), { message: `Port ${port} is taken: choose another with PORT=.` });
  assert.notEqual(await freePort(), port);
});

test('a store that another script serves is refused', async (t) => {
  const store = folder(t);
  // A living node process that is not this one: the parent of a test file is the test runner.
  writeFileSync(join(store, 'owner.json'), JSON.stringify({ script: process.ppid, workerd: 0 }));
  await assert.rejects(claim(store), /already serves the store/);
  // One's own claim, a dead process and a process that is something else do not count.
  for (const script of [process.pid, 2 ** 22 - 1, 1]) {
    writeFileSync(join(store, 'owner.json'), JSON.stringify({ script, workerd: script }));
    await claim(store);
  }
  hold(store, 1);
  const { script, workerd } = JSON.parse(readFileSync(join(store, 'owner.json'), 'utf8'));
  assert.deepEqual([script, workerd], [process.pid, 1]);
  assert.deepEqual(readdirSync(store), ['owner.json']);
});

test('another process that has come to the number of an owner is left alone, and does not keep the store', async (t) => {
  const store = folder(t);
  const noted = () => JSON.parse(readFileSync(join(store, 'owner.json'), 'utf8'));
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1e6)', 'workerd']);
  t.after(() => child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  hold(store, child.pid);
  const { since } = noted();
  assert.ok(since.script && since.workerd);
  const note = (times) => writeFileSync(join(store, 'owner.json'), JSON.stringify({ script: process.ppid, workerd: child.pid, since: times }));
  note({ script: 'before the power cut', workerd: 'before the power cut' });
  await claim(store);
  assert.deepEqual([child.exitCode, child.signalCode, noted().script], [null, null, process.pid]);
  note({ script: 'before the power cut', workerd: since.workerd });
  await claim(store);
  assert.equal(await ended, 'SIGTERM');
});

test('a store that is made is for its owner, and half a file is nobody', async (t) => {
  const made = join(folder(t), 'deep', 'store');
  await claim(made);
  assert.equal(statSync(made).mode & 0o777, 0o700);
  writeFileSync(join(made, 'owner.json'), '');
  await claim(made);
  assert.equal(JSON.parse(readFileSync(join(made, 'owner.json'), 'utf8')).script, process.pid);
});

test('of two that take a store at once one has it', async (t) => {
  const store = folder(t);
  const script = `import { claim } from ${JSON.stringify(at('scripts/lib/lease.mjs'))};
    process.stdin.once('data', () => claim(${JSON.stringify(store)}).then(() => 'mine', (error) => error.message).then((said) => (console.log(said), setTimeout(() => process.exit(), 500))));
    console.log('ready');`;
  const both = [1, 2].map(() => spawn(process.execPath, ['--input-type=module', '-e', script]));
  t.after(() => both.forEach((it) => it.kill()));
  const words = both.map((it) => it.stdout.setEncoding('utf8')[Symbol.asyncIterator]());
  for (const it of words) assert.equal((await it.next()).value.trim(), 'ready');
  for (const it of both) it.stdin.write('go\n');
  const said = await Promise.all(words.map(async (it) => (await it.next()).value.trim()));
  assert.equal(said.filter((it) => it === 'mine').length, 1, said.join(' | '));
});

test('a store that can\u2019t be written keeps the note of before', async (t) => {
  const store = folder(t);
  hold(store, 1);
  mkdirSync(join(store, `owner.json.${process.pid}`));
  assert.throws(() => hold(store, 2), /can't be written/);
  assert.equal(JSON.parse(readFileSync(join(store, 'owner.json'), 'utf8')).workerd, 1);
});

test('of several steps the first failure is told after all have ended', async () => {
  let ended = false;
  const slow = new Promise((resolve) => setTimeout(() => resolve((ended = true)), 20));
  await assert.rejects(all([Promise.reject(new Error('first')), slow]), /first/);
  assert.ok(ended);
  assert.deepEqual(await all([1, Promise.resolve(2)]), [1, 2]);
});

for (const [ms, text] of [[1_234, '1.2 s'], [45_000, '45 s'], [150_000, '2 min 30 s']]) test(`${ms} ms are ${text}`, () => assert.equal(spoken(ms), text));

test('the trainer is built anew when a file of the product that it is made of changes', () => {
  const sources = trainerSources();
  for (const path of ['trainer', 'src/core/bot', 'src/core/limits']) assert.ok(sources.includes(path), path);
  assert.deepEqual(sources.filter((path) => !existsSync(at(path))), []);
  // Every module that the crate declares is one of them.
  const declared = readFileSync(at('trainer/src/core.rs'), 'utf8').match(/^pub mod /gm).length;
  assert.equal(sources.filter((path) => path.startsWith('src/')).length, declared);
});

test('a command that is asked to end ends what it has started, also what that has started', async (t) => {
  const command = (does) => `import { main, run } from ${JSON.stringify(at('scripts/lib/run.mjs'))}; await main(() => ${does});`;
  const last = `console.log('pid', process.pid); setInterval(() => {}, 1e6);`;
  const node = (source) => `run(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(source)}], { quiet: false })`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', command(node(command(node(last))))]);
  const ended = new Promise((resolve) => child.once('close', resolve));
  const said = await new Promise((resolve) => child.stdout.setEncoding('utf8').on('data', resolve));
  const pid = Number(/pid (\d+)/.exec(said)[1]);
  t.after(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // As it should be.
    }
  });
  child.kill('SIGTERM');
  // Its output ends when nobody is left who has it.
  assert.equal(await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10_000, 'goes on').unref())]), 143);
});
