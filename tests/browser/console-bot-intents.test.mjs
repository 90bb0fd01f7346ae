// What the bot knows as intents: imported, written, switched on from the library; with a form, a team or a call of the owner's system.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trained } from '../e2e/lib/model.mjs';
import { findings } from './axe.mjs';
import { becomes, choose, clean, dialog, it, stage, toast, visit } from './console-fixture.mjs';

stage();

const intent = (page, id) => page.locator(`[data-intent="${id}"]`);
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim());

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

test('what the server would refuse of a table is said before it is sent', async () => {
  const { bot } = it.world;
  for (let n = 0; n < 149; n++) bot.addIntent(`other_${n}`, { examples: n ? [] : Array.from({ length: 500 }, (_, i) => `example ${i}`) });
  const page = await visit('/bot/intents');
  await page.getByRole('button', { name: 'Import…' }).click();
  const table = `intent,example,title_en\nother_0,one more,\nnew,x,\nnew,y,${'x'.repeat(81)}`;
  const field = dialog(page).getByLabel('Table');
  await field.fill(table);
  await dialog(page).getByText('Line 4: it is too long').waitFor();
  await dialog(page).locator('[data-import=other_0]').getByText('More than 500 examples').waitFor();
  const tooMany = dialog(page).getByText('A workspace may have 150 intents.');
  assert.equal(await tooMany.count(), 0);
  await field.fill(`${table}\nnewer,z,`);
  await tooMany.waitFor();
  assert.equal(await dialog(page).getByRole('button', { name: 'Import 3 intents' }).isDisabled(), true);
  assert.deepEqual(await findings(page), []);
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
  await toast(page, '“Where is my order?” is created.');
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
  await toast(page, '“Where is my order?” is deleted.');
  assert.equal(bot.intents.has('order_status'), false);
  await page.getByText('Nothing has these words.').waitFor();
  await clean(page);
});

