// The bot's pages: what it knows is written, imported and switched on, and its versions and its caution are chosen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trained } from '../e2e/lib/model.mjs';
import { findings } from './axe.mjs';
import { becomes, clean, it, openPage, stage, visit } from './console-fixture.mjs';

stage();

const toast = (page, text) => page.locator('.toast', { hasText: text }).waitFor();
const intent = (page, id) => page.locator(`[data-intent="${id}"]`);
const dialog = (page) => page.getByRole('dialog');
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim());

/** Opens the menu of a row and chooses. */
async function choose(page, row, item) {
  await row.getByRole('button').click();
  await page.getByRole('menuitem', { name: item }).click();
}

test('agents have no bot pages', async () => {
  const page = await visit('/bot/training', { agent: it.tom });
  await page.waitForURL((url) => url.pathname.endsWith('/settings/profile'));
  assert.equal(await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Bot' }).count(), 0);
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

test('a table is imported from a file as spreadsheets in China save it, after a look at what it would do', async () => {
  const { bot } = it.world;
  bot.addIntent('hours', { title: { en: 'Opening hours', zh: '' }, examples: ['when are you open'] });
  const page = await visit('/bot/intents');
  await page.getByRole('button', { name: 'Import…' }).click();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), dialog(page).getByRole('button', { name: 'Choose a file…' }).click()]);
  // "intent,example,answer_zh / hours,几点开门,九点 / hours,When are you OPEN / Bad name,x / returns,我要退货" in GB 18030.
  const hours = Buffer.from([0xbc, 0xb8, 0xb5, 0xe3, 0xbf, 0xaa, 0xc3, 0xc5]);
  const nine = Buffer.from([0xbe, 0xc5, 0xb5, 0xe3]);
  const back = Buffer.from([0xce, 0xd2, 0xd2, 0xaa, 0xcd, 0xcb, 0xbb, 0xf5]);
  const parts = ['intent,example,answer_zh\nhours,', hours, ',', nine, '\nhours,When are you OPEN\nBad name,x\nreturns,', back, '\n'];
  await chooser.setFiles({ name: 'table.csv', mimeType: 'text/csv', buffer: Buffer.concat(parts.map((part) => Buffer.from(part))) });
  await dialog(page).getByText('1 line is left out').waitFor();
  await dialog(page).getByText('Line 4: the intent’s name may only have a–z, 0–9 and _, at most 40').waitFor();
  const shown = (id) => dialog(page).locator(`[data-import="${id}"] .chip`).allInnerTexts();
  assert.deepEqual(await shown('hours'), ['+ 1 example', 'New texts']);
  assert.deepEqual(await shown('returns'), ['New', '+ 1 example']);
  assert.deepEqual(await findings(page), []);
  await dialog(page).getByRole('button', { name: 'Import 2 intents' }).click();
  await toast(page, '1 added, 1 changed');
  await intent(page, 'returns').waitFor();
  assert.deepEqual([bot.intents.get('hours').answer, bot.intents.get('hours').examples[1]], [{ en: '', zh: '九点' }, '几点开门']);
  assert.deepEqual(bot.intents.get('returns').examples, ['我要退货']);
  await page.getByText('The bot has not learnt anything yet.').waitFor();
  await becomes(() => focused(page), 'Import…', 'the focus is back');
  await clean(page);
});

test('a table without the columns is told so, and nothing can be imported', async () => {
  const page = await visit('/bot/intents');
  await page.getByRole('button', { name: 'Import…' }).click();
  await dialog(page).getByLabel('Table').fill('question,answer\na,b');
  await dialog(page).getByText('Line 1: the first line must name the columns').waitFor();
  assert.equal(await dialog(page).getByRole('button', { name: /^Import 0/u }).isDisabled(), true);
  await clean(page);
});

