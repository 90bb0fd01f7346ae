// `make fuzz SECS=60`: libFuzzer on every target, as many at once as there are cores. TARGET=room,desk takes only those.
// `node scripts/fuzz.mjs keep` puts what was found worth keeping into fuzz/corpus, the smallest files that reach the most.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { obtainCompiler } from './lib/compiler.mjs';
import { at } from './lib/paths.mjs';
import { Failure, main, run, spoken, step } from './lib/run.mjs';
import { setup } from './lib/tools.mjs';

const TARGETS = ['wire', 'tokens', 'search', 'text', 'links', 'models', 'room', 'desk'];
/** Longest input. A machine's is a tape: so many choices. */
const MAX_LEN = { wire: 4096, tokens: 1024, search: 2048, text: 1024, links: 1024, models: 512, room: 1500, desk: 1500 };
/** What libFuzzer needs of the compiler; only what is ours and what it stands on gets it, not the host's build scripts. */
const COVERAGE = [
  '-Cpasses=sancov-module',
  ...['level=4', 'inline-8bit-counters', 'pc-table', 'trace-compares', 'stack-depth'].map((it) => `-Cllvm-args=-sanitizer-coverage-${it}`),
  '--cfg=fuzzing',
].join(' ');
const HOST = 'x86_64-unknown-linux-gnu';
/** Files of one target that are committed. */
const KEPT = 40;

const target = process.env.CARGO_TARGET_DIR ?? at('target');
const place = (...parts) => join(target, 'fuzzing', ...parts);
const binary = place(HOST, 'fuzz', 'fuzz');
const committed = (name) => at('fuzz', 'corpus', name);
const files = (folder) => (existsSync(folder) ? readdirSync(folder) : []);

async function build() {
  if (!(await obtainCompiler())) throw new Failure('libFuzzer is C++, and there is no g++ here: install it (Debian: g++).');
  const args = ['build', '--locked', '--manifest-path', at('fuzz', 'Cargo.toml'), '--profile', 'fuzz', '--features', 'libfuzzer'];
  await step('fuzz: build', '2 min, the first time 4', () =>
    run('cargo', [...args, '--bin', 'fuzz', '--target', HOST, '--target-dir', place()], { env: { RUSTFLAGS: COVERAGE } }));
}

/** One process of libFuzzer to its end; its output goes into a file, for it is long. */
function libfuzzer(name, args) {
  return new Promise((resolve) => {
    const child = spawn(binary, args, { cwd: at(), env: { ...process.env, FUZZ_TARGET: name }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (text) => (output = (output + text).slice(-200_000));
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('close', (code) => resolve({ code, output }));
  });
}

async function fuzz(name, secs) {
  for (const folder of [place('corpus', name), place('crashes')]) mkdirSync(folder, { recursive: true });
  const before = files(place('corpus', name)).length;
  const { code, output } = await libfuzzer(name, [
    place('corpus', name),
    committed(name),
    `-max_total_time=${secs}`,
    `-max_len=${MAX_LEN[name]}`,
    `-artifact_prefix=${place('crashes', `${name}-`)}`,
    '-timeout=20',
    '-print_final_stats=1',
    ...(existsSync(at('fuzz', `${name}.dict`)) ? [`-dict=${at('fuzz', `${name}.dict`)}`] : []),
  ]);
  const stat = (what) => Number(output.match(new RegExp(`${what}:\\s+(\\d+)`))?.[1] ?? NaN);
  const covered = [...output.matchAll(/cov: (\d+) ft: (\d+)/g)].at(-1);
  const now = files(place('corpus', name)).length;
  console.log(
    `  ${name.padEnd(7)} ${stat('stat::number_of_executed_units').toLocaleString('en')} runs, ${stat('stat::average_exec_per_sec').toLocaleString('en')}/s, ` +
      `${now - before} new inputs (${now} in all), ${covered?.[1] ?? '?'} places and ${covered?.[2] ?? '?'} features reached`,
  );
  if (code === 0) return [];
  const crash = output.match(/Test unit written to (\S+)/)?.[1];
  const said = output.slice(Math.max(0, output.search(/thread .* panicked|ERROR: libFuzzer/))).split('\n').slice(0, 12).join('\n');
  return [`${name}: ${crash ?? 'no file was written'}\n${said}\nAgain: cargo run --manifest-path fuzz/Cargo.toml --bin replay -- ${name} ${crash}`];
}

/** So many at once, in order. */
async function inTurns(names, many, work) {
  const rest = [...names];
  const results = [];
  const one = async () => {
    while (rest.length) results.push(...(await work(rest.shift())));
  };
  await Promise.all(Array.from({ length: many }, one));
  return results;
}

/** The inputs that together reach everything, the smallest of them beside what is committed already. */
async function keep(name) {
  const folder = mkdtempSync(join(tmpdir(), 'bellhop-fuzz-'));
  const { code, output } = await libfuzzer(name, ['-set_cover_merge=1', `-max_len=${MAX_LEN[name]}`, folder, committed(name), place('corpus', name)]);
  if (code !== 0) throw new Failure(`${name}: the corpora were not merged\n${output.slice(-2_000)}`);
  const size = (file) => statSync(join(folder, file)).size;
  const chosen = readdirSync(folder).sort((one, other) => size(one) - size(other)).slice(-KEPT);
  for (const file of chosen) cpSync(join(folder, file), join(committed(name), file.slice(0, 16)));
  rmSync(folder, { recursive: true });
  console.log(`  ${name}: ${files(committed(name)).length} files`);
}

await main(async () => {
  const secs = Number(process.env.SECS || 60);
  if (!Number.isInteger(secs) || secs < 1) throw new Failure(`SECS is a number of seconds, not ${process.env.SECS}.`);
  const names = process.env.TARGET ? process.env.TARGET.split(',') : TARGETS;
  const unknown = names.find((name) => !TARGETS.includes(name));
  if (unknown) throw new Failure(`There is no target ${unknown}. There are: ${TARGETS.join(', ')}.`);
  const known = readFileSync(at('fuzz', 'src', 'lib.rs'), 'utf8');
  if (!TARGETS.every((name) => known.includes(`("${name}", `))) throw new Failure('fuzz/src/lib.rs has other targets than this script.');
  await setup();
  await build();
  if (process.argv[2] === 'keep') return inTurns(names, 1, async (name) => (await keep(name), []));
  const many = Number(process.env.JOBS || Math.min(availableParallelism(), names.length));
  const began = Date.now();
  const crashes = await step(`fuzz: ${names.length} targets, ${secs} s each`, spoken(Math.ceil(names.length / many) * secs * 1000), () =>
    inTurns(names, many, (name) => fuzz(name, secs)));
  if (crashes.length) throw new Failure(crashes.join('\n\n'));
  console.log(`Nothing found in ${spoken(Date.now() - began)}. What is worth keeping: node scripts/fuzz.mjs keep`);
});
