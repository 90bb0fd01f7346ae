// A bot in a real browser on the real server: it asks back, a button is pressed while the line is cut, it hands over, and an agent finds
// the whole story, with what was offered and chosen. And an owner's first hour: from a table of questions to a shop that is asked where an
// order is.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { deflateSync, crc32 } from 'node:zlib';
import { after, before, test } from 'node:test';
import { shop as ordersOf } from '../../examples/shop.mjs';
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

/** A picture of one colour. */
function png(width, height) {
  const chunk = (type, data) => {
    const named = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  const rows = Buffer.alloc(height * (1 + width * 3), 0x5a).map((byte, at) => (at % (1 + width * 3) ? byte : 0));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

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

  // The owner puts a picture on an answer.
  const console_ = await signIn(await profile(t, browser), url, it.people.owner);
  await console_.goto(`${url}/console/bot/intents`);
  await console_.locator('[data-intent="order_status"]').getByRole('button').last().click();
  await console_.getByRole('menuitem', { name: 'Edit…' }).click();
  const editor = console_.getByRole('dialog');
  await editor.locator('input[type=file]').setInputFiles({ name: 'map.png', mimeType: 'image/png', buffer: png(600, 300) });
  await editor.getByLabel('What it shows, in English').fill('The way of a parcel');
  await becomes(() => editor.locator('img').evaluateAll((all) => all.map((one) => [one.complete, one.naturalWidth, one.alt])), [[true, 600, 'The way of a parcel']], 'what was chosen');
  await accessible(console_, 'the editor with a picture');
  await editor.getByRole('button', { name: 'Save' }).click();
  await editor.waitFor({ state: 'detached' });

  const desk = await signIn(await profile(t, browser), url, it.people.agents[0]);
  const shop = await open(await profile(t, browser), `${url}/`);
  /** The pictures on a page, once they are loaded. */
  const pictures = (page, where) => page.locator(where).evaluateAll((all) => all.map((one) => [one.alt, one.complete && one.naturalWidth]));
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
  await becomes(() => pictures(shop, '.bubble-row > img'), [['The way of a parcel', 600]], 'the picture under it');
  const fromEnd = () => panel(shop).locator('.log').evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop < 2);
  assert.equal(await fromEnd(), true, 'the end is in sight');

  // The agent sees what the bot has, and that it calls nobody.
  await desk.locator('.filter .bots').click();
  await row(desk).click();
  await desk.locator('article.message', { hasText: 'It is on its way.' }).waitFor();
  const chips = async () => (await desk.locator('article.message .offer li').allInnerTexts()).map((text) => text.replace(/\s+/gu, ' ').trim());
  await becomes(async () => (await chips()).filter((text) => /chosen/.test(text)), ['Where is my order? (chosen)'], 'what was chosen');
  await becomes(() => pictures(desk, 'article.message a.image > img'), [['The way of a parcel', 600]], 'the agent sees it, too');
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
  assert.deepEqual(await pictures(shop, '.bubble-row > img'), [['The way of a parcel', 600]], 'after a reload as well');

  // The owner takes it off the answer, and deletes it.
  const { intents } = (await owner.call('GET', '/intents')).json;
  const address = `${url}/pictures/${intents.find(({ id }) => id === 'order_status').picture.en.slice(0, 32)}`;
  assert.equal((await fetch(address)).status, 200);
  await console_.locator('[data-intent="order_status"]').getByRole('button').last().click();
  await console_.getByRole('menuitem', { name: 'Edit…' }).click();
  await editor.getByRole('button', { name: 'Remove picture' }).click();
  await editor.getByRole('switch', { name: 'Delete the former picture' }).check();
  await accessible(console_, 'the editor without its picture');
  await editor.getByRole('button', { name: 'Save' }).click();
  await editor.waitFor({ state: 'detached' });
  assert.equal((await fetch(address)).status, 404);
  for (const page of [console_, shop, desk]) await clean(page);
});