test('an intent is written, changed and deleted, and what is wrong is said beside its field', async () => {
  const { bot } = it.world;
  for (let n = 0; n < 8; n++) bot.addIntent(`other_${n}`, { title: { en: `Other ${n}`, zh: '' } });
  const page = await visit('/bot/intents');
  await page.getByRole('button', { name: 'New intent' }).click();
  const form = dialog(page);
  await form.getByRole('button', { name: 'Create intent' }).click();
  await form.getByText('Small letters, digits and _ only').waitFor();
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute('aria-invalid')), 'true', 'the wrong field has the focus');
  await form.getByLabel('Name').fill('other_1');
  await form.getByRole('button', { name: 'Create intent' }).click();
  await form.getByText('There is an intent of this name.').waitFor();
  await form.getByLabel('Name').fill('order_status');
  await form.getByText('The library has').waitFor();
  await form.getByLabel('Title in English').fill('Where is my order?');
  await form.getByLabel('Examples, one a line').fill('wheres my stuff\n\n  查物流 ');
  await form.getByText('Examples, one a line (2)').waitFor();
  await form.getByLabel('Answer in Chinese').fill('在路上。');
  for (let n = 4; n >= 0; n--) await form.getByLabel(`Other ${n}`).check();
  assert.equal(await form.getByLabel('Other 5').isDisabled(), true, 'five at most');
  await form.getByRole('switch').uncheck();
  await form.getByRole('button', { name: 'Create intent' }).click();
  await toast(page, 'Where is my order? is created.');
  const { updated_at: _, ...saved } = bot.intents.get('order_status');
  assert.deepEqual(saved, {
    id: 'order_status', title: { en: 'Where is my order?', zh: '' }, answer: { en: '', zh: '在路上。' }, does: 'answer',
    buttons: ['other_4', 'other_3', 'other_2', 'other_1', 'other_0'], examples: ['wheres my stuff', '查物流'], library: false,
  });

  await choose(page, intent(page, 'order_status'), 'Edit…');
  // Somebody else has deleted what a button leads to.
  bot.intents.delete('other_0');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('At most 5, and only intents that exist.').waitFor();
  await form.getByLabel('A person takes over').check();
  await form.getByRole('button', { name: 'Save' }).click();
  await intent(page, 'order_status').getByText('Hands over').waitFor();
  assert.deepEqual(bot.intents.get('order_status').buttons, [], 'whom a person answers is offered nothing more');

  await page.getByLabel('Find', { exact: true }).fill('查物流');
  assert.deepEqual(await page.locator('[data-intent]').evaluateAll((all) => all.map((one) => one.dataset.intent)), ['order_status'], 'found by an example');
  await choose(page, intent(page, 'order_status'), 'Delete…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await toast(page, 'Where is my order? is deleted.');
  assert.equal(bot.intents.has('order_status'), false);
  await page.getByText('Nothing has these words.').waitFor();
  await clean(page);
});

test('what the bot asks for first is written beside the answer, by keys alone, and what is wrong is said', async () => {
  const { bot } = it.world;
  bot.addIntent('refund', { title: { en: 'Refund', zh: '' } });
  const page = await visit('/bot/intents');
  await choose(page, intent(page, 'refund'), 'Edit…');
  const form = dialog(page);
  const add = form.getByRole('button', { name: 'Add a question' });
  await add.focus();
  await page.keyboard.press('Enter');
  await becomes(() => page.evaluate(() => document.activeElement?.tagName), 'INPUT', 'its name has the focus');
  await page.keyboard.type('Order');
  await form.getByLabel('Question in English').fill(' Which order? ');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Each needs a name of its own').waitFor();
  await form.getByLabel('Its name', { exact: true }).fill('order');
  await add.click();
  await form.getByLabel('Its name', { exact: true }).nth(1).fill('tel');
  await form.getByLabel('What it is').nth(1).selectOption('Phone number');
  for (let n = 2; n < 6; n++) await add.click();
  assert.equal(await add.isDisabled(), true, 'six at most');
  for (let n = 6; n > 2; n--) await form.getByRole('button', { name: /^Remove/u }).last().click();
  await becomes(() => focused(page), 'Add a question', 'the focus is not lost');
  assert.deepEqual(await findings(page), []);
  await form.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved');
  assert.deepEqual(bot.intents.get('refund').form, [
    { key: 'order', kind: 'order', ask: { en: 'Which order?', zh: '' } },
    { key: 'tel', kind: 'phone', ask: { en: '', zh: '' } },
  ]);
  await choose(page, intent(page, 'refund'), 'Edit…');
  assert.equal(await form.getByLabel('Its name', { exact: true }).nth(1).inputValue(), 'tel');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await clean(page);
});