test('an intent is deleted with its picture, unless another answer shows it', async () => {
  const { world } = it;
  const [map, van] = ['0f', '1e'].map((two) => two.repeat(16));
  const picture = (hash) => ({ en: `${hash}-1x1 A picture`, zh: '' });
  for (const hash of [map, van]) world.pictures.set(hash, Buffer.from('iVBORw0KGgo='));
  world.bot.addIntent('way', { title: { en: 'The way', zh: '' }, picture: picture(map) });
  world.bot.addIntent('delivery', { title: { en: 'Delivery', zh: '' }, picture: picture(van) });
  world.bot.addIntent('express', { title: { en: 'Express', zh: '' }, picture: picture(van) });
  world.bot.addIntent('thanks', { title: { en: 'Thanks', zh: '' } });
  const page = await visit('/bot/intents');
  const ask = page.getByRole('alertdialog');
  const remove = async (id, withPicture) => {
    await choose(page, intent(page, id), 'Delete…');
    if (withPicture) await ask.getByRole('switch', { name: 'Delete its picture, too' }).check();
    assert.deepEqual(await findings(page), []);
    await ask.getByRole('button', { name: 'Delete', exact: true }).click();
    await ask.waitFor({ state: 'detached' });
  };
  await remove('thanks', false);
  await remove('way', true);
  await remove('delivery', true);
  await toast(page, 'The picture is not deleted: another answer still shows it.');
  assert.deepEqual([...world.pictures.keys()].filter((hash) => hash === map || hash === van), [van]);
  await remove('express', false);
  assert.deepEqual([world.pictures.has(van), [...world.bot.intents.keys()]], [true, []]);
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

test('an intent puts tags on conversations, which the dialog offers, keeps and forgets with the tag', async () => {
  const { bot } = it.world;
  bot.addIntent('refund', { title: { en: 'Refund', zh: '' }, does: 'handoff' });
  const page = await visit('/bot/intents');
  const form = dialog(page);
  const tags = form.getByRole('group', { name: /^Tags for the conversation/u });
  const save = async () => {
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
  };
  await choose(page, intent(page, 'refund'), 'Edit…');
  await form.getByLabel('Team for what it hands over').waitFor();
  assert.equal(await tags.count(), 0, 'there is none to choose');
  await form.getByRole('button', { name: 'Cancel' }).click();

  it.world.tags = ['Bug', 'Delivery', 'Money', 'Praise', 'Urgent', '急件'].map((name, n) => ({ id: `tag_${n}`, name, color: n % 2 ? '' : '#d93025' }));
  await page.reload();
  await choose(page, intent(page, 'refund'), 'Edit…');
  const box = (name) => tags.getByRole('checkbox', { name });
  await box('Money').focus();
  await page.keyboard.press('Space');
  await box('急件').check();
  await tags.getByText('2 of 5').waitFor();
  assert.deepEqual(await findings(page), []);
  await save();
  assert.deepEqual(bot.intents.get('refund').tags, ['tag_2', 'tag_5']);

  // Kept, and no more than five.
  await page.reload();
  await choose(page, intent(page, 'refund'), 'Edit…');
  await becomes(() => box('Money').isChecked(), true, 'it is kept');
  for (const name of ['Bug', 'Delivery', 'Praise']) await box(name).check();
  assert.equal(await box('Urgent').isDisabled(), true, 'five at most');
  // Deleted by somebody else while the dialog is open.
  it.world.tags = it.world.tags.filter(({ name }) => name !== 'Bug');
  await form.getByRole('button', { name: 'Save' }).click();
  await tags.getByText('At most 5, and only tags that exist.').waitFor();
  assert.deepEqual(await findings(page), []);
  await form.getByRole('button', { name: 'Cancel' }).click();

  // Deleted before: what stands is forgotten with the next change.
  it.world.tags = it.world.tags.filter(({ name }) => name !== 'Money');
  await page.reload();
  await choose(page, intent(page, 'refund'), 'Edit…');
  await becomes(() => box('急件').isChecked(), true, 'the other one is kept');
  assert.equal(await box('Money').count(), 0);
  await save();
  assert.deepEqual(bot.intents.get('refund').tags, ['tag_5']);
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

test('the test chat tells the FAQ, without a model as well, and says that nobody else is asked', async () => {
  const { bot } = it.world;
  bot.faq.push({ id: 'faq_aaaaaaaaaaaaaaaa', locale: 'en', question: 'Do you juggle hedgehogs?', answer: 'On Sundays.', updated_at: new Date().toISOString() });
  bot.faq.push({ id: 'faq_bbbbbbbbbbbbbbbb', locale: 'zh', question: '可以停车吗？', answer: '在房子后面。', updated_at: new Date().toISOString() });
  bot.responder = { kind: 'webhook', url: 'https://shop.example/bot', key_set: false };
  const page = await visit('/bot/intents');
  await page.getByText('This is the built-in bot alone').waitFor();
  const verdicts = page.locator('.verdict');
  const say = async (text, n) => {
    await page.getByLabel('Your message as a visitor').fill(text);
    await page.keyboard.press('Enter');
    await verdicts.nth(n).waitFor();
    return verdicts.nth(n);
  };
  const told = await say('do you juggle HEDGEHOGS', 0);
  await told.getByText('On Sundays.').waitFor();
  await told.getByText('From the FAQ').click();
  await told.getByText('Do you juggle hedgehogs?').waitFor();
  assert.deepEqual(await findings(page), []);
  const like = await say('do you never juggle hedgehogs', 1);
  await like.getByText('Like the FAQ').waitFor();
  await like.getByRole('button', { name: 'Do you juggle hedgehogs?' }).click();
  await verdicts.nth(2).getByText('On Sundays.').waitFor();
  await verdicts.nth(2).getByText('A button was pressed.').waitFor();
  // With a model an intent goes first, and the FAQ is told as before.
  bot.responder = { kind: 'built_in', key_set: false };
  bot.addIntent('business_hours', { title: { en: 'Hours', zh: '' }, answer: { en: 'From 9 to 5.', zh: '' } });
  bot.addModel(Buffer.from(trained()), { by: it.mei, accuracy: 90 });
  await page.reload();
  await (await say('opening hours', 0)).getByText('From 9 to 5.').waitFor();
  await (await say('可以停車嗎', 1)).getByText('From the FAQ').waitFor();
  assert.equal(await page.getByText('This is the built-in bot alone').count(), 0);
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

test('what somebody else has switched on meanwhile keeps the answer that they have written', async () => {
  const { bot } = it.world;
  const page = await visit('/bot/library');
  const entry = (id) => page.locator(`[data-entry="${id}"]`);
  for (const id of ['refund_status', 'human']) await entry(id).locator('input').check();
  bot.addIntent('refund_status', { answer: { en: 'Mine.', zh: '' } });
  await page.getByRole('button', { name: 'Switch on 2' }).click();
  await toast(page, '1 intent is switched on.');
  await entry('refund_status').getByText('On', { exact: true }).waitFor();
  assert.deepEqual([bot.intents.get('refund_status').answer, bot.intents.get('human').does], [{ en: 'Mine.', zh: '' }, 'handoff']);

  // Between the look and the import nothing is written over, either; the next try goes on.
  for (const id of ['coupon', 'business_hours']) await entry(id).locator('input').check();
  await page.route('**/api/v1/intents/import', async (route) => {
    bot.addIntent('coupon', { answer: { en: 'Mine, too.', zh: '' } });
    await route.continue();
  }, { times: 1 });
  await page.getByRole('button', { name: 'Switch on 2' }).click();
  await page.getByRole('button', { name: 'Switch on 1' }).click();
  await becomes(() => bot.intents.has('business_hours'), true, 'the other one is switched on');
  assert.equal(bot.intents.get('coupon').answer.en, 'Mine, too.');
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
