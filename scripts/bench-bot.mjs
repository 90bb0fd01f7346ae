// `make bench-bot`: what the bot's classifier is worth, with the product's defaults, on public data and the starter
// library. Everything is learnt and judged under Node by the very Wasm file that a browser gets. Prints a table, writes target/bench-bot.json
// and the table of docs/bot.md.
//   BELLHOP_NLU=   the folder with the data (else ../shared/data/nlu)
//   VAL=1          the validation halves instead of the tests: for choosing settings
//   STRICT=1       fails if a figure misses its budget
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { botInWorker } from './lib/bench/bot-code.mjs';
import { claim, withFigures } from './lib/bench/claims.mjs';
import { all, imported as importedBeside } from './lib/bench/imported.mjs';
import { near } from './lib/bench/near.mjs';
import { at } from './lib/paths.mjs';
import { Failure, main, run } from './lib/run.mjs';
import { tools } from './lib/tools.mjs';
import { buildTrainer, trainer } from './lib/trainer.mjs';
import { buildWorker, targetFolder } from './lib/worker.mjs';

const nlu = process.env.BELLHOP_NLU ?? at('../shared/data/nlu');
const { VAL, STRICT } = process.env;
/** Examples of a slice, about 10 ms. */
const SLICE = 250;
/** Where the slider stands by itself. */
const USUAL = 255;
/** What a slice gives that is not the last. */
const UNDER_WAY = 2;
const figures = [];
const round = (value) => Math.round(value * 1000) / 1000;

/** A figure; `budget` is the least, or with `most` the most that passes; without one it is printed only, as is what is aimed at. */
function figure(name, value, unit, budget, { most = false, aim } = {}) {
  const pass = budget === undefined || (most ? value <= budget : value >= budget);
  figures.push({ name, value: round(value), unit, budget: budget ?? null, pass, ...(aim ? { aim } : {}) });
  const wanted = budget === undefined ? '' : `${most ? '≤' : '≥'} ${budget}${aim ? ` (aim ${aim})` : ''}`;
  console.log(`${pass ? ' ' : '✗'} ${name.padEnd(66)} ${String(round(value)).padStart(9)} ${unit.padEnd(3)} ${wanted}`);
}

const lines = (path) => readFileSync(join(nlu, path), 'utf8').split('\n').filter(Boolean).map((line) => line.split('\t'));
const share = (part, all) => (100 * part) / Math.max(1, all);
const count = (list, test) => list.reduce((sum, it) => sum + (test(it) ? 1 : 0), 0);

class Bot {
  /** Percent; beyond the slider's end: where it stands by itself. */
  holdBack = USUAL;

  constructor(wasm) {
    this.wasm = new WebAssembly.Instance(wasm, {}).exports;
    this.encoder = new TextEncoder();
  }

  put(text) {
    const bytes = this.encoder.encode(text);
    const place = this.wasm.input(bytes.length);
    new Uint8Array(this.wasm.memory.buffer, place, bytes.length).set(bytes);
  }

  /** Learns a lesson; gives the seconds of all, and of the model itself, which comes after five of cross-validation. */
  learn(lesson) {
    this.lesson = JSON.stringify(lesson);
    this.intents = lesson.intents.map(({ id }) => id);
    const begun = performance.now();
    this.put(this.lesson);
    if (!this.wasm.begin()) throw new Failure('This lesson is refused');
    const folds = this.wasm.parts() - 100;
    let last;
    // In slices, as the product learns: the engine exchanges its first, slow code between two calls only.
    while (this.wasm.step(SLICE) === UNDER_WAY) {
      if (last === undefined && this.wasm.progress() >= folds) last = performance.now();
    }
    const end = performance.now();
    return { all: (end - begun) / 1000, model: (end - last) / 1000 };
  }

  file() {
    this.wasm.file();
    return new Uint8Array(this.wasm.memory.buffer, this.wasm.output(), this.wasm.output_length()).slice();
  }

