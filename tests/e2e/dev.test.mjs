// The same bundle under `wrangler dev`, whose runtime is configured by wrangler itself and not by our generator: it
// starts, and a message goes through Room, Queue and D1.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { requiredSecrets, readConfig } from '../../scripts/lib/config.mjs';
import { demo } from '../../scripts/lib/demo.mjs';
import { migrate, ops } from '../../scripts/lib/ops.mjs';
import { at } from '../../scripts/lib/paths.mjs';
import { newSecret } from '../../scripts/lib/secrets.mjs';
import { freePort } from '../../scripts/lib/server.mjs';
import { wranglerEnv } from '../../scripts/lib/wrangler.mjs';
import { until } from './lib/socket.mjs';
import { Agent, say, Visitor } from './lib/world.mjs';

/** wrangler looks whether the bundle is up to date, and starts two processes. */
const START_MS = 180_000;

test('a message under wrangler dev', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bellhop-dev-'));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const secrets = Object.fromEntries(requiredSecrets(readConfig()).map((name) => [name, newSecret()]));
  const env = join(folder, 'secrets.env');
  writeFileSync(env, Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`).join(''));
  const vars = { BELLHOP_URL: url, BELLHOP_DEMO: '1', BELLHOP_EVENTS_DELAY_MS: '50', BELLHOP_CLIENT_IP_HEADER: '' };
  const child = spawn(
    at('frontend/node_modules/.bin/node'),
    [at('frontend/node_modules/wrangler/bin/wrangler.js'), 'dev', '--port', String(port), '--ip', '127.0.0.1', '--inspector-port', String(await freePort()), '--persist-to', folder, '--env-file', env, '--show-interactive-dev-session=false', ...Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`])],
    { cwd: at(), env: { ...process.env, ...wranglerEnv() }, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const exited = new Promise((resolve) => child.once('close', resolve));
  t.after(async () => {
    // Its own group: wrangler starts workerd, and that must not outlive it.
    process.kill(-child.pid, 'SIGTERM');
    const patience = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 5_000);
    await exited;
    clearTimeout(patience);
    rmSync(folder, { recursive: true, force: true });
  });

  const call = (route, body) => ops(url, secrets.BELLHOP_OPS_KEY, route, body);
  await until(`wrangler dev to answer; it said\n${said}`, () => {
    assert.equal(child.exitCode, null, said);
    return call('health').catch(() => undefined);
  }, START_MS);
  assert.ok((await migrate(url, secrets.BELLHOP_OPS_KEY)).length > 0);
  await call('seed', demo);
  const it = { url };
  const visitor = new Visitor(it);
  const v = await visitor.connect({ encoding: 'proto' });
  const { seq } = await say(v, 'hello from wrangler dev');
  const mei = await Agent.signIn(it, demo.agents[0]);
  const agent = await mei.connect(visitor.conversation);
  assert.equal(agent.welcome.messages.at(-1).seq, seq);
  await say(agent, 'hello back');
  await v.next('message', (m) => m.text === 'hello back');
  await until('the history', async () => (await mei.try('GET', `/conversations/${visitor.conversation}/messages`)).json?.messages?.length >= 2, 120_000);
  await Promise.all([v.close(), agent.close()]);
});