test('an intent is handed to a team of its own, which the dialog keeps, takes away and forgets with the team', async () => {
  const { bot } = it.world;
  bot.addIntent('refund', { title: { en: 'Refund', zh: '' }, does: 'handoff' });
  const page = await visit('/bot/intents');
  const form = dialog(page);
  const team = form.getByLabel('Team for what it hands over');
  const chosen = () => team.locator('option:checked').innerText();
  const save = async () => {
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
  };
  await choose(page, intent(page, 'refund'), 'Edit…');
  assert.deepEqual(await team.locator('option').allInnerTexts(), ['As for the whole bot', ...it.world.teams.map(({ name }) => name).sort((a, b) => a.localeCompare(b))]);
  assert.equal(await chosen(), 'As for the whole bot');
  await team.selectOption({ label: 'Support' });
  await save();
  assert.equal(bot.intents.get('refund').handoff_team, it.support.id);
  await page.reload();
  await choose(page, intent(page, 'refund'), 'Edit…');
  await becomes(chosen, 'Support', 'it is kept');
  await team.selectOption({ label: 'As for the whole bot' });
  await save();
  assert.equal(bot.intents.get('refund').handoff_team, undefined);

  // Deleted by somebody else while the dialog is open.
  await choose(page, intent(page, 'refund'), 'Edit…');
  await team.selectOption({ label: 'Support' });
  it.world.teams = it.world.teams.filter(({ id }) => id !== it.support.id);
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('This team does not exist any more.').waitFor();
  assert.deepEqual(await findings(page), []);
  await page.reload();
  await choose(page, intent(page, 'refund'), 'Edit…');
  await becomes(() => team.locator('option').filter({ hasText: 'Support' }).count(), 0, 'it is no choice any more');
  await clean(page);
});

test('a form is filled in in the test chat: what was said already is not asked for, and one may leave', async () => {
  const { bot } = it.world;
  bot.addIntent('order_status', {
    title: { en: 'Order status', zh: '' },
    answer: { en: 'Order {order} is on its way; we write to {mail}.', zh: '' },
    form: [{ key: 'order', kind: 'order', ask: { en: 'Which order?', zh: '' } }, { key: 'mail', kind: 'email', ask: { en: 'Where do we write to?', zh: '' } }],
  });
  bot.addIntent('business_hours', { title: { en: 'Hours', zh: '' }, answer: { en: 'From 9 to 5.', zh: '' } });
  bot.addModel(Buffer.from(trained()), { by: it.mei, accuracy: 90 });
  const page = await visit('/bot/intents');
  const verdicts = page.locator('.verdict');
  /** Says something; what the bot does with it, and says. */
  const say = async (text) => {
    const n = await verdicts.count();
    await page.getByLabel('Your message as a visitor').fill(text);
    await page.keyboard.press('Enter');
    await verdicts.nth(n).waitFor();
    return [await verdicts.nth(n).getAttribute('data-does'), (await verdicts.nth(n).locator('.answer').innerText()).trim()];
  };
  assert.deepEqual(await say('where is my order'), ['fill', 'Which order?']);
  assert.equal((await say('I do not know'))[0], 'fill', 'that is none: it is asked for again');
  assert.deepEqual(await say('A-1234, I think'), ['fill', 'Where do we write to?']);
  assert.deepEqual(await findings(page), []);
  assert.deepEqual(await say('noor@example.org'), ['answer', 'Order A-1234 is on its way; we write to noor@example.org.']);
  assert.deepEqual(await say('where is my order #B-77 noor@example.org'), ['answer', 'Order B-77 is on its way; we write to noor@example.org.'], 'nothing is left to ask');
  assert.deepEqual(await say('where is my order'), ['fill', 'Which order?'], 'a form begins anew');
  assert.equal((await say('never mind'))[0], 'answer');
  assert.equal((await say('A-1234'))[0] === 'fill', false, 'it is over');
  await clean(page);
});

