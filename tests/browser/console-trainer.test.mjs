// The trainer in a real browser: the console's own module, Web Worker and Wasm, built as the console is and served under its
// content policy.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { npm } from '../../scripts/lib/npm.mjs';
import { at } from '../../scripts/lib/paths.mjs';
import { launch, PATIENCE_MS } from './browser.mjs';
import { startFake } from './fake/server.mjs';

const lesson = JSON.parse(readFileSync(at('trainer/tests/lesson.json'), 'utf8'));
const sum = readFileSync(at('trainer/tests/lesson.sum'), 'utf8').trim();
const files = mkdtempSync(join(tmpdir(), 'bellhop-trainer-'));
const wasmFile = () => join(files, 'assets', readdirSync(join(files, 'assets')).find((name) => name.endsWith('.wasm')));

let browser;
let fake;
let page;
let problems;

before(async () => {
  const { build } = await import(pathToFileURL(npm.resolve('vite')));
  await build({ configFile: at('frontend/console/vite.config.ts'), root: at('tests/browser/trainer'), build: { outDir: files }, logLevel: 'warn' });
  browser = await launch();
});
beforeEach(async () => {
  fake = await startFake({ files });
  page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  problems = [];
  const note = (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text());
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', note);
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`${event.violatedDirective} ${event.blockedURI}`)));
  await page.goto(`${fake.url}/console/`);
  await page.waitForFunction(() => window.openTrainer);
  await page.evaluate(() => (window.trainer = window.openTrainer()));
});
afterEach(async () => {
  await page.close();
  await fake.close();
});
after(async () => {
  await browser?.close();
  rmSync(files, { recursive: true, force: true });
});

/** Learns in the page; the model stays there as `window.model`. */
const learn = (wanted) =>
  page.evaluate(async (given) => {
    const progress = [];
    try {
      const { model, ...learned } = await window.trainer.learn(given, (done, of) => progress.push([done, of]));
      window.model = model;
      return { ...learned, size: model.length, sum: [...model.slice(-8)].reverse().map((byte) => byte.toString(16).padStart(2, '0')).join(''), progress };
    } catch (error) {
      return { name: error.name, code: error.code };
    }
  }, wanted);

const meaning = (id, more = {}) => ({ id, texts: [id, '', `About ${id}.`], does: 'answer', buttons: [], form: [], ...more });
const intents = [meaning('order_status', { buttons: ['refund'] }), meaning('refund'), meaning('hours', { does: 'handoff' }), meaning('invoice')];

/** Judges in the page by its model. */
const judge = (text, { holdBack = 3, faq = [], ...said } = {}) =>
  page.evaluate(
    async ([given, list, entries, at]) => {
      try {
        return await window.trainer.judge(window.model, list, entries, given, at);
      } catch (error) {
        return { name: error.name, code: error.code };
      }
    },
    [{ text, choice: '', locale: 'en', asked: 0, ...said }, intents, faq, holdBack],
  );

test('learns under the console’s policy, byte for byte as natively, and tells what it would do', async () => {
  const learned = await learn(lesson);
  assert.equal(learned.sum, sum, 'trainer/tests/same_bytes.rs');
  assert.deepEqual(learned.intents, ['order_status', 'refund', 'hours', 'invoice']);
  assert.equal(learned.judged.length, learned.examples);
  assert.ok(learned.judged.every(({ text, best }) => text && best.length === 3 && best.every(({ score }) => Number.isFinite(score))));
  const right = learned.judged.filter(({ intent, best }) => best[0].intent === intent).length;
  assert.ok(Math.abs(learned.accuracy - (100 * right) / learned.judged.length) <= 0.06, `${learned.accuracy}`);
  assert.equal(learned.thresholds.length, 51);
  assert.ok(learned.thresholds.every(({ answer, ask }, place, all) => ask <= answer && answer >= (all[place - 1]?.answer ?? -Infinity)));
  const held = learned.judged.filter(({ intent, best }) => best[0].intent === intent && best[0].score < learned.thresholds[50].answer).length;
  assert.ok(held <= right / 2 && held >= right / 2 - 1, `${held} of ${right}`);
  // Five trainings to find what of the background is an intent's own topic, five of cross-validation and the model's.
  assert.deepEqual(learned.progress.at(-1), [1100, 1100]);
  assert.ok(learned.progress.every(([done], place, all) => done > (all[place - 1]?.[0] ?? -1) || done === 1100));

  const answered = await judge('where is my parcel');
  assert.deepEqual([answered.band, answered.does, answered.text], ['answer', 'answer', 'About order_status.']);
  assert.deepEqual(answered.choices, [{ id: 'refund', label: 'refund' }]);
  assert.equal(answered.top[0].id, 'order_status');
  assert.ok(answered.top[0].probability > 0 && answered.top[0].probability <= 1);
  assert.ok(answered.words.length <= 8 && answered.words.some(({ text }) => text === 'parcel'), JSON.stringify(answered.words));
  assert.ok(answered.words.every(({ weight }, place, all) => weight > 0 && weight <= (all[place - 1]?.weight ?? Infinity)));
  assert.equal((await judge('转人工')).reason, 'visitor_asked');
  assert.equal((await judge('are you open on sunday')).reason, 'intent');
  assert.equal((await judge('refund', { choice: 'invoice' })).text, 'About invoice.');
  assert.deepEqual([(await judge('🙂')).does, (await judge('😡')).reason], ['answer', 'unsure']);
  assert.deepEqual(problems, []);
});

