// docs/protocol.md is enough: a client written from it in another language (examples/client.py) loses nothing, doubles
// nothing and keeps the order, over cut lines and a killed server, on both sides.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { at } from '../../scripts/lib/paths.mjs';
import { python } from '../../scripts/lib/python.mjs';
import { Wire } from '../browser/wire.mjs';
import { Socket, until } from './lib/socket.mjs';
import { DEMO_SITE, Agent, Visitor, say, world } from './lib/world.mjs';

const SCRIPT = 'examples/client.py';

/** The script as a child: lines go in, lines come out. */
function client(t, { command, env }, ...args) {
  const child = spawn(command, [at(SCRIPT), ...args], { env });
  t.after(() => child.kill('SIGKILL'));
  const it = { output: '', errors: '', child };
  child.stdout.setEncoding('utf8').on('data', (text) => (it.output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (it.errors += text));
  it.ended = new Promise((resolve) => child.once('close', (code) => resolve((it.code = code))));
  it.type = (...lines) => child.stdin.write(lines.map((line) => `${line}\n`).join(''));
  /** `{seq, sender, text}` of what was printed; activities are an ellipsis. */
  it.log = () => it.output.split('\n').filter(Boolean).map((line) => /^(?<seq>\d+) (?<sender>\w+) (?<text>.*)$/.exec(line)?.groups ?? line);
  it.said = () => it.log().filter((one) => one.text !== '…').map((one) => one.text);
  return it;
}

/** A server behind a line that can be cut; the deployment's address is the line's. */
async function deployment(t) {
  const line = new Wire();
  const url = await line.listen();
  t.after(() => line.close());
  const it = await world(t, { vars: { BELLHOP_URL: url } });
  line.to(it.server.port);
  return { ...it, line, url };
}

test('INV-4 a visitor and an agent in Python: everything once and in order, over cuts and a killed server', async (t) => {
  const lines = readFileSync(at(SCRIPT), 'utf8').trimEnd().split('\n');
  assert.ok(lines.length <= 120, `${lines.length} lines`);
  const [it, snake] = await Promise.all([deployment(t), python()]);
  const [mei] = it.people.agents;
  const visitor = client(t, snake, 'visitor', it.url, DEMO_SITE);
  const agent = client(t, snake, 'agent', it.url, mei.email, mei.password);
  const written = [];
  const both = async (round, breakIt) => {
    const [mine, theirs] = ['v', 'a'].map((who) => Array.from({ length: 10 }, (_, n) => `${who}${round}.${n} 你好 <b>`));
    written.push(...mine, ...theirs);
    for (let n = 0; n < 10; n++) {
      visitor.type(mine[n]);
      agent.type(theirs[n]);
      if (n === 5) await breakIt();
    }
    const what = `round ${round} at both\n${visitor.errors}${agent.errors}`;
    await until(what, () => [visitor, agent].every((one) => one.errors || one.said().length >= written.length), 120_000);
    assert.equal(visitor.errors + agent.errors, '');
  };

  visitor.type('hello');
  written.push('hello');
  await until(`the agent takes it ${agent.errors}`, () => agent.said().includes('hello') || agent.errors);
  await both(1, () => {});
  await both(2, () => (it.line.cut(), it.line.mend()));
  await both(3, async () => {
    await it.server.kill();
    await it.server.restart();
  });

  // Once, whole, in one order that both saw, each side's own in the order of writing.
  assert.deepEqual(visitor.said().toSorted(), written.toSorted());
  assert.deepEqual(visitor.log(), agent.log());
  assert.deepEqual(agent.log().map((one) => Number(one.seq)), agent.log().map((_, n) => n + 1));
  // (What a cut left unacknowledged goes out again behind what was just typed, so only a calm round has its whole order.)
  for (const who of ['v1.', 'a1.']) assert.deepEqual(...[visitor.said(), written].map((list) => list.filter((text) => text.startsWith(who))));
});

test('INV-4 the same client pages back what it missed while it was away, and stops where it is told to', async (t) => {
  const [it, snake] = await Promise.all([deployment(t), python()]);
  const visitor = new Visitor(it);
  const line = await visitor.connect();
  await say(line, 'number 1');
  const [mei, tom] = it.people.agents;
  const agent = client(t, snake, 'agent', it.url, mei.email, mei.password);
  await until('the agent has the first', () => agent.said().length === 1 || agent.errors);
  // The machine of the agent sleeps, and its line is gone when it wakes up.
  const ticket = await (await Agent.signIn(it, tom)).ticket();
  agent.child.kill('SIGSTOP');
  it.line.cut();
  it.line.mend();
  const near = await Socket.open(`${it.url}/v1/rooms/${visitor.conversation}/socket`, { ticket, origin: it.url });
  await near.ask({ hello: {} }, 'welcome');
  const all = ['number 1'];
  for (let n = 2; n <= 230; n++) {
    all.push(`number ${n}`);
    near.send({ send: { clientId: `n${n}`, text: `number ${n}` } });
  }
  await near.next('ack', (ack) => ack.clientId === 'n230', { ms: 45_000 });
  agent.child.kill('SIGCONT');
  await until('three pages', () => agent.said().length >= 230 || agent.errors, 120_000);
  assert.deepEqual(agent.said(), all);
  assert.equal(agent.errors, '');

  // Revoked: the script ends, because 4501 says so.
  const owner = await Agent.signIn(it, it.people.owner);
  await owner.call('POST', `/agents/${it.seeded.agents[0]}/disable`, {});
  await Promise.race([agent.ended, until('the end', () => agent.code !== undefined)]);
  assert.match(agent.errors, /refused: .*(4501|401)/);
});