const TABLE = `intent,example,answer_en,title_en
order_status,where is my order,,Where is my order?
order_status,when will my parcel arrive
order_status,has my package been shipped yet
order_status,track my delivery please
order_status,my order has not come
order_status,what is the status of my order
order_status,I am still waiting for my parcel
business_hours,when are you open,Nine to five.,Opening hours
business_hours,what are your opening hours
business_hours,are you open on sunday
business_hours,until what time is the shop open
business_hours,do you close for lunch
business_hours,are you open on holidays
refund_request,I want my money back,A colleague will look at it.,A refund
refund_request,please refund me
refund_request,can I get a refund
refund_request,give me a refund for this
refund_request,I would like to be refunded
refund_request,refund the lamp that I bought`;

test('from a table to a shop’s own system: learnt in the owner’s browser, heard and chosen from by a visitor, taken over by an agent', async (t) => {
  const it = await world(t);
  const owner = await Agent.signIn(it, it.people.owner);
  const { secret } = (await owner.call('POST', '/bot/signing-secret', {})).json;
  const orders = ordersOf({ secret }).listen(0, '127.0.0.1');
  await once(orders, 'listening');
  t.after(() => (orders.closeAllConnections(), orders.close()));

  const console_ = await signIn(await profile(t, browser), it.url, it.people.owner);
  await console_.goto(`${it.url}/console/bot/intents`);
  await console_.getByRole('button', { name: 'Import…' }).click();
  await console_.getByRole('dialog').getByLabel('Table').fill(TABLE);
  await console_.getByRole('dialog').getByRole('button', { name: 'Import 3 intents' }).click();
  await console_.getByRole('dialog').waitFor({ state: 'detached' });
  // What a table does not say: whom it asks, and who gets it.
  await owner.call('POST', '/intents/import', {
    intents: [
      { id: 'order_status', examples: [], form: [{ key: 'order', kind: 'order' }], action: { url: `http://127.0.0.1:${orders.address().port}/` } },
      { id: 'refund_request', examples: [], does: 'handoff' },
    ],
  });
  await console_.goto(`${it.url}/console/bot/training`);
  await console_.getByRole('button', { name: 'Train', exact: true }).click();
  await console_.getByRole('button', { name: 'Switch it on' }).click();
  await console_.getByText('The bot is off: no visitor hears it.').waitFor({ state: 'detached' });

  const shop = await open(await profile(t, browser), `${it.url}/`);
  await openWidget(shop);
  const story = [];
  const says = async (text, answer) => {
    await write(shop, text);
    story.push(text, answer);
    await becomes(() => heard(shop), story, `the answer to “${text}”`);
  };
  await says('what are the opening hours of your shop', 'Nine to five.');
  // What it is not sure of it asks back, by what it has learnt itself, and a press answers it.
  await write(shop, 'the lamp');
  const buttons = panel(shop).locator('.offer').getByRole('button');
  await becomes(async () => (await buttons.allTextContents()).toSorted(), ['A refund', 'Opening hours', 'Talk to a person', 'Where is my order?'], 'a question back');
  story.push('the lamp', (await heard(shop)).at(-1));
  await buttons.filter({ hasText: 'Opening hours' }).click();
  story.push('Opening hours', 'Nine to five.');
  await becomes(() => heard(shop), story, 'the answer to what was chosen');
  await says('where is my order please', 'What is your order number?');
  // In the middle of the form.
  await shop.reload();
  await becomes(() => heard(shop), story, 'the same after a reload');
  await says('it is a-1234', 'Order A-1234: it left our workshop on Tuesday and should be with you by Friday.');
  await says('I want a refund for my order', 'A colleague will look at it.');
  await accessible(shop, 'the shop with the bot’s answers');

  const desk = await signIn(await profile(t, browser), it.url, it.people.agents[0]);
  await desk.locator('nav.views a').filter({ hasText: 'Unassigned' }).click();
  await row(desk).click();
  await becomes(async () => (await desk.locator('article.message .text').allTextContents()).filter((text) => text !== it.people.site.greeting), story, 'the whole story');
  await reply(desk, 'Mei here. It is on its way back to you.');
  await becomes(() => heard(shop), [...story, 'Mei here. It is on its way back to you.'], 'a person');
  for (const page of [console_, shop, desk]) await clean(page);
});
