// The bot's report, and what it can learn from visitors: every question becomes an example, an entry of the FAQ, or nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trained } from '../e2e/lib/model.mjs';
import { findings } from './axe.mjs';
import { becomes, clean, it, stage, visit } from './console-fixture.mjs';

stage();

const row = (page, text) => page.locator(`[data-question="${text}"]`);
const asked = (texts, near, turns, more = {}) => ({ texts, count: turns.length, newest: new Date().toISOString(), near, turns, unhelpful: 0, answers: [], ...more });
const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim());

/** Two intents, and three questions that the bot could not answer. */
function questions() {
  const { bot } = it.world;
  bot.addIntent('hours', { title: { en: 'Opening hours', zh: '营业时间' }, examples: ['when are you open'] });
  bot.addIntent('payment', { title: { en: 'Ways to pay', zh: '支付方式' } });
  bot.questions = [
    asked(['can I pay with paypal', 'pay by paypal?'], ['gone', 'payment', 'hours'], ['cnv_a.2', 'cnv_b.2', 'cnv_c.4']),
    asked(['is there parking'], [], ['cnv_d.2'], { unhelpful: 1 }),
    asked(['and on sundays'], ['payment'], ['cnv_e.2'], { chosen: 'hours' }),
  ];
  return bot;
}

test('each question is dealt with in two clicks and is gone then', async () => {
  const bot = questions();
  const page = await visit('/bot/teach');
  const first = row(page, 'can I pay with paypal');
  await first.getByText('asked 3 times').waitFor();
  await first.getByText('pay by paypal?').waitFor();
  assert.equal(await page.getByText('one answer did not help').count(), 1, 'of one question');
  assert.equal(await first.getByRole('combobox').inputValue(), 'payment', 'the nearest of those that there are');
  assert.deepEqual(await findings(page), []);
  await first.getByRole('button', { name: 'Add to intent' }).click();
  await page.locator('.toast', { hasText: 'Added to' }).waitFor();
  await first.waitFor({ state: 'detached' });
  assert.deepEqual(bot.intents.get('payment').examples, ['can I pay with paypal', 'pay by paypal?']);
  assert.deepEqual(bot.settled, [{ turns: ['cnv_a.2', 'cnv_b.2', 'cnv_c.4'], how: 'intent', intent: 'payment' }]);
  await becomes(() => focused(page), 'is there parking', 'the focus goes to the next');

  const second = row(page, 'is there parking');
  await second.getByText('one answer did not help').waitFor();
  assert.equal(await second.getByRole('button', { name: 'Add to intent' }).isDisabled(), true, 'nothing is near');
  await second.getByRole('button', { name: 'New FAQ entry' }).click();
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByLabel('Question').inputValue(), 'is there parking');
  await dialog.getByLabel('Answer').fill('Behind the house.');
  assert.deepEqual(await findings(page), []);
  await dialog.getByRole('button', { name: 'Add question' }).click();
  await second.waitFor({ state: 'detached' });
  assert.deepEqual([bot.faq[0].question, bot.settled[1].how], ['is there parking', 'faq']);

  const third = row(page, 'and on sundays');
  await third.getByText('then chose').waitFor();
  assert.equal(await third.getByRole('combobox').inputValue(), 'hours', 'what was chosen');
  await third.getByRole('button', { name: 'Dismiss' }).click();
  await page.getByText('Nothing to teach').waitFor();
  assert.equal(bot.settled[2].how, 'dismissed');
  await clean(page);
});

/** The questions, of which people have answered some. */
function answered() {
  const bot = questions();
  const by = (text, conversation, more = {}) => ({ text, by: 'Tom Okafor', at: new Date(Date.now() - 3_600_000).toISOString(), conversation, ...more });
  bot.questions[0].answers = [by('Yes, with PayPal, too.\nChoose it at the till.', it.ada.id), by('可以，结账时选择 PayPal。', 'cnv_b', { by: '李娜' })];
  bot.questions[1].answers = [by('Behind the house, Mrs Moreau.', 'cnv_d')];
  return bot;
}

