// A release comes while its visitors' pages, and their browsers' caches, hold the launcher of the one before.
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildWidget } from '../../scripts/lib/front.mjs';
import { at } from '../../scripts/lib/paths.mjs';
import { it, open, progress, say, shows, stage, visit, visitor } from './widget-fixture.mjs';

stage();

test('a button from before a release opens the chat that belongs to it', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'bellhop-release-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const part of ['widget', 'shared']) cpSync(at('frontend', part), join(root, 'frontend', part), { recursive: true });
  const chat = () => JSON.parse(readFileSync(join(root, 'build/front/chunks.json'), 'utf8')).chat;
  await buildWidget(root);
  const context = await visitor();
  it.server.files = join(root, 'public');
  const page = await visit(context);
  const before = chat();

  appendFileSync(join(root, 'frontend/widget/chat.ts'), '\n(globalThis as any).release = 2;\n');
  await buildWidget(root);
  assert.notEqual(chat(), before);
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  assert.equal(await page.evaluate(() => window.release), undefined);

  const next = await visit(await visitor());
  await open(next);
  assert.equal(await next.evaluate(() => window.release), 2);
});