  bits(text) {
    this.put(text);
    const place = this.wasm.score(this.holdBack);
    const length = 2 + 3 * new Float32Array(this.wasm.memory.buffer, place, 2)[1];
    return new Float32Array(this.wasm.memory.buffer, place, length).slice();
  }

  judge(text) {
    const [band, length, ...rest] = this.bits(text);
    const top = Array.from({ length }, (_, place) => this.intents[rest[3 * place]]);
    return { band: ['answer', 'ask', 'handoff'][band], top, score: rest[1] ?? -Infinity };
  }

  /** Verdicts for [text, intent]. */
  ask(questions) {
    return questions.map(([text, intent]) => {
      const verdict = this.judge(text);
      return { ...verdict, text, right: verdict.top[0] === intent, listed: verdict.top.includes(intent), answered: verdict.band === 'answer' };
    });
  }

  forced(questions) {
    return share(count(this.ask(questions), (it) => it.right), questions.length);
  }
}

const read = (folder) => readdirSync(at('library', folder)).sort().map((file) => JSON.parse(readFileSync(at('library', folder, file), 'utf8')));
const own = { intents: read('intents'), heldOut: read('held-out') };

/** [text, intent] as the table that an owner imports, without titles; the library is off, also where it has an intent of the same name. */
const imported = (examples) => importedBeside(examples, own.intents);

/** How often a known one scores above an unknown one. */
function auroc(known, unknown) {
  let wins = 0;
  for (const one of known) for (const other of unknown) wins += one.score > other.score ? 1 : one.score === other.score ? 0.5 : 0;
  return share(wins, known.length * unknown.length);
}

function clinc(bot) {
  const seconds = bot.learn(imported(lines('clinc150/full/train.tsv')));
  figure('CLINC150 full: training, in Wasm', seconds.model, 's', 3, { most: true });
  figure('CLINC150 full: with its cross-validation', seconds.all, 's');
  const known = lines(`clinc150/full/${VAL ? 'val' : 'test'}.tsv`);
  const unknown = lines(`clinc150/full/oos_${VAL ? 'val' : 'test'}.tsv`);
  const inScope = bot.ask(known);
  const outOf = bot.ask(unknown);
  const answered = (list) => count(list, (it) => it.answered);
  const right = count(inScope, (it) => it.answered && it.right);
  figure('CLINC150 full, forced', share(count(inScope, (it) => it.right), inScope.length), '%', 92.8, { aim: 93.3 });
  figure('CLINC150 full, at the default: answered and right', share(right, inScope.length), '%', 90, { aim: 90 });
  figure('CLINC150 full, at the default: out of scope, not answered', 100 - share(answered(outOf), outOf.length), '%', 85, { aim: 88 });
  figure('  of them asked back', share(count(outOf, (it) => it.band === 'ask'), outOf.length), '%');
  figure('  of them handed over', share(count(outOf, (it) => it.band === 'handoff'), outOf.length), '%');
  figure('CLINC150 full, AUROC of rejection', auroc(inScope, outOf), '%', 96.2, { aim: 97 });
  figure('CLINC150 full, at the default: precision of the answers', share(right, answered(inScope) + answered(outOf)), '%');
  let best;
  for (const held of [3, 5, 8, 10, 12, 15, 18, 20]) {
    bot.holdBack = held;
    const [a, b] = [bot.ask(known), bot.ask(unknown)];
    const covered = share(answered(a), a.length);
    const precision = share(count(a, (it) => it.answered && it.right), answered(a) + answered(b));
    if (covered >= 79 && precision > (best?.precision ?? 0)) best = { precision, held };
  }
  if (best) figure(`CLINC150 full, precision with the slider at ${best.held} %, answering ≥ 79 %`, best.precision, '%', 92.5);
  bot.holdBack = USUAL;
  figure('model of 150 intents', bot.file().length / 1e6, 'MB', 0.8, { most: true });
  const times = known.map(([text]) => {
    const begun = performance.now();
    bot.bits(text);
    return (performance.now() - begun) * 1000;
  }).sort((one, other) => one - other);
  figure('predict in Wasm, p50', times[Math.floor(times.length * 0.5)], 'µs', 50, { most: true });
  figure('predict in Wasm, p99', times[Math.floor(times.length * 0.99)], 'µs', 250, { most: true });
  return known;
}

