// From examples to answers: training in the browser and what it shows, the test chat, and the FAQ beside it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, choose, clean, dialog, it, stage, toast, visit } from './console-fixture.mjs';

stage();

/** Intents of the library. */
const OTHERS = new Set(['bug_report', 'coupon', 'password_reset', 'payment_methods', 'points', 'size_advice']);
/** Three intents with examples in two languages, of which two overlap. */
const TABLE = `intent,example,answer_en,title_en
hours,when are you open,We are open from 9 to 5.,Opening hours
hours,opening hours
hours,are you open on sunday
hours,几点开门
hours,周末营业吗
returns,how do I send it back,Send it back within 30 days.,Returns
returns,I want to return my jacket
returns,return label please
returns,我要退货
returns,怎么退货
refund,where is my refund,Refunds take five days.,Refunds
refund,I sent it back and want my money
refund,refund for my return please
refund,退款什么时候到
refund,退货以后多久退款`;

test('from a table to a trained bot: it learns in the browser, shows what it would do, and answers in the test chat', async () => {
  const { bot } = it.world;
  const page = await visit('/bot/intents');
  // Of the library what is about something else: what it says of the same topics would teach these intents.
  await page.route('**/library/index.json', async (route) => {
    const index = await (await route.fetch()).json();
    await route.fulfill({ json: index.filter(({ id }) => OTHERS.has(id)) });
  });
  await page.reload();
  await page.getByText('Train the bot first.').waitFor();
  await page.getByRole('button', { name: 'Import…' }).click();
  await dialog(page).getByLabel('Table').fill(TABLE);
  await dialog(page).getByRole('button', { name: 'Import 3 intents' }).click();
  await page.getByRole('link', { name: 'To the training' }).click();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await toast(page, 'Version 1 is trained, but the bot is off');
  await page.getByText('The bot is off: no visitor hears it.').waitFor();
  await page.getByRole('button', { name: 'Switch it on' }).click();
  await toast(page, 'The bot is on: new conversations begin with it.');
  await page.getByText('The bot is off').waitFor({ state: 'detached' });
  assert.equal(bot.enabled, true);
  const [model] = bot.models;
  // Fifteen examples and three titles; none of the three is an intent of the library.
  assert.deepEqual([bot.models.length, model.intents, model.examples, model.accuracy >= 0], [1, 3, 18, true]);
  assert.equal(bot.view().changed, false);
  await page.getByText('It knows everything that you have written.').waitFor();

  // Two of the three overlap: that is said of the two, with the examples that show it and the way to either.
  const pair = page.locator('[data-pair="refund returns"]');
  await pair.getByRole('heading', { name: /Refunds.* and .*Returns/u }).waitFor();
  await page.getByText('These overlap: merge two that are one, or add examples that tell them apart.').waitFor();
  await pair.locator('summary').click();
  const mixed = await pair.locator('details li').evaluateAll((all) => all.map((one) => [one.querySelector('bdi').textContent, one.querySelector('.facts').textContent]));
  assert.equal(`${mixed.length} example${mixed.length === 1 ? '' : 's'}`, await pair.locator('summary').innerText());
  for (const [text, meant] of mixed) assert.match(meant, bot.intents.get('refund').examples.includes(text) ? /^means .*Refunds/u : /^means .*Returns/u, text);
  await pair.getByRole('link', { name: /Edit .*Refunds/u }).click();
  await becomes(() => dialog(page).getByLabel('Examples, one a line').inputValue(), bot.intents.get('refund').examples.join('\n'), 'its examples, to be edited');
  await page.goBack();

  // Wherever the slider stands, every example is in one place; the further right, the fewer are answered.
  const number = async (band) => Number((await page.locator(`[data-outcome=${band}] .number`).innerText()).split(' ')[0]);
  const all = async () => [await number('answer'), await number('ask'), await number('handoff')];
  const slider = page.getByRole('slider', { name: 'Caution' });
  const judged = Number(/\d+/u.exec(await page.getByText(/^of \d+ examples$/u).innerText())[0]);
  assert.ok((await slider.inputValue()) > 3, 'three small intents are not understood well enough for the least caution');
  await slider.fill('3');
  const before = await all();
  assert.equal(before.reduce((a, b) => a + b), judged);
  await slider.fill('50');
  const after = await all();
  assert.equal(after.reduce((a, b) => a + b), judged);
  assert.ok(after[0] < before[0], `${before} → ${after}`);
  const list = page.locator('[data-list=answeredRight]');
  await list.locator('summary').click();
  await becomes(() => list.locator('li').count(), Number(await list.locator('.count').innerText()), 'all of them are listed');
  await slider.fill('4');
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved: the bot is used with 4 %.');
  assert.deepEqual(await findings(page), []);

  // The same examples are the same version; more examples are another one, and the way back is one click.
  await page.getByRole('button', { name: 'Train again' }).click();
  await page.locator('progress').waitFor({ state: 'detached' });
  assert.equal(bot.models.length, 1);
  bot.addIntent('hours', { examples: [...bot.intents.get('hours').examples, 'lunch break'] });
  await page.reload();
  await page.getByText('The bot does not know your latest changes yet.').waitFor();
  // What it would do is still shown, wherever the slider stands.
  await becomes(() => page.getByText(/^of \d+ examples$/u).count(), 1, 'it is kept');
  await slider.fill('3');
  await becomes(all, before, 'the same as before the reload');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await toast(page, 'Version 2 is trained and in use.');
  // By itself it is held against what was there before, by what neither of the two had seen.
  await page.locator('[data-test=held]').getByText('15 examples').waitFor();
  const comparison = page.locator('[data-test=compare]');
  assert.equal(await comparison.count(), 0);
  const compare = page.getByRole('button', { name: 'Compare: version 1 with the one in use' });
  await compare.click();
  await comparison.getByText('16 examples were judged').waitFor();
  await comparison.locator('[data-list=better] summary').click();
  await comparison.locator('li', { hasText: 'lunch break' }).getByText('is answered rightly').waitFor();
  assert.deepEqual(await findings(page), []);
  assert.equal(await compare.getAttribute('aria-pressed'), 'true');
  await compare.click();
  await comparison.waitFor({ state: 'detached' });
  await compare.click();
  await comparison.getByText('16 examples were judged').waitFor();
  await page.locator('[data-version="1"]').getByRole('button', { name: 'Use this one' }).click();
  await toast(page, 'Version 1 is in use.');
  await comparison.waitFor({ state: 'detached' });

  await page.getByRole('navigation', { name: 'Bot' }).getByRole('link', { name: 'Intents' }).click();
  const verdicts = page.locator('.verdict');
  const say = async (text, n) => {
    await page.getByLabel('Your message as a visitor').fill(text);
    await page.keyboard.press('Enter');
    await verdicts.nth(n).waitFor();
    return verdicts.nth(n);
  };
  const answered = await say('when are you open', 0);
  await answered.getByText('We are open from 9 to 5.').waitFor();
  await answered.getByText('Sure').click();
  await answered.getByText('open', { exact: true }).first().waitFor();
  assert.ok((await answered.locator('.top li').count()) > 0);
  const person = await say('转人工', 1);
  await person.getByText('the visitor asks for a person').waitFor();
  assert.deepEqual(await findings(page), []);
  await page.getByRole('button', { name: 'Begin anew' }).click();
  assert.equal(await verdicts.count(), 0);
  await clean(page);
});

