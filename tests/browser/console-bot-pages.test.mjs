// The bot's pages: who sees them, who answers, what is said when something fails; and every dialog by keyboard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, choose, clean, dialog, it, openPage, stage, toast, visit } from './console-fixture.mjs';

stage();

const intent = (page, id) => page.locator(`[data-intent="${id}"]`);
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim());

test('of the bot’s pages agents have the one where it is taught', async () => {
  const page = await visit('/bot/training', { agent: it.tom });
  await page.waitForURL((url) => url.pathname.endsWith('/bot/teach'));
  assert.deepEqual(await page.getByRole('navigation', { name: 'Bot' }).getByRole('link').allInnerTexts(), ['Teach']);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Bot' }).click();
  await page.getByText('Nothing to teach').waitFor();
  await clean(page);
});

test('the pages and their texts are loaded when they are opened', async () => {
  const page = await visit('/inbox/mine');
  const loaded = [];
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Bot' }).click();
  await page.getByText('No intents yet').waitFor();
  assert.ok(loaded.some((path) => /BotView-.*\.js$/u.test(path)), loaded.join(' '));
  await clean(page);
});

test('a page whose file can’t be had is said, and leads on by a reload', async () => {
  const page = await visit('/inbox/mine');
  const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Bot' });
  const failed = page.locator('.toast', { hasText: 'This page could not be loaded.' });
  await page.route('**/BotView-*.js', (route) => route.abort());
  await link.click();
  await failed.waitFor();
  await link.click();
  await becomes(() => failed.count(), 1, 'said once');
  assert.deepEqual(await findings(page), []);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings' }).click();
  await failed.waitFor({ state: 'detached' });
  await link.click();
  await failed.waitFor();
  await page.unroute('**/BotView-*.js');
  await failed.getByRole('button', { name: 'Reload' }).click();
  await page.getByText('No intents yet').waitFor();
  assert.equal(new URL(page.url()).pathname, '/console/bot/intents');
  await clean(page);
});