async function sameEverywhere(bot, questions) {
  const path = (name) => at(`target/bench-bot/${name}`);
  mkdirSync(at('target/bench-bot'), { recursive: true });
  writeFileSync(path('lesson'), bot.lesson);
  writeFileSync(path('questions'), questions.map(([text]) => text).join('\n'));
  const out = await run('cargo', ['run', '--locked', '--quiet', '-p', 'bellhop-trainer', '--profile', 'trainer', '--example', 'native', '--', path('lesson'), path('questions'), path('model')], { env: { CARGO_TARGET_DIR: targetFolder() } });
  const sum = (bytes) => createHash('sha256').update(bytes).digest('hex');
  const native = out.trim().split('\n');
  const same = count(questions.map(([text], place) => [text, native[place]]), ([text, line]) => {
    const wasm = bot.bits(text);
    return line === [...new Uint32Array(wasm.buffer)].join(' ');
  });
  figure('native = Wasm: the model, byte for byte', sum(readFileSync(path('model'))) === sum(bot.file()) ? 100 : 0, '%', 100);
  figure('native = Wasm: verdicts, bit for bit', share(same, questions.length), '%', 100);
}

function few(bot, name, size, budget, aim, seconds) {
  const time = bot.learn(imported(lines(`fewshot_${name}/train_${size}.tsv`)));
  const verdicts = bot.ask(lines(VAL ? `fewshot_${name}/valid.tsv` : name === 'clinc150' ? 'clinc150/full/test.tsv' : `${name}/test.tsv`));
  figure(`${name}, ${size} per intent, forced`, share(count(verdicts, (it) => it.right), verdicts.length), '%', budget, { aim });
  answers(`${name}, ${size} per intent`, verdicts);
  if (seconds) {
    figure(`${name}, ${size} per intent: training, in Wasm`, time.model, 's', seconds, { most: true });
    figure(`${name}, ${size} per intent: with its cross-validation`, time.all, 's');
  }
}

/** What is answered where the slider stands by itself, and how much of that is right. */
function answers(name, verdicts, budget, aim) {
  const answered = verdicts.filter((it) => it.answered);
  figure(`${name}, right of what is answered`, share(count(answered, (it) => it.right), answered.length), '%', budget, { aim });
  figure(`${name}, answered`, share(answered.length, verdicts.length), '%');
}

/** Sentences of the library that are nearly in a val or test file: none may be, whatever the other figures say. */
function overlap({ intents, heldOut }) {
  const data = readdirSync(nlu, { recursive: true }).filter((path) => /(val|valid|test)\.tsv$/.test(path)).flatMap((path) => lines(path).map(([text]) => text));
  const own = [...intents.flatMap((it) => LANGUAGES.flatMap((language) => texts(it, language))), ...heldOut.flatMap((it) => LANGUAGES.flatMap((language) => it[language]))];
  const pairs = near(own, data);
  for (const [one, other] of pairs) console.log(`  in the library: ${one} — in the data: ${other}`);
  figure(`sentences of the library (${own.length}) nearly in a val or test file`, new Set(pairs.map(([one]) => one)).size, '', 0, { most: true });
}

const LANGUAGES = ['en', 'zh'];
const texts = (it, language) => [it.title[language], ...it.examples[language]];
/** An intent of the library that is switched on as it is. */
const taken = (it) => ({ id: it.id, titles: LANGUAGES.map((language) => it.title[language]), examples: [], library: all(it) });
const asked = (it, language) => it[language].map((text) => [text, it.id]);

