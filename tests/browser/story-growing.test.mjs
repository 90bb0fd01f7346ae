// A language model's message that grows, on the real server and in real browsers: the line is cut in the middle of it, and the page
// reloaded in the middle of the next. The visitor and the agent who looks on end with one whole message each time.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { begins, model as fake, piece } from '../e2e/lib/streams.mjs';
import { trained } from '../e2e/lib/model.mjs';
import { Agent, world } from '../e2e/lib/world.mjs';
import { launch, until } from './browser.mjs';
import { becomes, clean, heard, open, openWidget, panel, profile, row, seen, signIn, write } from './story-pages.mjs';
import { Wire } from './wire.mjs';

const INTENTS = [
  { id: 'order_status', title: { en: 'Where is my order?', zh: '订单到哪了' }, answer: { en: 'Soon.', zh: '很快。' }, examples: ['where is my order'] },
  { id: 'refund_request', title: { en: 'A refund', zh: '退款' }, answer: { en: 'Soon.', zh: '很快。' }, examples: ['i want a refund'] },
  { id: 'business_hours', title: { en: 'Opening hours', zh: '营业时间' }, answer: { en: 'Nine to five.', zh: '九点到五点。' }, examples: ['opening hours'] },
];
const ASKED = 'how much water does the red teapot hold';
const SOURCE = '\n\nFrom our FAQ: “The red teapot”';
/** The widget's, until it has heard of the site's. */
const OWN_GREETING = 'Hello! How can we help?';
/** It writes a word so often until it is told to end, for it is given up after five seconds without one. */
const WORD_MS = 300;

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test('cut in the middle, and reloaded in the middle: one whole message for the visitor and for the agent', async (t) => {
  let [written, goesOn] = ['', true];
  const { url: address, calls } = await fake(t, async (call, answer) => {
    [written, goesOn] = ['It holds', true];
    begins(answer).write(piece(`[1] ${written}`));
    for (let n = 1; goesOn && !call.closed; n++) {
      await sleep(WORD_MS);
      written += ` ${n}`;
      answer.write(piece(` ${n}`));
    }
    answer.end('data: [DONE]\n\n');
  });
  const line = new Wire();
  const url = await line.listen();
  t.after(() => line.close());
  const it = { ...(await world(t, { vars: { BELLHOP_URL: url } })), url };
  line.to(it.server.port);
  const owner = await Agent.signIn(it, it.people.owner);
  await owner.call('POST', '/intents/import', { intents: INTENTS });
  await owner.call('POST', '/faq/import', { faq: [{ locale: 'en', question: 'The red teapot', answer: 'The red teapot holds a litre of water.' }] });
  await owner.sendModel(trained());
  await owner.call('PATCH', '/bot', { enabled: true, responder: { kind: 'model', url: address, model: 'small-1', key: 'sk' } });

  const shop = await open(await profile(t, browser), `${url}/`);
  const desk = await signIn(await profile(t, browser), url, it.people.agents[0]);
  const greetings = [it.people.site.greeting, OWN_GREETING];
  const visitors = async () => (await heard(shop)).filter((text) => !greetings.includes(text));
  const agents = async () => (await seen(desk)).filter((text) => !greetings.includes(text));
  const story = [];
  /** What is shown after all that was said before: the question, and as much of its answer as there is. */
  const half = async (ask) => {
    const [asked, shown = '', ...more] = (await ask()).slice(story.length);
    assert.deepEqual([asked ?? ASKED, more], [ASKED, []], 'nothing twice');
    assert.ok(written.startsWith(shown), `${shown}: it has written ${written}`);
    return shown;
  };
  const grows = (ask, beyond, who) => until(async () => (await half(ask)).length > beyond, `it to grow for the ${who}`);
  const ends = async () => {
    goesOn = false;
    await until(() => calls.at(-1).closed, 'its end');
    story.push(ASKED, `${written}${SOURCE}`);
    await becomes(visitors, story, 'one whole message for the visitor');
    await becomes(agents, story, 'and for the agent');
  };

  await openWidget(shop);
  await write(shop, ASKED);
  await grows(visitors, 0, 'visitor');
  await desk.locator('.filter .bots').click();
  await row(desk).click();
  await grows(agents, 'It holds'.length, 'agent');

  line.cut();
  await panel(shop).locator('.line').waitFor();
  await desk.locator('.banner').waitFor();
  const kept = [await half(visitors), await half(agents)];
  const before = written.length;
  assert.ok(kept.every((shown) => shown.startsWith('It holds')), 'what was there stays');
  await until(() => written.length > before + 2, 'words that nobody hears');
  assert.deepEqual([await half(visitors), await half(agents)], kept, 'and nothing is made up');
  line.mend();
  await grows(visitors, before, 'visitor, with what was written meanwhile');
  await grows(agents, before, 'agent, with what was written meanwhile');
  await panel(shop).locator('.line').waitFor({ state: 'hidden' });
  await desk.locator('.banner').waitFor({ state: 'detached' });
  await ends();

  await write(shop, ASKED);
  await grows(visitors, 'It holds'.length, 'visitor');
  await shop.reload();
  await grows(visitors, 'It holds'.length, 'visitor after a reload');
  await desk.reload();
  await grows(agents, 'It holds'.length, 'agent after a reload');
  await ends();

  for (const page of [shop, desk]) await page.reload();
  await becomes(visitors, story, 'the same from the log');
  await becomes(agents, story, 'the same from the log in the console');
  assert.equal(calls.length, 2, 'it was asked once each time');
  for (const page of [shop, desk]) await clean(page);
});
