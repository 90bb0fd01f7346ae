// What a line, a machine and a visitor can do to a conversation. Each scenario gets a talk that has begun and ends with a
// line that works; what must hold then is the talk's affair (`holds`).
import assert from 'node:assert/strict';
import { until } from './talk.mjs';

const MINUTE = 60_000;
/** Delay, size of a piece, time between two. */
const SLOW = [300, 700, 10];
/** What two clocks and two timers may differ by. */
const TIMER_MS = 10;
/**
 * The client looks at once, gives an answer three seconds (CN11), and waits half a second at most (CN7); thirty browsers on a
 * small machine are slower. The heartbeat alone needs more than thirty seconds: it was answered on leaving.
 */
const AT_ONCE_MS = 20_000;
/** Longer than from one ping of the client's to the next (25 s): on thawing, its timers are overdue. */
const FROZEN_MS = 30_000;
/** So many times, one right after the other. */
const FLIPS = 8;

/** Waits until the line over the messages has spoken. */
const noticed = (talk, since, page) => until(() => talk.complains(since, page), 'a word about the line');

/** The first click finds no network: the chat itself can't be fetched. So does the first word. */
async function first(talk) {
  talk.wire.cut();
  await talk.page.click('.launcher');
  await until(() => talk.page.ask(() => !window.net.busy()), 'the end of the attempt');
  assert.ok(!(await talk.page.ask(() => window.net.open())), 'there is nothing to open');
  talk.wire.mend();
  await talk.page.click('.launcher');
  await talk.opened();
  talk.wire.cut();
  const since = Date.now();
  await talk.write('hello');
  await noticed(talk, since);
  talk.truth('hello');
  talk.wire.mend();
  await talk.greet(false);
}

async function cut(talk) {
  const since = Date.now();
  talk.wire.cut();
  for (const text of ['one', 'two', 'three']) await talk.write(text);
  await noticed(talk, since);
  await until(() => talk.says(talk.words.waiting), 'messages that wait');
  await talk.peer.say('said in the dark');
  talk.truth('one', 'two', 'three');
  talk.wire.mend();
}

/** The way up works, the way down swallows: the server has the messages, and nobody tells the visitor. */
async function halfOpen(talk) {
  const since = Date.now();
  const { joined } = talk.wire;
  let before = joined.length;
  talk.wire.stall('down');
  for (const text of ['one', 'two']) await talk.write(text);
  // On a machine that is very slow at typing the heartbeat has found out already.
  await until(() => talk.peer.texts().includes('two') || joined.length > before, 'messages that arrived');
  await talk.peer.say('said to nobody');
  await until(() => talk.wire.lost.down > 0, 'an answer that is lost');
  // New connections pass from now on, but nothing tells the client to make one: its heartbeat must find out.
  talk.wire.mend();
  before = joined.length;
  talk.truth('one', 'two');
  await until(() => joined.length > before, 'another connection');
  await noticed(talk, since);
  assert.ok(await talk.said('two', [...talk.words.sending, ...talk.words.waiting]), 'it did not pretend');
}

async function slow(talk) {
  await Promise.all([
    (async () => {
      for (const text of ['one', 'two']) await talk.write(text);
      // Not from when the page shows it: on a busy machine that is later than when it goes out.
      const wrote = Date.now();
      await talk.write('three');
      const sent = await until(() => talk.said('three', talk.words.arrived), 'the third');
      assert.ok(sent - wrote >= 2 * SLOW[0] - TIMER_MS, `there and back: written from ${wrote} on, sent at ${sent}`);
    })(),
    (async () => {
      for (const text of ['un', 'deux', 'trois']) await talk.peer.say(text);
    })(),
  ]);
  // A cut on a slow line: what is on its way is lost in the middle of a frame.
  await talk.write('four');
  talk.wire.cut();
  talk.wire.mend();
  talk.wire.slow(...SLOW);
}

/** Ten minutes: the line is dead and nobody was told; the tickets are old. */
async function sleep(talk) {
  talk.wire.stall();
  await talk.write('before the sleep');
  await talk.peer.say('said to a sleeper');
  await until(() => talk.wire.lost.up > 0 && talk.wire.lost.down > 0, 'both lost');
  talk.truth('before the sleep');
  talk.wire.mend();
  const since = Date.now();
  await talk.page.ask((ms) => window.net.sleep(ms), 10 * MINUTE);
  await noticed(talk, since);
}