test('the bot is switched on, and its team chosen; a team that is gone is said beside the field', async () => {
  const { bot } = it.world;
  const page = await visit('/bot/general');
  await page.getByRole('switch', { name: 'The bot answers visitors' }).check();
  await page.getByText('Until it is trained it hands everything over.').waitFor();
  await page.getByLabel('Team for what it hands over').selectOption({ label: 'Support' });
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  assert.deepEqual([bot.enabled, bot.handoff_team], [true, it.support.id]);
  it.world.teams = it.world.teams.filter(({ id }) => id !== it.chinese.id);
  await page.getByLabel('Team for what it hands over').selectOption({ label: '中文客服' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('This team does not exist any more.').waitFor();
  await page.reload();
  await becomes(() => page.getByRole('switch').isChecked(), true, 'it is on');
  await clean(page);
});

test('a bot of one’s own is named by its address, and taken back', async () => {
  const { bot } = it.world;
  const page = await visit('/bot/general');
  const who = page.getByRole('radiogroup', { name: 'Who answers' });
  const address = page.getByLabel('Address of your bot');
  await who.getByRole('radio', { name: 'The built-in bot' }).waitFor();
  assert.equal(await who.getByRole('radio', { name: 'The built-in bot' }).isChecked(), true);
  assert.equal(await address.count(), 0);
  await who.getByRole('radio', { name: 'Your own bot' }).check();
  await address.fill('https://127.0.0.1/bot');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('This address can’t be called').waitFor();
  assert.equal(await address.getAttribute('aria-invalid'), 'true');
  assert.deepEqual(await findings(page), []);
  await address.fill(' https://shop.example/bot ');
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  assert.deepEqual(bot.responder, { kind: 'webhook', url: 'https://shop.example/bot', key_set: false });
  await page.reload();
  await becomes(() => address.inputValue(), 'https://shop.example/bot', 'it is kept');
  // What the page does not know of it does not change by saving something else.
  bot.responder = { kind: 'model', url: 'https://models.example/v1', model: 'm', key_set: true };
  await page.reload();
  await page.getByRole('switch', { name: 'The bot answers visitors' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  assert.equal(bot.responder.kind, 'model');
  await who.getByRole('radio', { name: 'The built-in bot' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await becomes(() => bot.responder.kind, 'built_in', 'it is taken back');
  await clean(page);
});

test('a language model is named with its key, which is not shown again and stays as long as its address does', async () => {
  const { bot } = it.world;
  const page = await visit('/bot/general');
  const save = page.getByRole('button', { name: 'Save' });
  await page.getByRole('radio', { name: 'With a language model' }).check();
  const [address, model, key] = ['Address of the model', 'Model', 'Key'].map((name) => page.getByLabel(name, { exact: true }));
  await address.fill('https://models.example/v1');
  await save.click();
  await becomes(() => model.getAttribute('aria-invalid'), 'true', 'a model has a name');
  assert.deepEqual(await findings(page), []);
  await model.fill('small-1');
  await key.fill('sk-secret');
  await save.click();
  await becomes(() => bot.responder, { kind: 'model', url: 'https://models.example/v1', model: 'small-1', key_set: true }, 'it is saved');
  await becomes(() => key.inputValue(), '', 'it is not shown again');
  await page.getByText('There is one. Leave this empty to keep it.').waitFor();
  // What it may cost, beside what it has cost.
  await page.getByText('12,300 of 200,000 tokens today · 17 of 2,000 questions today').waitFor();
  const tokens = page.getByLabel('Tokens a day');
  await tokens.fill('5');
  await save.click();
  await becomes(() => tokens.getAttribute('aria-invalid'), 'true', 'no question would fit');
  await tokens.fill('300000');
  await save.click();
  await becomes(() => bot.ceilings, { calls_per_day: 2_000, tokens_per_day: 300_000, tokens_per_answer: 600, calls_per_conversation: 100 }, 'the ceiling is saved');
  await page.getByText('12,300 of 300,000 tokens today').waitFor();
  // Whether it works is found out here, and not by visitors.
  await page.getByLabel('Question', { exact: true }).fill('How large is the red teapot?');
  await page.getByRole('button', { name: 'Ask' }).click();
  await page.getByText('It works. 1.2 s').waitFor();
  assert.equal(await page.getByRole('blockquote').textContent(), 'A litre.');
  assert.deepEqual(await findings(page), []);
  await model.fill('small-2');
  await save.click();
  await becomes(() => bot.responder, { kind: 'model', url: 'https://models.example/v1', model: 'small-2', key_set: true }, 'the key stays');
  await page.getByText('It works. 1.2 s').waitFor({ state: 'detached' });
  await address.fill('https://other.example/v1');
  await page.getByText('Kept encrypted and never shown again.').waitFor();
  await save.click();
  await becomes(() => bot.responder, { kind: 'model', url: 'https://other.example/v1', model: 'small-2', key_set: false }, 'another address has no key');
  await page.getByLabel('Question', { exact: true }).press('Enter');
  await page.getByText('It answered 401: the key is missing or wrong, or may not do this.').waitFor();
  await clean(page);
});

test('a signing secret is made after a warning, and shown once', async () => {
  const page = await visit('/bot/general');
  await page.getByRole('button', { name: 'Make a signing secret…' }).click();
  const sure = page.getByRole('alertdialog');
  await sure.getByText('It is shown once.').waitFor();
  await sure.getByRole('button', { name: 'Make it' }).click();
  await toast(page, 'Calls are signed with the new secret');
  assert.match(await page.getByLabel('Signing secret', { exact: true }).inputValue(), /^whsec_/u);
  assert.equal(it.world.bot.signing, 1);
  assert.deepEqual(await findings(page), []);
  await page.reload();
  await page.getByRole('button', { name: 'Make a signing secret…' }).waitFor();
  assert.equal(await page.getByLabel('Signing secret', { exact: true }).count(), 0);
  await clean(page);
});

test('a former version is gone back to, and the caution is saved', async () => {
  const { bot } = it.world;
  bot.addIntent('hours', { title: { en: 'Hours', zh: '' }, examples: ['when'] });
  bot.addModel(Buffer.from('one'), { examples: 12, accuracy: 91.4, by: it.mei });
  bot.addModel(Buffer.from('two'), { examples: 15, accuracy: null, by: it.lina });
  const page = await visit('/bot/training');
  const version = (n) => page.locator(`[data-version="${n}"]`);
  await version(2).getByText('In use').waitFor();
  await version(2).getByText('李娜').waitFor();
  await version(1).getByText('91.4 % understood').waitFor();
  await page.getByText('Train to see in this browser which of your examples it would answer').waitFor();
  await version(1).getByRole('button', { name: 'Use this one' }).click();
  await toast(page, 'Version 1 is in use.');
  await version(1).getByText('In use').waitFor();
  await page.locator('[data-test=accuracy]').getByText('91.4 % understood').waitFor();
  assert.equal(bot.current, 1);
  const slider = page.getByRole('slider', { name: 'Caution' });
  assert.equal(await slider.inputValue(), '3');
  await slider.focus();
  for (let n = 0; n < 4; n++) await page.keyboard.press('ArrowRight');
  assert.equal(await slider.getAttribute('aria-valuetext'), '7 %');
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved: the bot is used with 7 %.');
  assert.equal(bot.hold_back, 7);
  await page.getByRole('button', { name: 'Let the bot choose (3 %)' }).click();
  await page.getByText('The bot has chosen 3 %').waitFor();
  assert.deepEqual([bot.hold_back, await slider.inputValue()], [null, '3']);
  await clean(page);
});

test('an article is written in two languages, looked at, published, told by an intent, and deleted', async () => {
  const { bot } = it.world;
  bot.addIntent('refund', { title: { en: 'Refund', zh: '' } });
  const page = await visit('/bot/articles');
  await page.getByText('No articles yet').waitFor();
  await page.getByRole('button', { name: 'New article' }).click();
  const form = dialog(page);
  await form.getByRole('button', { name: 'Add article' }).click();
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute('aria-invalid')), 'true', 'the title that is missing has the focus');
  await form.getByLabel('Title in English').fill(' Returns ');
  await form.getByLabel('Text in English').fill('# Within 30 days');
  await form.getByRole('button', { name: 'Preview' }).click();
  await form.getByRole('heading', { name: 'Within 30 days' }).waitFor();
  assert.deepEqual(await findings(page), []);
  await form.getByRole('button', { name: 'Preview' }).click();
  await form.getByLabel('Text in English').waitFor();
  await form.getByRole('tab', { name: 'English' }).focus();
  await page.keyboard.press('ArrowRight');
  await form.getByLabel('Title in Chinese').fill('退货');
  await form.getByRole('tab', { name: 'English' }).click();
  await form.getByRole('switch').check();
  await form.getByRole('button', { name: 'Add article' }).click();
  await form.getByLabel('Text in Chinese').waitFor();
  await becomes(() => form.getByLabel('Text in Chinese').getAttribute('aria-invalid'), 'true', 'what is missing is shown');
  assert.deepEqual(await findings(page), []);
  await form.getByLabel('Text in Chinese').fill('30天内。');
  await form.getByRole('button', { name: 'Add article' }).click();
  await toast(page, 'The article is added.');
  const row = page.locator('[data-article]', { hasText: 'Returns' });
  await row.getByText('Published').waitFor();
  const { id, title, body, published } = bot.articles[0];
  assert.deepEqual([title, body, published], [{ en: 'Returns', zh: '退货' }, { en: '# Within 30 days', zh: '30天内。' }, true]);
  assert.equal(await row.getByRole('link', { name: 'Read “退货” in Chinese' }).getAttribute('href'), `/help/zh/${id}`);
  assert.match(await page.getByRole('link', { name: 'Help centre' }).getAttribute('href'), /^\/help\/en\/./u);

  const lead = (name) => page.getByRole('navigation', { name: 'Bot' }).getByRole('link', { name }).click();
  await lead('Intents');
  await choose(page, intent(page, 'refund'), 'Edit…');
  await form.getByLabel('Article').selectOption('Returns');
  await form.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved');
  assert.equal(bot.intents.get('refund').article, id);

  await lead('Articles');
  await choose(page, row, 'Edit…');
  await becomes(() => form.getByLabel('Text in English').inputValue(), '# Within 30 days', 'its text has come');
  await form.getByRole('switch').uncheck();
  await form.getByRole('button', { name: 'Save' }).click();
  await row.getByText('Draft').waitFor();
  assert.equal(await row.getByRole('link').count(), 0);
  assert.equal(await page.getByRole('link', { name: 'Help centre' }).count(), 0, 'there is nothing to read');
  await choose(page, row, 'Delete…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No articles yet').waitFor();
  assert.deepEqual(bot.articles, []);

  // Two of a page in Markdown, which are there already the second time: one as it was, one with another text.
  await page.getByRole('button', { name: 'Import…' }).click();
  await form.getByLabel('Page, table or JSON').fill('# Shipping\n\nTwo days.\n\n# 退货\n七天内。');
  await form.getByText('2 new').waitFor();
  await form.getByRole('switch', { name: 'Publish the new ones at once' }).check();
  assert.deepEqual(await findings(page), []);
  await form.getByRole('button', { name: 'Import 2 articles' }).click();
  await toast(page, '2 added, 0 replaced.');
  assert.deepEqual(bot.articles.map(({ title, body, published }) => [title.en || title.zh, body.en || body.zh, published]), [['退货', '七天内。', true], ['Shipping', 'Two days.', true]]);
  await page.getByRole('button', { name: 'Import…' }).click();
  assert.equal(await form.getByRole('switch', { name: 'Publish the new ones at once' }).isChecked(), false);
  await form.getByLabel('Page, table or JSON').fill('title,text\nShipping,Anew\n退货,七天内。\nSizes,All of them\nSizes,Some');
  await form.getByText('Line 5: one with this title stands further up in this text').waitFor();
  for (const told of ['1 new', '1 with another text than yours', '1 the same as yours']) await form.getByText(told, { exact: true }).waitFor();
  await form.getByRole('button', { name: 'Import 1 article' }).waitFor();
  assert.deepEqual(await findings(page), []);
  await form.getByRole('switch', { name: 'Replace the text of those that differ' }).check();
  await form.getByRole('button', { name: 'Import 2 articles' }).click();
  await toast(page, '1 added, 1 replaced.');
  assert.deepEqual(bot.articles.map(({ title, body, published }) => [title.en || title.zh, body.en || body.zh, published]), [['Sizes', 'All of them', false], ['退货', '七天内。', true], ['Shipping', 'Anew', true]]);
  await clean(page);
});

test('every dialog opens by keyboard, keeps the focus, closes with Escape and gives the focus back', async () => {
  const { bot } = it.world;
  bot.addIntent('refund', { title: { en: 'Refund', zh: '' }, form: [{ key: 'order', kind: 'order', ask: { en: '', zh: '' } }] });
  bot.faq.push({ id: 'faq_1', locale: 'en', question: 'Do you ship?', answer: 'Yes.', updated_at: '' });
  bot.articles.push({ id: 'art_1', title: { en: 'Returns', zh: '' }, body: { en: 'Yes.', zh: '' }, published: true, updated_at: '' });
  bot.questions = [{ texts: ['is there parking'], count: 1, newest: new Date().toISOString(), near: [], turns: ['cnv_a.2'], answers: [{ text: 'Behind the house.', by: 'Tom', at: new Date().toISOString(), conversation: 'cnv_a' }] }];
  const page = await visit('/bot/intents');
  const shown = page.locator('[role=dialog], [role=alertdialog]');
  const isInside = () => page.evaluate(() => document.activeElement?.closest('[role=dialog], [role=alertdialog]') !== null);
  /** Presses `opener`, and in its menu `item`, if there is one. */
  const check = async (opener, item) => {
    await opener.focus();
    await page.keyboard.press('Enter');
    if (item) {
      await page.getByRole('menuitem', { name: item }).waitFor();
      while ((await focused(page)) !== item) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
    }
    await shown.waitFor();
    await becomes(isInside, true, 'the focus is in it');
    // Once around, in both directions.
    const stops = await shown.evaluate((one) => [...one.querySelectorAll('button, input, select, textarea, a[href]')].filter((part) => !part.disabled).length);
    for (const key of ['Tab', 'Shift+Tab']) {
      for (let n = 0; n <= stops; n++) {
        await page.keyboard.press(key);
        assert.equal(await isInside(), true, `${key} leads out of it`);
      }
    }
    await page.keyboard.press('Escape');
    await shown.waitFor({ state: 'detached' });
    await becomes(() => opener.evaluate((one) => one === document.activeElement), true, 'the focus is back');
  };
  const button = (name) => page.getByRole('button', { name, exact: true });
  const menu = (row) => row.locator('[aria-haspopup=menu]');
  await check(button('New intent'));
  await check(button('Import…'));
  for (const item of ['Edit…', 'Delete…']) await check(menu(intent(page, 'refund')), item);
  await page.getByRole('navigation', { name: 'Bot' }).getByRole('link', { name: 'FAQ' }).click();
  await check(button('New question'));
  await check(button('Import…'));
  for (const item of ['Edit…', 'Delete…']) await check(menu(page.locator('[data-faq]')), item);
  await page.getByRole('navigation', { name: 'Bot' }).getByRole('link', { name: 'Articles' }).click();
  await check(button('New article'));
  await check(button('Import…'));
  for (const item of ['Edit…', 'Delete…']) await check(menu(page.locator('[data-article]')), item);
  await page.getByRole('navigation', { name: 'Bot' }).getByRole('link', { name: 'Teach' }).click();
  for (const name of ['New FAQ entry', 'FAQ entry from this', 'New intent from this']) await check(page.getByRole('button', { name }));
  await clean(page);
});

test('an import that breaks half-way stays open with its text, and goes on', async () => {
  const { bot } = it.world;
  const page = await visit('/bot/faq');
  await page.getByRole('button', { name: 'Import…' }).click();
  const form = dialog(page);
  const text = ['question,answer', ...Array.from({ length: 501 }, (_, n) => `Question ${n},Answer`)].join('\n');
  await form.getByRole('textbox').fill(text);
  // After the first portion the line is gone, also for the list.
  let isDown = false;
  await page.route(/\/api\/v1\/faq/u, async (route) => {
    if (isDown) return route.abort();
    isDown = true;
    await route.continue();
  });
  await form.getByRole('button', { name: 'Import 501' }).click();
  await form.getByText('The server cannot be reached.').waitFor();
  await page.locator('.settings-page > .failed').waitFor();
  assert.deepEqual([await form.getByRole('textbox').inputValue(), bot.faq.length], [text, 500]);
  assert.deepEqual(await findings(page), []);
  await page.unroute(/\/api\/v1\/faq/u);
  await form.getByRole('button', { name: 'Import 501' }).click();
  await form.waitFor({ state: 'detached' });
  assert.equal(bot.faq.length, 501);
  await page.locator('.settings-page > .failed').waitFor({ state: 'detached' });
  await clean(page);
});

test('what the library could not ask again is asked by a press', async () => {
  const page = await visit('/bot/library');
  const entry = page.locator('[data-entry="refund_status"]');
  await entry.locator('input').check();
  await page.route('**/api/v1/bot', (route) => route.abort(), { times: 1 });
  await page.getByRole('button', { name: 'Switch on 1' }).click();
  const again = page.getByRole('button', { name: 'Try again' });
  await again.waitFor();
  assert.equal(await entry.isVisible(), true, 'what is there stays');
  await again.click();
  await again.waitFor({ state: 'detached' });
  await entry.getByText('On', { exact: true }).waitFor();
  await clean(page);
});

test('what the server cannot be asked is said, and asked again', async () => {
  const page = await visit('/inbox/mine');
  await page.route('**/api/v1/bot', (route) => route.abort(), { times: 1 });
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Bot' }).click();
  await page.getByRole('alert').getByText('The server cannot be reached.').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('No intents yet').waitFor();
  const other = await openPage(page.context(), '/bot/intents');
  await other.getByText('No intents yet').waitFor();
  await clean(page);
});