test('a training that fails says why, and a model that cannot be read is no answer', async () => {
  const { bot } = it.world;
  const page = await visit('/bot/training');
  await page.getByText('There are no intents to learn.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Train', exact: true }).isDisabled(), true);
  bot.addIntent('hours', { title: { en: 'Hours', zh: '' }, examples: ['when are you open', 'opening hours'] });
  bot.addIntent('returns', { title: { en: 'Returns', zh: '' }, examples: ['send it back', 'return label'] });
  await page.route('**/library/index.json', (route) => route.abort());
  await page.reload();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.getByRole('alert').getByText('The server cannot be reached.').waitFor();
  await page.unroute('**/library/index.json');
  bot.refusesModels = 'bot_model_invalid';
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.getByRole('alert').getByText('This model makes no sense.').waitFor();
  bot.addModel(Buffer.from('no model'), { examples: 1, by: it.mei });
  await page.goto(`${it.fake.url}/console/bot/intents`);
  await page.getByLabel('Your message as a visitor').fill('when are you open');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByRole('alert').getByText('This file is no model.').waitFor();
  assert.equal(await page.getByLabel('Your message as a visitor').inputValue(), 'when are you open');
  await clean(page);
});

test('questions are written, found, changed, deleted and imported', async () => {
  const { bot } = it.world;
  for (let n = 0; n < 230; n++) bot.faq.push({ id: `faq_${n}`, locale: 'en', question: `Question ${n}`, answer: 'An answer', updated_at: '' });
  const page = await visit('/bot/faq');
  const entries = page.locator('[data-faq]');
  await entries.first().waitFor();
  await page.getByRole('button', { name: 'Show more (130)' }).waitFor();
  await page.getByRole('button', { name: 'New question' }).click();
  await dialog(page).getByLabel('Question').fill('Do you ship to Norway?');
  await dialog(page).getByRole('button', { name: 'Add question' }).click();
  await dialog(page).getByText('The answer is missing or too long.').waitFor();
  await dialog(page).getByLabel('Answer').fill('**Yes**, in a week.');
  await dialog(page).getByRole('button', { name: 'Add question' }).click();
  await toast(page, 'The question is added.');
  await page.getByLabel('Find', { exact: true }).fill('norway');
  await becomes(() => entries.count(), 1, 'one is found');
  await choose(page, entries.first(), 'Edit…');
  await dialog(page).getByLabel('Language').selectOption('zh');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await entries.first().getByText('Chinese').waitFor();
  await page.getByRole('button', { name: 'Import…' }).click();
  await dialog(page).getByLabel('Page, table or JSON').fill('[{"question":"能开发票吗？","answer":"能。"},{"question":"x"},{"question":"Question 7","answer":"Anew"}]');
  await dialog(page).getByText('Entry 2: something is missing').waitFor();
  await dialog(page).getByRole('button', { name: 'Import 2 questions' }).click();
  await toast(page, '1 added, 1 answered anew.');
  assert.equal(bot.faq.find(({ question }) => question === 'Question 7').answer, 'Anew');
  assert.equal(bot.faq.find(({ question }) => question === '能开发票吗？').locale, 'zh');
  // A page as it is copied from a website, its head and its numbers with it.
  await page.getByRole('button', { name: 'Import…' }).click();
  await dialog(page).getByLabel('Page, table or JSON').fill('Help\n\n1. Is there parking?\nBehind the shop.\n\nFree for an hour.\n2. 有停车位吗？\n店后面有。');
  const preview = dialog(page).getByRole('list', { name: 'What would happen' });
  await becomes(() => preview.locator('b').allTextContents(), ['Is there parking?', '有停车位吗？'], 'what would be imported');
  assert.deepEqual(await findings(page), []);
  await dialog(page).getByRole('button', { name: 'Import 2 questions' }).click();
  await toast(page, '2 added, 0 answered anew.');
  assert.equal(bot.faq.find(({ question }) => question === 'Is there parking?').answer, 'Behind the shop.\n\nFree for an hour.');
  await choose(page, entries.first(), 'Delete…');
  await page.getByRole('alertdialog').getByText('Do you ship to Norway?').waitFor();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Nothing has these words.').waitFor();
  assert.equal(bot.faq.some(({ question }) => question.includes('Norway')), false);
  await clean(page);
});