test('answers from the FAQ as the live bot does: after what an intent plainly answers, without a model as well', async () => {
  await learn(lesson);
  const [parking, parcel] = [['zh', 'faq_aaaaaaaaaaaaaaaa', '可以停车吗？', '在房子后面。'], ['en', 'faq_bbbbbbbbbbbbbbbb', 'Where is my parcel?', 'Nobody knows.']];
  const faq = [parking, parcel];
  const told = ({ does, text, faq: entry }) => [does, text, entry];
  const all = async () => {
    assert.deepEqual(told(await judge('可以停車嗎', { faq })), ['answer', '在房子后面。', '可以停车吗？']);
    const like = await judge('可以停车', { faq });
    assert.deepEqual([like.does, like.faq, like.choices[0]], ['ask', '', { id: parking[1], label: '可以停车吗？' }]);
    assert.deepEqual(told(await judge('可以停车吗？', { faq, choice: parking[1] })), ['answer', '在房子后面。', '可以停车吗？']);
    assert.deepEqual([(await judge('hello', { faq })).faq, (await judge('转人工', { faq })).reason], ['', 'visitor_asked']);
    assert.deepEqual(told(await judge('可以停車嗎', { faq: [parcel] })).slice(2), [''], 'nothing of it is kept');
  };
  await all();
  assert.deepEqual(told(await judge('where is my parcel', { faq })), ['answer', 'About order_status.', ''], 'an intent goes first');
  await page.evaluate(() => (window.model = null));
  await all();
  assert.deepEqual(told(await judge('WHERE is my parcel', { faq })), ['answer', 'Nobody knows.', 'Where is my parcel?']);
  assert.deepEqual([(await judge('xyzzy')).band, (await judge('xyzzy')).top], ['handoff', []]);
  assert.deepEqual(problems, []);
});

test('is not troubled by hostile text', async () => {
  const texts = ['🙂'.repeat(250_000), '\ud83d'.repeat(1_000), 'a\udfffb'.repeat(1_000), '\u200b'.repeat(300_000), '\u202eabc\u0000', 'ﷺ'.repeat(100_000), '"\\ud83d"', '退'.repeat(300_000)];
  const hostile = { ...lesson, intents: lesson.intents.map((intent) => ({ ...intent, examples: [...intent.examples, ...texts] })), background: [texts] };
  const learned = await learn(hostile);
  assert.ok(learned.size > 0, JSON.stringify(learned).slice(0, 200));
  for (const text of texts) {
    const verdict = await judge(text, { locale: text.slice(0, 1_000) });
    assert.ok(['answer', 'ask', 'handoff'].includes(verdict.does), JSON.stringify(verdict).slice(0, 200));
  }
  assert.deepEqual(problems, []);
});

test('what can’t be learnt from, and what is no model, is refused by its code', async () => {
  assert.equal((await learn({ intents: [], background: [] })).code, 'bot_corpus_empty');
  assert.equal((await learn({ intents: [{ id: 'a', titles: ['🙂'], examples: [], library: [] }], background: [] })).code, 'bot_corpus_empty');
  const many = Array.from({ length: 513 }, (_, place) => ({ id: `i${place}`, titles: ['x'], examples: [], library: [] }));
  assert.equal((await learn({ intents: many, background: [] })).code, 'bot_corpus_intents');
  await learn(lesson);
  for (const [place, code] of [[0, 'bot_model_unknown'], [4, 'bot_model_version'], [1_000, 'bot_model_checksum']]) {
    await page.evaluate((at) => {
      window.whole ??= window.model;
      window.model = window.whole.slice();
      window.model[at] ^= 1;
    }, place);
    assert.equal((await judge('refund')).code, code);
  }
  await page.evaluate(() => (window.model = new Uint8Array(1_600_001)));
  assert.equal((await judge('refund')).code, 'bot_model_too_large');
  await page.evaluate(() => (window.model = window.whole));
  assert.equal((await judge('i want a refund')).does, 'answer', 'and goes on');
  assert.deepEqual(problems, []);
});

test('after a trap, or a file that does not load, the next call begins afresh', async () => {
  const { default: binaryen } = await import(pathToFileURL(npm.resolve('binaryen')));
  const trap = binaryen.parseText('(module (memory (export "memory") 1) (func (export "input") (param i32) (result i32) (i32.const 0)) (func (export "begin") (result i32) (unreachable)))').emitBinary();
  const whole = readFileSync(wasmFile());
  for (const bad of [trap, 'no Wasm']) {
    writeFileSync(wasmFile(), bad);
    try {
      assert.equal((await learn(lesson)).code, 'bot_trainer_failed');
    } finally {
      writeFileSync(wasmFile(), whole);
    }
    assert.equal((await learn(lesson)).sum, sum);
    // Another Worker is wanted for the next round: this one has what it needs.
    await page.evaluate(() => {
      window.trainer.close();
      window.trainer = window.openTrainer();
    });
  }
  assert.deepEqual(problems, []);
});

test('closing ends what is under way', async () => {
  const large = { intents: Array.from({ length: 100 }, (_, place) => ({ id: `i${place}`, titles: [], examples: Array.from({ length: 100 }, (__, at) => `word${place} and ${at} more`), library: [] })), background: [] };
  const outcome = await page.evaluate(async (given) => {
    const ended = new Promise((resolve) => {
      window.trainer.learn(given, () => window.trainer.close()).then(() => resolve('learnt'), (error) => resolve(error.name));
    });
    return [await ended, await window.trainer.learn(given, () => {}).catch((error) => error.name)];
  }, large);
  assert.deepEqual(outcome, ['AbortError', 'AbortError']);
  assert.deepEqual(problems, []);
});