async function away(talk) {
  const { down } = talk.wire.passed;
  await talk.page.away();
  await until(() => talk.page.ask(() => document.hidden), 'a hidden page');
  await until(() => talk.wire.passed.down > down, 'an answer to the question on leaving');
  talk.wire.stall();
  await talk.peer.say('are you there?');
  await talk.peer.say('hello?');
  await until(() => talk.wire.lost.down > 0, 'a message that is lost');
  talk.wire.mend();
  const since = Date.now();
  await talk.page.back();
  await until(async () => (await talk.shown()).includes('hello?'), 'what was missed, at once', AT_ONCE_MS);
  assert.ok(await talk.complains(since), 'it said that it was connecting');
}

/** Nothing of the page runs, and nobody tells it afterwards: what it finds is a message, and a line that has died meanwhile. */
async function frozen(talk) {
  await talk.page.ask(() => window.net.beat());
  const since = Date.now();
  const thaw = await talk.page.freeze();
  try {
    await talk.peer.say('said to ice');
    await until(() => talk.wire.gave('said to ice'), 'a message that reached the browser');
    talk.wire.stall();
    await talk.peer.say('said to nobody');
    await until(() => talk.wire.lost.down > 0, 'a message that is lost');
    await until(() => Date.now() > since + FROZEN_MS, 'a long time');
  } finally {
    thaw();
  }
  await until(async () => (await talk.shown()).at(-1) === 'said to ice', 'what had come', AT_ONCE_MS);
  await talk.write('after the thaw');
  talk.truth('after the thaw');
  talk.wire.mend();
  // By its heartbeat. (Where the overdue ping goes out before what had come is read, that passes for the answer, and the next one
  // finds out.)
  await until(async () => (await talk.shown()).includes('said to nobody'), 'what was missed');
  assert.ok(await talk.complains(since), 'it said that it was connecting');
  assert.ok((await talk.page.ask(() => window.net.stood)) > FROZEN_MS - 1_000, 'it stood still');
}

/** A phone between two cells: its browser says "offline" and "online" faster than anybody can connect. */
async function flapping(talk) {
  const since = Date.now();
  talk.wire.cut();
  await talk.write('one');
  await talk.page.flap(FLIPS);
  await talk.write('two');
  await noticed(talk, since);
  await talk.peer.say('said in the dark');
  talk.truth('one', 'two');
  talk.wire.mend();
  await talk.page.flap(FLIPS);
  // The line is good, and so is the socket, if there is one already: each word makes it look.
  await until(() => talk.says(talk.words.arrived), 'both as sent');
  await talk.page.flap(FLIPS);
  await talk.write('three');
  await until(() => talk.says(talk.words.arrived), 'the third as sent');
  await until(async () => !(await talk.page.ask(() => window.net.doubled())), 'one socket to each address', AT_ONCE_MS);
}

/**
 * The site's data is cleared under an open page, by its user or by the browser, which goes on as who it was (SE5): once the
 * ticket is old, so that the page must say who it is, and once while all is well, where the next message stores it.
 */
async function cleared(talk) {
  const since = Date.now();
  talk.wire.cut();
  await talk.write('before it');
  await noticed(talk, since);
  await talk.page.clear();
  await talk.page.ask((ms) => window.net.sleep(ms), 10 * MINUTE);
  await talk.peer.say('said in the dark');
  talk.truth('before it');
  talk.wire.mend();
  await talk.holds();
  await talk.page.clear();
  await talk.write('after it');
  await talk.visit();
}

/** Both write while the line is cut; one is closed before it can send, if the other is its heir. */
async function twoTabs(talk) {
  const left = talk.page;
  const right = await talk.visit();
  await talk.holds();
  const since = Date.now();
  talk.wire.cut();
  await talk.write('from the left', left);
  await talk.write('from the right', right);
  await noticed(talk, since, left);
  await noticed(talk, since, right);
  if (talk.bequeaths) await talk.leave(left);
  talk.page = right;
  await talk.peer.say('to both');
  talk.truth('from the left', 'from the right');
  talk.wire.mend();
  await talk.holds();
  // A third finds the whole conversation.
  await talk.visit();
}

/**
 * They begin in this order; the visitor's run all at the same time, each on a line of its own. At the console those with
 * the same letter take turns. `alone`: in a browser of its own, because what is done to it other pages would feel.
 */
export const SCENARIOS = {
  'half-open': { run: halfOpen, console: 'a' },
  'sleep of ten minutes': { run: sleep, console: 'b' },
  'tab switched away': { run: away, console: 'c' },
  slow: { run: slow, slow: SLOW, console: 'c' },
  'two tabs': { run: twoTabs, console: 'c' },
  'no network at first': { run: first, closed: true },
  cut: { run: cut, console: 'b' },
  'storage blocked': { run: cut, storageBlocked: true, console: 'c' },
  'storage cleared': { run: cleared },
  'tab frozen': { run: frozen, alone: true, console: 'a' },
  'offline and online': { run: flapping, console: 'b' },
};