test('what fits is switched on from the library, several at once, each with its draft answer', async () => {
  const { bot } = it.world;
  bot.addIntent('coupon', { title: { en: 'Mine', zh: '' } });
  const page = await visit('/bot/intents');
  await page.getByRole('navigation', { name: 'Bot' }).getByRole('link', { name: 'Library' }).click();
  const entry = (id) => page.locator(`[data-entry="${id}"]`);
  await entry('coupon').getByText('On', { exact: true }).waitFor();
  assert.ok((await page.locator('[data-entry]').count()) >= 50);
  assert.equal(await entry('coupon').locator('input').isDisabled(), true);
  await page.getByLabel('Find', { exact: true }).fill('退款');
  await entry('refund_status').locator('input').check();
  await page.getByLabel('Find', { exact: true }).fill('person');
  await entry('human').locator('input').check();
  await page.getByRole('button', { name: 'Switch on 2' }).click();
  await toast(page, '2 intents are switched on.');
  await entry('human').getByText('On', { exact: true }).waitFor();
  const { answer, examples, library, does } = bot.intents.get('refund_status');
  assert.ok(answer.en.length > 20 && answer.zh.length > 10);
  assert.deepEqual([examples, library, does], [[], true, 'answer']);
  assert.equal(bot.intents.get('human').does, 'handoff');
  assert.deepEqual(bot.intents.get('coupon').title, { en: 'Mine', zh: '' }, 'what is there stays as it is');
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

test('an intent calls the owner’s system, and what can’t be called is said beside the address', async () => {
  const { bot } = it.world;
  bot.addIntent('order_status', { title: { en: 'Where is it?', zh: '' } });
  const page = await visit('/bot/intents');
  await choose(page, intent(page, 'order_status'), 'Edit…');
  const form = dialog(page);
  const address = form.getByLabel('Address');
  assert.equal(await form.getByRole('switch', { name: 'Only for signed-in visitors' }).count(), 0, 'nothing is called yet');
  await address.fill('http://localhost/bot');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('This address can’t be called').waitFor();
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute('type')), 'url', 'it has the focus');
  await address.fill(' https://shop.example/bot ');
  await form.getByRole('switch', { name: 'Only for signed-in visitors' }).check();
  assert.deepEqual(await findings(page), []);
  await form.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  assert.deepEqual(bot.intents.get('order_status').action, { url: 'https://shop.example/bot', verified: true });
  await choose(page, intent(page, 'order_status'), 'Edit…');
  assert.equal(await address.inputValue(), 'https://shop.example/bot');
  await address.fill('');
  await form.getByRole('button', { name: 'Save' }).click();
  await becomes(() => bot.intents.get('order_status').action, undefined, 'it is taken away');
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
  await model.fill('small-2');
  await save.click();
  await becomes(() => bot.responder, { kind: 'model', url: 'https://models.example/v1', model: 'small-2', key_set: true }, 'the key stays');
  await address.fill('https://other.example/v1');
  await page.getByText('Kept encrypted and never shown again.').waitFor();
  await save.click();
  await becomes(() => bot.responder, { kind: 'model', url: 'https://other.example/v1', model: 'small-2', key_set: false }, 'another address has no key');
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
  await page.getByText('Train to see which of your examples it would answer').waitFor();
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
  await page.getByText('Train the bot first.').waitFor();
  await page.getByRole('button', { name: 'Import…' }).click();
  await dialog(page).getByLabel('Table').fill(TABLE);
  await dialog(page).getByRole('button', { name: 'Import 3 intents' }).click();
  await page.getByRole('link', { name: 'To the training' }).click();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await toast(page, 'Version 1 is trained and in use.');
  const [model] = bot.models;
  // Fifteen examples and three titles; none of the three is an intent of the library.
  assert.deepEqual([bot.models.length, model.intents, model.examples, model.accuracy >= 0], [1, 3, 18, true]);
  assert.equal(bot.view().changed, false);
  await page.getByText('It knows everything that you have written.').waitFor();

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
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await toast(page, 'Version 2 is trained and in use.');
  // By itself it is held against what was there before: what it has just learnt it did not know.
  const comparison = page.locator('[data-test=compare]');
  await comparison.getByText('16 examples were judged').waitFor();
  await comparison.locator('[data-list=better] summary').click();
  await comparison.locator('li', { hasText: 'lunch break' }).getByText('is answered rightly').waitFor();
  assert.deepEqual(await findings(page), []);
  const compare = page.getByRole('button', { name: 'Compare: version 1 with the one in use' });
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
  await choose(page, row, 'Delete…');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No articles yet').waitFor();
  assert.deepEqual(bot.articles, []);
  await clean(page);
});

test('every dialog opens by keyboard, keeps the focus, closes with Escape and gives the focus back', async () => {
  const { bot } = it.world;
  bot.addIntent('refund', { title: { en: 'Refund', zh: '' }, form: [{ key: 'order', kind: 'order', ask: { en: '', zh: '' } }] });
  bot.faq.push({ id: 'faq_1', locale: 'en', question: 'Do you ship?', answer: 'Yes.', updated_at: '' });
  bot.articles.push({ id: 'art_1', title: { en: 'Returns', zh: '' }, body: { en: 'Yes.', zh: '' }, published: true, updated_at: '' });
  bot.questions = [{ texts: ['is there parking'], count: 1, newest: new Date().toISOString(), near: [], turns: ['cnv_a.2'] }];
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
  for (const item of ['Edit…', 'Delete…']) await check(menu(page.locator('[data-article]')), item);
  await page.getByRole('navigation', { name: 'Bot' }).getByRole('link', { name: 'Teach' }).click();
  await check(page.getByRole('button', { name: 'New FAQ entry' }));
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