function library(bot, { intents, heldOut }) {
  bot.learn({ intents: intents.map(taken), background: [] });
  for (const language of LANGUAGES) {
    const verdicts = bot.ask(heldOut.flatMap((it) => asked(it, language)));
    const name = `library alone, held-out ${language}`;
    figure(`${name} (${verdicts.length}), forced`, share(count(verdicts, (it) => it.right), verdicts.length), '%', 75, { aim: 80 });
    figure(`${name}, top three`, share(count(verdicts, (it) => it.listed), verdicts.length), '%', 88, { aim: 90 });
    answers(name, verdicts, 88, 90);
  }
}

/** Every second intent is off: what it gains to learn them as background, asked what belongs to either half. */
function background(bot, { intents, heldOut }) {
  const isOn = (id) => intents.findIndex((it) => it.id === id) % 2 === 0;
  const halves = [true, false].map((on) => heldOut.filter((it) => isOn(it.id) === on).flatMap((it) => LANGUAGES.flatMap((language) => asked(it, language))));
  for (const [name, withOff] of [['left out', false], ['as background', true]]) {
    bot.learn({ intents: intents.filter((it) => isOn(it.id)).map(taken), background: withOff ? intents.filter((it) => !isOn(it.id)).map(all) : [] });
    const [on, off] = halves.map((questions) => bot.ask(questions));
    const title = `half of the library, the other half ${name}:`;
    figure(`${title} forced`, share(count(on, (it) => it.right), on.length), '%');
    figure(`${title} answered and right`, share(count(on, (it) => it.right && it.answered), on.length), '%');
    figure(`${title} others not answered`, share(count(off, (it) => !it.answered), off.length), '%');
    figure(`${title} AUROC of rejection`, auroc(on, off), '%');
  }
}

const DRAWS = 10;
/** In an order of its own for each seed. */
const drawn = (list, name, seed) => {
  const place = (it) => createHash('sha256').update(`${seed}:${name(it)}`).digest('hex');
  return [...list].sort((one, other) => (place(one) < place(other) ? -1 : 1));
};

/**
 * Ten intents, and everything else of the library is off: as they are there, or as an owner's own who has twenty of the examples, and has given them
 * names of their own, so that the library's very topics are off, too.
 */
function ten(bot, { intents, heldOut }, isOwn) {
  const sums = Object.fromEntries(LANGUAGES.map((language) => [language, { on: [], off: [], area: 0 }]));
  for (let seed = 1; seed <= DRAWS; seed += 1) {
    const on = drawn(intents, ({ id }) => id, seed).slice(0, 10);
    const own = (it) => ({ ...taken(it), examples: drawn(all(it), (text) => text, seed).slice(0, 20), library: [] });
    bot.learn({ intents: on.map(isOwn ? own : taken), background: intents.filter((it) => isOwn || !on.includes(it)).map(all) });
    for (const [language, sum] of Object.entries(sums)) {
      const verdicts = heldOut.map((it) => [on.some(({ id }) => id === it.id), bot.ask(asked(it, language))]);
      const [known, unknown] = [true, false].map((wanted) => verdicts.flatMap(([isOn, them]) => (isOn === wanted ? them : [])));
      sum.on.push(...known);
      sum.off.push(...unknown);
      sum.area += auroc(known, unknown) / DRAWS;
    }
  }
  for (const [language, { on, off, area }] of Object.entries(sums)) {
    const title = `ten intents ${isOwn ? 'of an owner’s, 20 examples each' : 'of the library'}, all of it${isOwn ? '' : ' else'} off, ${language}:`;
    figure(`${title} answered and right`, share(count(on, (it) => it.right && it.answered), on.length), '%');
    figure(`${title} others not answered`, share(count(off, (it) => !it.answered), off.length), '%');
    figure(`${title} AUROC of rejection`, area, '%');
  }
}

