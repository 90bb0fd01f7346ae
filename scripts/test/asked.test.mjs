// The commands that ask a running server something, as they are called, in a folder of their own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { at } from '../lib/paths.mjs';

/** A machine that keeps these files, and what a command says there. */
function machine(t, files) {
  const root = mkdtempSync(join(tmpdir(), 'bellhop-asked-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  cpSync(at('scripts'), join(root, 'scripts'), { recursive: true });
  cpSync(at('Makefile'), join(root, 'Makefile'));
  mkdirSync(join(root, '.local'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, '.local', name), text);
  return async (...args) => {
    const child = spawn('make', ['-s', '-C', root, `NODE=${process.execPath}`, ...args], { env: { PATH: process.env.PATH } });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    return { code, said };
  };
}

async function answering(t, status, answer) {
  const server = createServer(({ method, url }, response) => response.writeHead(status).end(JSON.stringify({ ...answer, asked: `${method} ${url}` })));
  t.after(() => server.close());
  return `http://127.0.0.1:${await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))}`;
}

test('health of the server here, and of a deployment', async (t) => {
  const good = await answering(t, 200, { schema: 22, expected: 22, ready: true, memory: 3 * 2 ** 20 });
  const behind = await answering(t, 200, { schema: 21, expected: 22, ready: false, memory: 2 ** 20 });
  const make = machine(t, { 'secrets.env': 'BELLHOP_OPS_KEY=here\n', 'start.json': JSON.stringify({ url: good }), 'deploy.env': 'BELLHOP_OPS_KEY=there\n' });
  assert.deepEqual(await make('health'), { code: 0, said: `${good}: schema 22, WebAssembly memory 3.0 MiB\nReady.\n` });
  const { code, said } = await make('health', `URL=${behind}`);
  assert.notEqual(code, 0);
  assert.match(said, /schema 21.*\n\nNot ready: it needs schema 22\./);
  assert.match((await make('health', 'URL=http://127.0.0.1:9')).said, /127\.0\.0\.1:9 does not answer/);
});

test('a key that is refused, an address that nobody has, and a machine that has started nothing', async (t) => {
  const refusing = await answering(t, 401, { code: 'unauthorized' });
  const make = machine(t, { 'deploy.env': 'BELLHOP_OPS_KEY=there\n' });
  assert.match((await make('health', `URL=${refusing}`)).said, /\/ops\/v1\/health answered 401/);
  assert.match((await make('health')).said, /Nothing has been started here yet/);
  const unknown = await answering(t, 404, { code: 'not_found' });
  assert.match((await make('reset-password', 'EMAIL=a@example.com', `URL=${unknown}`)).said, /knows no a@example\.com/);
  const known = await answering(t, 200, { link: 'https://x/#y', expires_at: 'soon' });
  assert.match((await make('reset-password', 'EMAIL=a@example.com', `URL=${known}`)).said, /^https:\/\/x\/#y\n\nIt works once, until soon/);
});