test('what a person answered begins an entry of the FAQ, in two clicks, and can be read where it was said', async () => {
  const bot = answered();
  const page = await visit('/bot/teach');
  const second = row(page, 'is there parking');
  await second.getByRole('heading', { name: 'What your team answered' }).waitFor();
  assert.equal(await row(page, 'and on sundays').getByText('What your team answered').count(), 0, 'nobody has');
  await second.getByText(/^.?Tom Okafor.?, /u).waitFor();
  assert.deepEqual(await findings(page), []);
  await second.getByRole('button', { name: 'FAQ entry from this' }).click();
  const form = page.getByRole('dialog').filter({ hasText: 'A person wrote this to one visitor.' });
  assert.deepEqual(await Promise.all(['Question', 'Answer', 'Language'].map((name) => form.getByLabel(name).inputValue())), ['is there parking', 'Behind the house, Mrs Moreau.', 'en']);
  assert.deepEqual(await findings(page), []);
  await form.getByRole('button', { name: 'Add question' }).click();
  await second.waitFor({ state: 'detached' });
  assert.deepEqual([bot.faq[0].answer, bot.settled[0].how], ['Behind the house, Mrs Moreau.', 'faq']);
  const first = row(page, 'can I pay with paypal');
  await first.getByRole('button', { name: 'FAQ entry from this' }).nth(1).click();
  assert.equal(await form.getByLabel('Language').inputValue(), 'zh', 'as the answer is');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await first.getByRole('button', { name: 'New FAQ entry' }).click();
  const plain = page.getByRole('dialog');
  assert.equal(await plain.getByLabel('Answer').inputValue(), '', 'of nobody’s');
  assert.equal(await plain.getByText('A person wrote this').count(), 0);
  await plain.getByRole('button', { name: 'Cancel' }).click();
  await first.getByRole('link', { name: 'Open the conversation' }).first().click();
  await page.waitForURL(`**/inbox/all/${it.ada.id}`);
  await clean(page);
});

