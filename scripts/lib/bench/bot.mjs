// What the bot's answer takes beyond the message's own way, and what it costs those who are only acknowledged: the same
// messages in the same kind of rooms, with a bot that has 150 intents and without one.
import { STATUS } from '../../../tests/e2e/lib/wire.mjs';
import { Agent } from '../../../tests/e2e/lib/world.mjs';
import { learn } from '../demo-bot.mjs';
import { all } from '../run.mjs';
import { tools } from '../tools.mjs';
import { buildTrainer } from '../trainer.mjs';
import { drive } from './driver.mjs';
import { lesson } from './lesson.mjs';
import { median } from './report.mjs';
import { asked, conversations } from './seats.mjs';
import { ADDRESS, bellhop } from './servers.mjs';
import { faultless, HELD_MS, WARM_S } from './stages.mjs';

const INTENTS = 150;
const EXAMPLES = 10;
/** Different sentences for each intent; a number in each makes every message a text of its own. */
const SENTENCES = 10;

/** Teaches the bot and switches it on, as its owner does in the console. */
async function teach(world, intents) {
  const owner = await Agent.signIn(world, world.people.owner);
  const { model, accuracy, examples } = await learn({ intents: intents.map(({ id, examples }) => ({ id, titles: [], examples, library: [] })), background: [] });
  const rows = intents.map(({ id, says, examples }) => ({ id, title: { en: id, zh: id }, answer: { en: says, zh: says }, examples }));
  await owner.call('POST', '/intents/import', { intents: rows });
  const { status, text } = await owner.sendModel(model, `?examples=${examples}&accuracy=${accuracy}`);
  if (status !== 201) throw new Error(`the model is refused: ${text}`);
  if (!(await owner.call('PATCH', '/bot', { enabled: true })).json.live) throw new Error('the Desk does not work by the bot yet');
}

/** In turns, so that whatever else the machine does meets both alike. */
export async function bot(report, { profile, rounds, warmup, secs, rooms, rate }) {
  await buildTrainer(tools());
  const { intents, messages } = lesson({ intents: INTENTS, examples: EXAMPLES, messages: SENTENCES });
  const worlds = await all([1, 2].map(() => bellhop(profile, HELD_MS, { inMemory: true })));
  try {
    const [plain, answering] = worlds;
    await teach(answering, intents);
    const side = (name, { server }, begun, speech) => ({ name, once: (pace) => drive(server, speech, begun.tabs('json'), { pace }), runs: [] });
    const [plainRooms, botsRooms] = [await conversations(plain, rooms, ADDRESS), await conversations(answering, rooms, ADDRESS)];
    const without = side('without', plain, plainRooms, asked(messages, { isAnswered: false }));
    const withBot = side('with bot', answering, botsRooms, asked(messages, { isAnswered: true }));
    await all([without, withBot].map((it) => once(it, { rate: rate / 2, warmup: WARM_S, secs: 1 })));
    await inTurns([without, withBot], rounds, { rate, warmup, secs });
    figures(report, rate, without, withBot);
    // What the bot itself takes shows where the one thread is not at its limit.
    const calm = Math.round(rate / 4);
    await inTurns([without, withBot], rounds, { rate: calm, warmup, secs });
    figures(report, calm, without, withBot);
    await areBots(botsRooms);
  } finally {
    for (const it of worlds) await it.stop();
  }
}

/** The bot has had them all the while: what it hands over does not come back to it. */
async function areBots({ visitors }) {
  for (const visitor of visitors) {
    const socket = await visitor.connect();
    const { status } = socket.welcome.state;
    await socket.cut();
    if (status !== STATUS.PENDING) throw new Error(`${visitor.conversation} is no longer the bot's: status ${status}`);
  }
}

async function once(side, work) {
  const run = await side.once(work);
  faultless(side.name, run);
  return run;
}

async function inTurns(sides, rounds, work) {
  console.log(`    at ${work.rate} messages a second`);
  for (const side of sides) side.runs = [];
  for (let round = 0; round < rounds; round++) {
    // There and back: whatever grows or fades in the machine meets both alike.
    for (const side of round % 2 ? sides.toReversed() : sides) {
      const run = await once(side, work);
      side.runs.push(run);
      console.log(`    ${side.name.padEnd(8)} ${run.cpu_ms_per_1000.toFixed(0).padStart(5)} ms CPU per 1,000   ack ${spoken(run.ack)}${run.answer ? `   ${run.answer.came} answers to ${run.sent}, ${spoken(run.answer)}` : ''}`);
    }
  }
}

const spoken = ({ p50_ms, p99_ms }) => `p50 ${p50_ms.toFixed(1)} ms  p99 ${p99_ms.toFixed(1)} ms`;

function figures(report, rate, without, withBot) {
  const add = (name, ...figure) => report.add(`${name}, ${rate}/s`, ...figure);
  const of = ({ runs }, figure) => median(runs.map(figure));
  add('CPU per 1,000 messages without a bot', of(without, (run) => run.cpu_ms_per_1000), 'ms');
  add('CPU per 1,000 messages that a bot answers', of(withBot, (run) => run.cpu_ms_per_1000), 'ms');
  add('message to its own ack p50, without a bot', of(without, (run) => run.ack.p50_ms), 'ms');
  add('message to its own ack p99, without a bot', of(without, (run) => run.ack.p99_ms), 'ms');
  add('message to its own ack p50, with a bot', of(withBot, (run) => run.ack.p50_ms), 'ms');
  add('message to its own ack p99, with a bot', of(withBot, (run) => run.ack.p99_ms), 'ms');
  // The tail of one run is what the disk did in it, and no other run's: medians are compared.
  add('p99 of the ack, with a bot / without', of(withBot, (run) => run.ack.p99_ms) / of(without, (run) => run.ack.p99_ms), '×', 1.1);
  add('message to the bot’s answer p50', of(withBot, (run) => run.answer.p50_ms), 'ms');
  add('message to the bot’s answer p99', of(withBot, (run) => run.answer.p99_ms), 'ms', 50);
  add('p99 of the answer − p99 of the ack, in one run', of(withBot, (run) => run.answer.p99_ms - run.ack.p99_ms), 'ms', 1);
}
