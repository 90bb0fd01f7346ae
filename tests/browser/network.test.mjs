// The bad network in three engines: a visitor in Chromium, Firefox and WebKit, each behind a line that is cut, half-open,
// slow … (`network/scenarios.mjs`), on a strict page, with a real server and an agent on the other end. Afterwards
// everything is there once and in one order on both sides, and at no moment did the widget claim what was not so.
//
// Most of the time goes by in waiting for the client's own heartbeat, so all scenarios of all engines run at the same
// time; then the server is killed under all of them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { browserPath } from '../../scripts/lib/browsers.mjs';
import { demo } from '../../scripts/lib/demo.mjs';
import { Agent, world } from '../e2e/lib/world.mjs';
import { DeskTalk, openLane } from './network/desk-talk.mjs';
import { SCENARIOS } from './network/scenarios.mjs';
import { Talk, until } from './network/talk.mjs';

const ENGINES = { Chromium: 'chromium', Firefox: 'firefox', WebKit: 'webkit' };
/** For a closer look: ENGINE=WebKit SCENARIO=cut. */
const { ENGINE, SCENARIO } = process.env;

const ran = [];
after(() => console.log(`\nThe bad network ran in: ${ran.join(', ') || 'NOTHING'}`));

/** Lets so many at a time do what keeps a processor busy. */
function gate(free) {
  const waiting = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      if (waiting.length) waiting.shift()();
      else free++;
    }
  };
}

test('a bad network', { concurrency: true }, async (t) => {
  const wanted = Object.keys(ENGINES).filter((name) => !ENGINE || name === ENGINE);
  const here = wanted.filter(browserPath);
  for (const name of wanted.filter((name) => !here.includes(name))) console.log(`!\n! There is no ${name} here: the bad network was NOT tried in it.\n!`);
  assert.ok(here.length, 'no browser at all');
  const table = Object.entries(SCENARIOS).filter(([name]) => !SCENARIO || name === SCENARIO);

  const seed = { ...demo, site: { ...demo.site, domains: ['localhost'] } };
  const it = await world(t, { seed, vars: { BELLHOP_LIMIT_FACTOR: '100' } });
  // Nobody has the console open: after a minute the widget would ask for an address, in the place of the field that this writes in.
  await (await Agent.signIn(it, demo.owner)).call('PATCH', '/routing', { form_minutes: 0 });
  const agent = await Agent.signIn(it, demo.agents[0]);
  const setUp = gate(4);
  const engines = [];
  const talks = [];
  let expected = 0;
  t.after(async () => {
    await Promise.all(talks.map((talk) => talk.end()));
    await Promise.all(engines.map((engine) => engine.close()));
  });

  const through = async (name) => {
    const { launch } = await import(`./engines/${ENGINES[name]}.mjs`);
    const start = async () => {
      const engine = await launch(browserPath(name));
      engines.push(engine);
      return engine;
    };
    const engine = await start();
    ran.push(`${name} ${engine.version}`);
    const play = (what, Kind, [scenario, { run, console: _, alone, ...options }], lane) =>
      t.test(`${what}: ${scenario}`, async () => {
        const talk = await setUp(async () => {
          const talk = await Kind.begin({ lane, engine: alone ? await start() : engine, world: it, agent, ...options });
          talks.push(talk);
          if (!options.closed) await talk.greet();
          return talk;
        });
        try {
          await run(talk);
          await talk.holds();
          await talk.goesOn('still there');
        } catch (error) {
          // What was shown and held at the end, because nobody can look again.
          console.log(`${what}: ${scenario}: ${await talk.account().catch(String)}`);
          throw error;
        }
        talk.whole = true;
      });
    const inTurn = async (rows) => {
      const lane = await openLane(t);
      for (const row of rows) await play('Chromium, the console', DeskTalk, row, lane);
    };
    const atDesk = name === 'Chromium' ? table.filter(([, row]) => row.console) : [];
    expected += table.length + atDesk.length;
    await Promise.all([
      ...table.map((row) => play(name, Talk, row)),
      ...[...new Set(atDesk.map(([, row]) => row.console))].map((lane) => inTurn(atDesk.filter(([, row]) => row.console === lane))),
    ]);
  };
  await Promise.all(here.map(through));

  await t.test('server restart, under all of them', async () => {
    const standing = talks.filter((talk) => talk.whole);
    assert.equal(standing.length, expected, 'conversations that are under way');
    const servers = [...new Set(standing.map((talk) => talk.server))];
    await Promise.all(servers.map((server) => server.kill()));
    await Promise.all(standing.map((talk) => talk.write('to a dead server')));
    await Promise.all(standing.map((talk) => until(() => talk.wire.unanswered > 0, 'an attempt in vain')));
    standing.forEach((talk) => talk.truth('to a dead server'));
    await Promise.all(servers.map((server) => server.restart()));
    for (const talk of standing) await talk.peer.rejoin();
    // The visitor does nothing more: the page finds the way back by itself.
    for (const talk of standing) await talk.peer.say('after all');
    await Promise.all(standing.map((talk) => talk.holds()));
  });
});
