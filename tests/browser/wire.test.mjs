// The bad line of the browser tests is bad only as it is told to be: whatever the machine is busy with, bytes keep their order.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { Wire } from './wire.mjs';

/** Keeps this process from ending its timers in time. */
function busy(ms) {
  const end = Date.now() + ms;
  while (Date.now() < end);
}

test('a slow line keeps the order of bytes in a process that has too much to do, and so does one that is mended', async (t) => {
  const sent = Buffer.from(Array.from({ length: 40_000 }, (_, n) => (n * 7 + (n >> 8)) % 251));
  const got = [];
  const server = createServer((socket) => socket.on('data', (data) => got.push(data)).on('error', () => {}));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const wire = new Wire();
  const url = new URL(await wire.listen());
  t.after(() => (wire.close(), server.close()));
  wire.to(server.address().port);
  wire.slow(100, 700, 3);
  const near = connect(Number(url.port), '127.0.0.1');
  near.on('error', () => {});
  await once(near, 'connect');
  for (let at = 0; at < sent.length; at += 1000) {
    near.write(sent.subarray(at, at + 1000));
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (at % 8000 === 0) busy(150);
    if (at === 32_000) wire.mend();
  }
  while (Buffer.concat(got).length < sent.length) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(Buffer.concat(got).equals(sent), 'the same bytes in the same order');
  near.destroy();
});
