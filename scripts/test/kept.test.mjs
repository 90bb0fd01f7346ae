// What a launcher of an earlier release asks for is there, on a machine of one's own and after a deployment.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { keepEarlier, noteSent, takeOver } from '../lib/kept.mjs';
import { at } from '../lib/paths.mjs';

const DAY = 86_400_000;
const NOW = 1_800_000_000_000;

/** A folder as a build leaves it. */
function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'bellhop-kept-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  mkdirSync(join(path, 'w'));
  return path;
}

const build = (path, names, now) => {
  for (const name of names) writeFileSync(join(path, 'w', name), `made ${name}`);
  keepEarlier(path, names, now);
};

const files = (path) => readdirSync(join(path, 'w')).sort();

/** Serves a folder, as a deployment does; `but` what it fails to, `times` in all. */
async function served(t, path, but = [], times = Infinity) {
  const server = createServer(({ url }, response) => {
    try {
      if (but.includes(url) && times-- > 0) throw new Error();
      response.end(readFileSync(join(path, url)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

test('a build leaves the files of earlier ones, each for a month after it went out of use', (t) => {
  const here = folder(t);
  build(here, ['A.js', 'B.js'], NOW);
  build(here, ['A.js', 'C.js'], NOW + 90 * DAY);
  assert.deepEqual(files(here), ['A.js', 'B.js', 'C.js']);
  build(here, ['D.js', 'A.js'], NOW + 100 * DAY);
  build(here, ['D.js', 'A.js'], NOW + 121 * DAY);
  assert.deepEqual(files(here), ['A.js', 'C.js', 'D.js']);
  build(here, ['D.js', 'C.js'], NOW + 200 * DAY);
  assert.deepEqual(files(here), ['A.js', 'C.js', 'D.js'], 'what comes back is in use');
});

test('a deployment takes over what is served, and nothing that was only built here', async (t) => {
  const there = folder(t);
  build(there, ['OLDEST.js'], NOW - 90 * DAY);
  build(there, ['OLD.js', 'SAME.js'], NOW - 29 * DAY);
  build(there, ['LAST.js', 'SAME.js'], NOW - 20 * DAY);
  const here = folder(t);
  build(here, ['TRIED.js'], NOW);
  build(here, ['NEW.js', 'SAME.js'], NOW);
  assert.deepEqual(await takeOver(await served(t, there), here, { now: NOW + DAY / 2 }), { kept: 3, problem: undefined });
  assert.deepEqual(files(here), ['LAST.js', 'NEW.js', 'OLD.js', 'OLDEST.js', 'SAME.js']);
  assert.equal(readFileSync(join(here, 'w/LAST.js'), 'utf8'), 'made LAST.js');

  const next = folder(t);
  build(next, ['NEXT.js'], NOW + 12 * DAY);
  await takeOver(await served(t, here), next, { now: NOW + 12 * DAY });
  assert.deepEqual(files(next), ['LAST.js', 'NEW.js', 'NEXT.js', 'SAME.js'], 'without what is over');
});

test('a release whose files are served no more, because the one before was put back, is taken along for a month', async (t) => {
  const before = folder(t);
  build(before, ['A.js'], NOW);
  const here = folder(t);
  const sent = join(folder(t), 'deep', 'sent.json');
  const deploy = async (name, from, now) => {
    build(here, [name], now);
    await takeOver(await served(t, from), here, { now, sent });
    noteSent(sent, here, now);
  };
  await deploy('B.js', before, NOW + DAY);
  // Then what is served is again as it was before.
  build(here, ['TRIED.js'], NOW + 2 * DAY);
  await deploy('C.js', before, NOW + 3 * DAY);
  assert.deepEqual(files(here), ['A.js', 'B.js', 'C.js']);
  await deploy('D.js', before, NOW + 20 * DAY);
  assert.deepEqual(files(here), ['A.js', 'B.js', 'C.js', 'D.js']);
  build(here, ['D.js'], NOW + 30 * DAY);
  assert.deepEqual((await takeOver(await served(t, before), here, { now: NOW + 55 * DAY, sent })).kept, 1);
  assert.deepEqual(files(here), ['A.js', 'D.js'], 'not for longer');
  noteSent(sent, here, NOW + 55 * DAY);
  assert.deepEqual(JSON.parse(readFileSync(sent, 'utf8')), { 'A.js': NOW + 55 * DAY, 'D.js': NOW + 55 * DAY });
});

test('a list that was not written to its end, because the disk was full or the power went, is an empty one', async (t) => {
  const here = folder(t);
  build(here, ['A.js'], NOW);
  const sent = join(folder(t), 'sent.json');
  for (const text of ['', '{"A.js":', 'null']) {
    writeFileSync(sent, text);
    writeFileSync(join(here, 'widget.json'), text);
    build(here, ['B.js'], NOW);
    assert.equal((await takeOver(await served(t, here), here, { now: NOW, sent })).problem, undefined);
    noteSent(sent, here, NOW);
    assert.deepEqual(JSON.parse(readFileSync(sent, 'utf8')), { 'A.js': NOW, 'B.js': NOW });
  }
  const before = process.umask(0o022);
  build(here, ['C.js'], NOW);
  process.umask(before);
  assert.equal(statSync(join(here, 'widget.json')).mode & 0o777, 0o644, 'and who serves it may read it');
});

test('what was built here stays where nothing tells what is served', async (t) => {
  const here = folder(t);
  build(here, ['OLD.js'], NOW - 40 * DAY);
  build(here, ['NEW.js'], NOW);
  const stays = () => assert.deepEqual([files(here), JSON.parse(readFileSync(join(here, 'widget.json'), 'utf8'))], [['NEW.js', 'OLD.js'], { 'NEW.js': 0, 'OLD.js': NOW }]);
  // A deployment of before there was a list.
  assert.deepEqual(await takeOver(await served(t, folder(t)), here, { now: NOW }), { kept: 1, problem: '404 for widget.json' });
  stays();
  assert.equal((await takeOver('http://127.0.0.1:9', here, { now: NOW })).kept, 1);
  stays();
  // One that breaks off.
  const there = folder(t);
  build(there, ['LOST.js', 'OLD.js'], NOW - DAY);
  assert.deepEqual(await takeOver(await served(t, there, ['/w/LOST.js']), here, { now: NOW }), { kept: 1, problem: '404 for w/LOST.js' });
  stays();
  await takeOver(await served(t, there), here, { now: NOW });
  assert.deepEqual(files(here), ['LOST.js', 'NEW.js', 'OLD.js']);
  await takeOver(await served(t, folder(t)), here, { now: NOW });
  assert.deepEqual(files(here), ['LOST.js', 'NEW.js', 'OLD.js']);
});

test('what is not served, or no longer whole, holds no deployment up', async (t) => {
  const here = folder(t);
  build(here, ['NEW.js'], NOW);
  assert.deepEqual(await takeOver(await served(t, folder(t)), here, { now: NOW }), { kept: 0, problem: '404 for widget.json' });
  assert.match((await takeOver('http://127.0.0.1:9', here, { now: NOW })).problem, /./);
  const there = folder(t);
  build(there, ['A.js', 'B.js'], NOW);
  writeFileSync(join(there, 'widget.json'), JSON.stringify({ 'A.js': 0, '../../x.js': 0, 'B.js': 0 }));
  assert.deepEqual(await takeOver(await served(t, there, ['/w/A.js']), here, { now: NOW }), { kept: 1, problem: '404 for w/A.js' });
  assert.deepEqual(files(here), ['B.js', 'NEW.js']);

  const more = folder(t);
  build(more, ['A.js', 'B.js', 'C.js'], NOW);
  const origin = await served(t, more, ['/w/A.js', '/w/C.js']);
  assert.equal((await takeOver(origin, here, { now: NOW })).problem, '404 for w/A.js, and 1 more');
  const cut = await served(t, more, ['/w/C.js'], 1);
  assert.deepEqual(await takeOver(cut, here, { now: NOW }), { kept: 3, problem: undefined }, 'asked twice');
});

test('what is removed because it can be built again is not what earlier releases have made', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'bellhop-clean-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const clean = () => execFileSync('make', ['-s', '-C', root, '-f', at('Makefile'), 'clean-free']);
  clean();
  for (const path of ['public/w/A1.js', 'public/widget.json', 'public/widget.js', 'public/_headers', 'public/console/index.html', '.local/secrets.env', 'build/front/stamp.json', 'target/x']) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  clean();
  assert.deepEqual(readdirSync(root, { recursive: true }).sort(), ['.local', '.local/secrets.env', 'public', 'public/w', 'public/w/A1.js', 'public/widget.json']);
});
