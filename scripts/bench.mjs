// `make bench`: the built Worker on bare workerd beside the least that a chat room on Durable Objects can be
// (bench/README.md says what each figure is). Prints them, and writes target/bench.json.
//   QUICK=1    about four minutes, for a look: fewer and shorter runs, 1,000 sockets
//   STRICT=1   fails if a budget is missed; without it only what can't be measured fails
//   ONLY=      some stages, whose figures are added to the file: pace, memory, busy, human, thrifty, idle, crowd; and four which come only when they
//              are named: rings, a hundred visitors each who need a person, about four minutes; waiting, the Desk's waiting line in
//              virtual time beside queueing theory, about five minutes; list, 200 consoles with 8,000 conversations in their list;
//              bot, a bot of 150 intents that answers every message
//   PROFILE=   another bundle than the release
import { bot } from './lib/bench/bot.mjs';
import { build } from './lib/build.mjs';
import { buildDriver } from './lib/bench/driver.mjs';
import { list } from './lib/bench/list.mjs';
import * as beside from './lib/bench/pace.mjs';
import { Report } from './lib/bench/report.mjs';
import { rings } from './lib/bench/rings.mjs';
import * as stages from './lib/bench/stages.mjs';
import { Failure, main, spoken } from './lib/run.mjs';
import { buildBare } from './lib/worker.mjs';

const { QUICK, STRICT, ONLY, PROFILE = 'release' } = process.env;
const size = QUICK
  ? { rounds: 2, warmup: 1, secs: 3, rooms: 100, rate: 1_000, humanRooms: 60, humanSecs: 40, sockets: 1_000, idleSockets: 600, listed: 2_000, asked: 20, scaleRate: 200 }
  : { rounds: 3, warmup: 3, secs: 7, rooms: 100, rate: 1_000, humanRooms: 60, humanSecs: 80, sockets: 5_000, idleSockets: 2_000, listed: 8_000, asked: 100, scaleRate: 200 };
const wanted = ONLY ? ONLY.split(',') : ['pace', 'memory', 'busy', 'human', ...(QUICK ? [] : ['thrifty']), 'idle', 'crowd'];

await main(async () => {
  if (PROFILE === 'release') await build('release', 'worker');
  if (wanted.some((name) => ['pace', 'memory', 'idle'].includes(name))) await buildBare();
  await buildDriver();
  const begun = Date.now();
  const report = new Report();
  const stage = async (name, more) => {
    if (!wanted.includes(name)) return;
    console.log(`\n${name}`);
    await { ...stages, ...beside, list, bot, rings }[name](report, { ...size, ...more, profile: PROFILE });
  };
  // What is slow, or only counted, goes on while a crowd falls quiet, in two minutes, and servers run warm. Beside what is timed nothing goes
  // on: with the crowd's Rooms looking a last time and the slow stages beside it, the bench's pace cost 1.24 × the bare object's CPU, alone 1.05.
  const slow = ['human', 'thrifty', 'idle'].map((name) => stage(name));
  for (const it of slow) it.catch(() => {});
  try {
    const gathered = wanted.includes('crowd') ? await stages.gather({ ...size, profile: PROFILE }) : undefined;
    const warm = async (name, begin) => (wanted.includes(name) ? { warm: await begin({ ...size, profile: PROFILE }) } : undefined);
    const ready = { memory: await warm('memory', beside.warmMemory), pace: await warm('pace', beside.warmPace) };
    await stage('crowd', gathered);
    await Promise.all(slow);
    await stage('pace', ready.pace);
    await stage('memory', ready.memory);
    await stage('busy');
    await stage('rings');
    await stage('waiting');
    await stage('list');
    await stage('bot');
  } finally {
    report.write(!ONLY);
  }
  const missed = report.missed();
  console.log(`\n${report.figures.length} figures in ${spoken(Date.now() - begun)}, in target/bench.json; above budget: ${missed.length ? missed.map((it) => it.name).join('; ') : 'none'}`);
  if (STRICT && missed.length) throw new Failure(`${missed.length} budgets are missed.`);
});