/** An owner's own words are few: of the held-out sentences, which are written as visitors write, so many an intent and language teach, the others ask. */
const TAUGHT = 4;

/** Forty intents of an owner's, under names of their own and without titles, and the whole library off. */
function owners(bot, { intents, heldOut }) {
  const sums = Object.fromEntries(LANGUAGES.map((language) => [language, { on: [], off: [] }]));
  for (let seed = 1; seed <= 3; seed += 1) {
    const cut = (it, language) => drawn(it[language], (text) => text, seed);
    const [on, off] = [drawn(heldOut, ({ id }) => id, seed).slice(0, 40), drawn(heldOut, ({ id }) => id, seed).slice(40)];
    const taught = (it) => ({ id: `my_${it.id}`, titles: [], examples: LANGUAGES.flatMap((language) => cut(it, language).slice(0, TAUGHT)), library: [] });
    bot.learn({ intents: on.map(taught), background: intents.map(all) });
    for (const [language, sum] of Object.entries(sums)) {
      sum.on.push(...bot.ask(on.flatMap((it) => cut(it, language).slice(TAUGHT).map((text) => [text, `my_${it.id}`]))));
      sum.off.push(...bot.ask(off.flatMap((it) => asked(it, language))));
    }
  }
  for (const [language, { on, off }] of Object.entries(sums)) {
    const name = `forty intents of an owner’s, ${TAUGHT} examples a language, ${language}`;
    figure(`${name} (${on.length}): forced`, share(count(on, (it) => it.right), on.length), '%');
    answers(name, on);
    figure(`${name}: others not answered`, share(count(off, (it) => !it.answered), off.length), '%');
  }
}

await main(async () => {
  if (!existsSync(nlu)) throw new Failure(`No data at ${nlu}: set BELLHOP_NLU to a folder with clinc150, banking77, fewshot_* and xsid_zh`);
  await buildTrainer(tools());
  await buildWorker('release');
  const bot = new Bot(new WebAssembly.Module(readFileSync(trainer)));
  few(bot, 'banking77', 5, 69, 73);
  few(bot, 'banking77', 10, 77.5, 82, 0.3);
  few(bot, 'clinc150', 5, 75.5, 81);
  few(bot, 'clinc150', 10, 82.5, 87);
  if (!VAL) {
    bot.learn(imported(lines('xsid_zh/valid.tsv')));
    figure('xSID Chinese, 300 examples, forced', bot.forced(lines('xsid_zh/test.tsv')), '%', 91);
    bot.learn(imported(lines('banking77/train.tsv')));
    figure('BANKING77 full, forced', bot.forced(lines('banking77/test.tsv')), '%', 91.5, { aim: 92.5 });
  }
  library(bot, own);
  background(bot, own);
  ten(bot, own, false);
  ten(bot, own, true);
  owners(bot, own);
  overlap(own);
  figure('code: the bot in the Worker', botInWorker(trainer), 'KB', 120, { most: true });
  figure('code: the Wasm that learns in a browser', gzipSync(readFileSync(trainer), { level: 9 }).length / 1024, 'KB');
  await sameEverywhere(bot, clinc(bot));
  if (!VAL) {
    writeFileSync(at('target/bench-bot.json'), `${JSON.stringify(figures, null, 2)}\n`);
    writeFileSync(at('docs/bot.md'), withFigures(readFileSync(at('docs/bot.md'), 'utf8'), figures));
    console.log(`\ndocs/bot.md has these figures now, but for times. README is to say: ${claim(figures)}`);
  }
  const missed = figures.filter((it) => !it.pass).length;
  console.log(missed ? `\n${missed} figures miss their budget` : '\nEvery figure is within its budget');
  if (figures.some((it) => it.name.includes('nearly in') && !it.pass)) throw new Failure('The library holds sentences of the data');
  if (missed && STRICT) throw new Failure('missed');
});
