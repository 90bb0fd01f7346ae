// A bot in a real browser on the real server: it asks back, a button is pressed while the line is cut, it hands over, and an agent finds
// the whole story, with what was offered and chosen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { variant } from '../e2e/lib/model.mjs';
import { Agent, world } from '../e2e/lib/world.mjs';
import { launch } from './browser.mjs';
import { accessible, becomes, clean, heard, open, openWidget, panel, profile, reply, row, signIn, write } from './story-pages.mjs';
import { Wire } from './wire.mjs';

const INTENTS = [
  { id: 'order_status', title: { en: 'Where is my order?', zh: '订单到哪了' }, answer: { en: 'It is on its way.', zh: '已经在路上了。' }, buttons: ['refund_request', 'business_hours'], examples: ['where is my order'] },
  { id: 'refund_request', title: { en: 'A refund', zh: '退款' }, answer: { en: 'A colleague will look at it.', zh: '同事会为您处理。' }, does: 'handoff', examples: ['i want a refund'] },
  { id: 'business_hours', title: { en: 'Opening hours', zh: '营业时间' }, answer: { en: 'Nine to five.', zh: '九点到五点。' }, examples: ['opening hours'] },
];

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test('asked back, chosen, cut, handed over, and taken by an agent who sees all of it', async (t) => {
  const line = new Wire();
  const url = await line.listen();
  t.after(() => line.close());
  const it = { ...(await world(t, { vars: { BELLHOP_URL: url } })), url };
  line.to(it.server.port);
  const owner = await Agent.signIn(it, it.people.owner);
  await owner.call('POST', '/intents/import', { intents: INTENTS });
  await owner.sendModel(variant(50));
  await owner.call('PATCH', '/bot', { enabled: true });

  const desk = await signIn(await profile(t, browser), url, it.people.agents[0]);
  const shop = await open(await profile(t, browser), `${url}/`);
  const buttons = () => panel(shop).locator('.offer button').allTextContents();
  const press = (name) => panel(shop).locator('.offer').getByRole('button', { name }).click();
  await openWidget(shop);
  await write(shop, 'where is my order');
  await becomes(async () => (await buttons()).filter((label) => ['Where is my order?', 'Talk to a person'].includes(label)), ['Where is my order?', 'Talk to a person'], 'a question back');
  const [, asked] = await heard(shop);
  await accessible(shop, 'the shop with the bot’s buttons');
  await press('Where is my order?');
  await becomes(() => heard(shop), ['where is my order', asked, 'Where is my order?', 'It is on its way.'], 'the answer to what was chosen');
  await becomes(buttons, ['A refund', 'Opening hours'], 'what follows');

  // The agent sees what the bot has, and that it calls nobody.
  await desk.locator('.filter .bots').click();
  await row(desk).click();
  await desk.locator('article.message', { hasText: 'It is on its way.' }).waitFor();
  const chips = async () => (await desk.locator('article.message .offer li').allInnerTexts()).map((text) => text.replace(/\s+/gu, ' ').trim());
  await becomes(async () => (await chips()).filter((text) => /chosen/.test(text)), ['Where is my order? (chosen)'], 'what was chosen');
  await accessible(desk, 'the console with the bot’s conversation');

  line.cut();
  await press('A refund');
  await panel(shop).locator('.own .meta', { hasText: /Waiting for network|Sending/ }).waitFor();
  assert.deepEqual(await buttons(), []);
  line.mend();
  await shop.reload();
  const story = ['where is my order', asked, 'Where is my order?', 'It is on its way.', 'A refund', 'A colleague will look at it.'];
  await becomes(() => heard(shop), story, 'sent once, as a choice: the intent’s own answer');
  await desk.locator('.activity', { hasText: 'The bot handed over, as this intent says' }).waitFor();
  await becomes(async () => (await chips()).filter((text) => /chosen/.test(text)), ['Where is my order? (chosen)', 'A refund (chosen)'], 'and this one');

  await reply(desk, 'Mei here. I look into it.');
  await becomes(() => heard(shop), [...story, 'Mei here. I look into it.'], 'a person');
  assert.deepEqual(await buttons(), []);
  await clean(shop);
  await clean(desk);
});