test('what a person answered is what an intent says, the one that is chosen or a new one', async () => {
  const bot = answered();
  const page = await visit('/bot/teach');
  const first = row(page, 'can I pay with paypal');
  await first.getByRole('button', { name: /^As answer of .?Ways to pay/u }).first().click();
  const form = page.getByRole('dialog').filter({ hasText: 'A person wrote this to one visitor.' });
  assert.equal(await form.getByLabel('Answer in English').inputValue(), 'Yes, with PayPal, too.\nChoose it at the till.');
  assert.deepEqual(await findings(page), []);
  await form.getByRole('button', { name: 'Save' }).click();
  await first.waitFor({ state: 'detached' });
  const { answer, examples } = bot.intents.get('payment');
  assert.deepEqual([answer.en, examples], ['Yes, with PayPal, too.\nChoose it at the till.', ['can I pay with paypal', 'pay by paypal?']]);
  assert.deepEqual(bot.settled.at(-1), { turns: ['cnv_a.2', 'cnv_b.2', 'cnv_c.4'], how: 'intent', intent: 'payment' });
  await becomes(() => focused(page), 'is there parking', 'the focus goes to the next');
  const second = row(page, 'is there parking');
  await second.getByRole('button', { name: 'New intent from this' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Create intent' }).click();
  await second.waitFor({ state: 'detached' });
  assert.deepEqual([bot.intents.get('is_there_parking')?.answer.en, bot.settled.at(-1).intent], ['Behind the house, Mrs Moreau.', 'is_there_parking']);
  await clean(page);
});

for (const options of [{}, { locale: 'zh-CN', colorScheme: 'dark' }]) {
  test(`an agent teaches, and the page asks for nothing that is not theirs: ${options.locale ?? 'en'}`, async () => {
    const bot = answered();
    // A manager would be told to train, and to switch it on.
    bot.addModel(Buffer.from(trained()), { by: it.mei, revision: 0 });
    const texts = options.locale ? ['添加到意图', /^新建常见问题/u, '添加问题', '回答'] : ['Add to intent', 'New FAQ entry', 'Add question', 'Answer'];
    const page = await visit('/inbox/all', { agent: it.tom, ...options });
    const refused = [];
    page.on('response', (answer) => answer.status() >= 400 && refused.push(`${answer.status()} ${answer.url()}`));
    await page.locator('nav.rail a[href$="/bot/teach"]').click();
    const first = row(page, 'can I pay with paypal');
    await first.waitFor();
    assert.equal(await first.locator('.answers button').count(), 2, 'an FAQ entry of each, and no intent');
    assert.equal(await page.locator('.due').count(), 0, 'training and switching on are not theirs');
    assert.deepEqual(await findings(page), []);
    await first.getByRole('button', { name: texts[0] }).click();
    await first.waitFor({ state: 'detached' });
    assert.deepEqual(bot.intents.get('payment').examples, ['can I pay with paypal', 'pay by paypal?']);
    await row(page, 'is there parking').getByRole('button', { name: texts[1] }).click();
    await page.getByRole('dialog').getByLabel(texts[3]).fill('Behind the house.');
    await page.getByRole('dialog').getByRole('button', { name: texts[2] }).click();
    await row(page, 'is there parking').waitFor({ state: 'detached' });
    assert.deepEqual([bot.faq[0].answer, bot.settled.map(({ how }) => how)], ['Behind the house.', ['intent', 'faq']]);
    assert.deepEqual(refused, []);
    await clean(page);
  });
}

test('a dialog that is cancelled settles nothing, and what the server refuses stays in the list', async () => {
  const bot = questions();
  const page = await visit('/bot/teach');
  await row(page, 'is there parking').getByRole('button', { name: 'New FAQ entry' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  assert.deepEqual([bot.settled, bot.faq], [[], []]);
  await row(page, 'is there parking').getByRole('combobox').selectOption('hours');
  await page.route('**/api/v1/intents/hours/examples', (route) => route.fulfill({ status: 413, contentType: 'application/problem+json', body: JSON.stringify({ code: 'too_large', status: 413 }) }));
  await row(page, 'is there parking').getByRole('button', { name: 'Add to intent' }).click();
  await page.getByText('This is too long.').waitFor();
  assert.equal(await row(page, 'is there parking').count(), 1);
  assert.deepEqual(bot.settled, []);
});

test('for what a colleague has dealt with meanwhile nothing is written, and one is told', async () => {
  const bot = answered();
  const page = await visit('/bot/teach');
  const told = 'Somebody has already dealt with this question, so nothing more was written.';
  const [first, second, third] = ['can I pay with paypal', 'is there parking', 'and on sundays'].map((text) => row(page, text));
  await first.waitFor();
  const parking = bot.questions[1];
  bot.questions = bot.questions.slice(1);
  await first.getByRole('button', { name: 'Add to intent' }).click();
  await page.getByText(told).waitFor();
  await first.waitFor({ state: 'detached' });
  await becomes(() => focused(page), 'is there parking', 'the focus goes to the next');
  await second.getByRole('button', { name: 'FAQ entry from this' }).click();
  const dialog = page.getByRole('dialog');
  bot.questions = bot.questions.slice(1);
  await dialog.getByLabel('Answer').fill('Behind the house.');
  await dialog.getByRole('button', { name: 'Add question' }).click();
  await dialog.getByText(told).waitFor();
  assert.equal(await dialog.getByLabel('Answer').inputValue(), 'Behind the house.', 'what was written can be used elsewhere');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await second.waitFor({ state: 'detached' });
  bot.questions = [];
  await third.getByRole('button', { name: 'Dismiss' }).click();
  await page.locator('.toast', { hasText: 'Somebody else has already dealt with this question' }).waitFor();
  await page.getByText('Nothing to teach').waitFor();
  assert.deepEqual([bot.settled, bot.faq, bot.intents.get('payment').examples], [[], [], []]);

  // An intent, too, is not written.
  bot.questions = [parking];
  await page.reload();
  await second.getByRole('button', { name: 'New intent from this' }).click();
  bot.questions = [];
  await dialog.getByRole('button', { name: 'Create intent' }).click();
  await dialog.getByText(told).waitFor();
  assert.equal(bot.intents.get('is_there_parking'), undefined);
  await clean(page);
});

test('what is written after its dialog was closed has dealt with its question', async () => {
  const bot = questions();
  const page = await visit('/bot/teach');
  let goOn;
  let settle;
  const isHeld = new Promise((resolve) => (goOn = resolve));
  const isSettling = new Promise((resolve) => (settle = resolve));
  await page.route('**/api/v1/**/settle', async (route) => ((route.request().postData() ?? '').includes('cnv_e.2') && (await isSettling), route.continue()));
  await page.route('**/api/v1/faq', async (route) => (route.request().method() === 'POST' && (await isHeld), route.continue()));
  await row(page, 'is there parking').getByRole('button', { name: 'New FAQ entry' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Answer').fill('Behind the house.');
  const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/faq'));
  await dialog.getByRole('button', { name: 'Add question' }).click();
  await sent;
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  // Another question is being dismissed meanwhile.
  const dismissed = page.waitForRequest('**/settle');
  await row(page, 'and on sundays').getByRole('button', { name: 'Dismiss' }).click();
  await dismissed;
  goOn();
  await row(page, 'is there parking').waitFor({ state: 'detached', timeout: 10_000 });
  assert.deepEqual([bot.faq.length, bot.settled], [1, [{ turns: ['cnv_d.2'], how: 'faq' }]]);
  settle();
  await row(page, 'and on sundays').waitFor({ state: 'detached' });
  assert.deepEqual(bot.settled[1], { turns: ['cnv_e.2'], how: 'dismissed' });
  await clean(page);
});

test('the training says that there is something to teach', async () => {
  questions();
  const page = await visit('/bot/training');
  await page.getByText('3 questions wait for answers that the bot does not have.').waitFor();
  await page.getByRole('link', { name: 'Teach it' }).click();
  await row(page, 'is there parking').waitFor();
  await clean(page);
});

test('the report tells what came of the messages, by day and by intent', async () => {
  const { bot } = it.world;
  bot.addIntent('hours', { title: { en: 'Opening hours', zh: '营业时间' } });
  const line = (key, answered, questions, handed, conversations, resolved, helped = 0, unhelpful = 0) => ({ key, answered, asked: questions, handed_over: handed, stood_in: key === '6' ? 3 : 0, conversations, resolved, helped, not_helped: unhelpful });
  bot.did = { days: [line('0', 3, 1, 0, 2, 1), line('6', 4, 2, 5, 6, 2, 1, 2)], intents: [line('', 0, 0, 5, 0, 0), line('gone', 1, 0, 0, 1, 0), line(':faq', 2, 0, 0, 2, 1), line('hours', 6, 3, 0, 5, 3, 1234, 1), line(':webhook', 1, 0, 0, 1, 0), line('human', 0, 0, 1, 0, 0)] };
  const page = await visit('/bot/report');
  await page.getByText('7 answered, 3 asked back, 5 handed over; 3 of 8 conversations were resolved without a person. In 3 of these messages the built-in bot stood in for yours.').waitFor();
  const cells = (table) => page.getByRole('table', { name: table }).locator('tbody tr').evaluateAll((rows) => rows.map((tr) => [...tr.cells].map((cell) => cell.innerText.trim())));
  const today = await page.evaluate(() => new Intl.DateTimeFormat('en', { weekday: 'short', month: 'short', day: 'numeric' }).format(new Date()));
  assert.deepEqual((await cells('By day'))[0], [today, '4', '2', '5', '2 of 6', '1 of 3']);
  const byIntent = [['Opening hours', '6', '3', '0', '3 of 5', '1,234 of 1,235'], ['Not understood', '0', '0', '5', '–', '–'], ['FAQ', '2', '0', '0', '1 of 2', '–'], ['Your own bot', '1', '0', '0', '0 of 1', '–'], ['gone', '1', '0', '0', '0 of 1', '–'], ['Asked for a person', '0', '0', '1', '–', '–']];
  assert.deepEqual(await cells('By intent'), byIntent);
  assert.deepEqual(await findings(page), []);
  await page.setViewportSize({ width: 390, height: 760 });
  const isCut = () => page.evaluate(() => [...document.querySelectorAll('table *')].some((one) => one.getBoundingClientRect().right > innerWidth || one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1));
  assert.equal(await isCut(), false, 'on a phone all of it is to be seen');
  assert.deepEqual(await cells('By intent'), byIntent);
  assert.deepEqual(await findings(page), []);
  bot.did = { days: [], intents: [] };
  await page.getByLabel('Time').selectOption('90');
  await page.getByText('The bot has not spoken in this time').waitFor();
  await clean(page);
});

test('last week’s questions are asked of the model in use, each as often as it was asked', async () => {
  const { bot } = it.world;
  for (const id of ['business_hours', 'order_status', 'refund_request']) bot.addIntent(id, { title: { en: id, zh: '' }, answer: { en: id, zh: '' } });
  bot.addModel(Buffer.from(trained()), { by: it.mei, accuracy: 90 });
  bot.faq.push({ id: 'faq_aaaaaaaaaaaaaaaa', locale: 'zh', question: '可以停车吗？', answer: '在房子后面。', updated_at: new Date().toISOString() });
  const page = await visit('/bot/training');
  await page.getByRole('button', { name: 'Ask it' }).click();
  await page.getByText('Nothing was asked.').waitFor();
  const times = (n, text, did, faq = false) => Array.from({ length: n }, () => ({ text, did, faq }));
  bot.asked = [...times(3, 'opening hours', 'handed_over'), ...times(1, 'where is my order', 'answered'), ...times(1, 'xyzzy', 'asked'), ...times(1, '转人工', 'asked'), ...times(1, '可以停車嗎', 'handed_over'), ...times(1, '可以停车吗', 'answered', true)];
  await page.getByRole('button', { name: 'Ask it' }).click();
  const shown = (when) => page.locator(`[data-test=${when}] .number`).allInnerTexts();
  await becomes(() => shown('now'), ['4 · 50 %', '2 · 25 %', '1 · 12.5 %', '1 · 12.5 %']);
  assert.deepEqual(await shown('then'), ['1 · 12.5 %', '1 · 12.5 %', '2 · 25 %', '4 · 50 %']);
  assert.deepEqual(await findings(page), []);
  await page.getByRole('slider', { name: 'Caution' }).fill('40');
  await page.getByRole('button', { name: 'Save' }).click();
  await becomes(() => shown('now'), [], 'with another caution it would do something else');
  await clean(page);
});

test('both pages are whole in Chinese', async () => {
  answered();
  const page = await visit('/bot/teach', { locale: 'zh-CN' });
  await page.getByText('问过 3 次').waitFor();
  assert.deepEqual(await findings(page), []);
  await row(page, 'is there parking').getByRole('button', { name: '据此新建常见问题' }).click();
  await page.getByRole('dialog').filter({ hasText: '这是写给某一位访客的话' }).waitFor();
  assert.deepEqual(await findings(page), []);
  await page.keyboard.press('Escape');
  await row(page, 'and on sundays').getByRole('button', { name: '新建常见问题' }).click();
  const plain = page.getByRole('dialog').filter({ hasNotText: '这是写给某一位访客的话' });
  assert.equal(await plain.locator('select').inputValue(), 'en', 'as the question is, not as the console is');
  await page.keyboard.press('Escape');
  await clean(page);
});
