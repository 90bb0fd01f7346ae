// Two who edit the same thing of the bot's: nobody's words are lost silently; and each opening of a dialog is one of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, choose, clean, dialog, it, stage, toast, visit } from './console-fixture.mjs';

stage();

const AT = '2026-11-01T10:00:00.000Z';

/** Each kind: its page, how it is made, its field, and the words that it has. `change`: somebody else saves it. */
const KINDS = {
  faq: {
    path: '/bot/faq',
    make: ({ bot }) => bot.faq.push({ id: 'faq_1', locale: 'en', question: 'Do you ship?', answer: 'Yes.', updated_at: AT }),
    row: (page) => page.locator('[data-faq]'),
    field: 'Answer',
    words: ({ bot }) => bot.faq[0].answer,
    change: ({ bot }, answer, updated_at) => Object.assign(bot.faq[0], { answer, updated_at }),
  },
  article: {
    path: '/bot/articles',
    make: ({ bot }) => bot.articles.push({ id: 'art_1', title: { en: 'Returns', zh: '' }, body: { en: 'Yes.', zh: '' }, published: true, updated_at: AT }),
    row: (page) => page.locator('[data-article]'),
    field: 'Text in English',
    words: ({ bot }) => bot.articles[0].body.en,
    change: ({ bot }, en, updated_at) => Object.assign(bot.articles[0], { body: { en, zh: '' }, updated_at }),
  },
  intent: {
    path: '/bot/intents',
    make: ({ bot }) => bot.addIntent('refund', { title: { en: 'Refund', zh: '' }, answer: { en: 'Yes.', zh: '' }, updated_at: AT }),
    row: (page) => page.locator('[data-intent]'),
    field: 'Answer in English',
    words: ({ bot }) => bot.intents.get('refund').answer.en,
    change: ({ bot }, en, updated_at) => bot.addIntent('refund', { answer: { en, zh: '' }, updated_at }),
  },
};

for (const [name, kind] of Object.entries(KINDS)) {
  test(`of two who edit one ${name} the second is told, keeps the words, and decides`, async () => {
    const { world } = it;
    kind.make(world);
    const page = await visit(kind.path);
    const form = dialog(page);
    const field = form.getByLabel(kind.field);
    const save = form.getByRole('button', { name: 'Save', exact: true });
    const note = form.getByRole('alert').filter({ hasText: 'Somebody else has saved this meanwhile.' });
    const open = async () => {
      await choose(page, kind.row(page), 'Edit…');
      await becomes(() => field.inputValue().catch(() => ''), kind.words(world), 'its words are there');
    };
    await open();
    await field.fill('Mine.');
    kind.change(world, 'Theirs.', '2026-11-02T10:00:00.000Z');
    await save.click();
    await note.waitFor();
    await becomes(() => note.evaluate((one) => one === document.activeElement), true, 'the focus is there');
    assert.deepEqual([kind.words(world), await field.inputValue(), await save.isDisabled()], ['Theirs.', 'Mine.', true]);
    assert.deepEqual(await findings(page), []);
    await note.getByRole('button', { name: 'Load theirs instead' }).click();
    await becomes(() => field.inputValue(), 'Theirs.', 'theirs is there');
    assert.equal(await note.count(), 0);
    await field.fill('Theirs, and mine.');
    await save.click();
    await form.waitFor({ state: 'detached' });
    assert.equal(kind.words(world), 'Theirs, and mine.');

    // Whoever saves all the same writes over what they were told of, and over nothing else.
    await open();
    await field.fill('Mine again.');
    kind.change(world, 'Second.', '2036-11-02T10:00:00.000Z');
    await save.click();
    await note.waitFor();
    kind.change(world, 'Third.', '2036-11-03T10:00:00.000Z');
    await note.getByRole('button', { name: 'Save mine anyway' }).click();
    await becomes(() => save.isDisabled(), true, 'told again');
    await note.waitFor();
    assert.deepEqual([kind.words(world), await field.inputValue()], ['Third.', 'Mine again.']);
    await note.getByRole('button', { name: 'Save mine anyway' }).click();
    await form.waitFor({ state: 'detached' });
    assert.equal(kind.words(world), 'Mine again.');
    await clean(page);
  });
}

test('an edit whose answer was lost is no other’s', async () => {
  const { world } = it;
  KINDS.faq.make(world);
  const page = await visit('/bot/faq');
  await choose(page, KINDS.faq.row(page), 'Edit…');
  const form = dialog(page);
  await form.getByLabel('Answer').fill('Mine.');
  await page.route('**/api/v1/faq/*', async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('The server cannot be reached.').waitFor();
  assert.equal(KINDS.faq.words(world), 'Mine.');
  await form.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved');
  await form.waitFor({ state: 'detached' });
  await clean(page);
});

/** How each kind is made anew: what opens its editor, fills it and saves it. */
const NEW = {
  faq: { opener: 'New question', path: '/bot/faq', route: '**/api/v1/faq', title: 'Question', text: 'Answer', save: 'Add question', all: ({ bot }) => bot.faq.map(({ question, answer }) => [question, answer]) },
  article: { opener: 'New article', path: '/bot/articles', route: '**/api/v1/articles', title: 'Title in English', text: 'Text in English', save: 'Add article', all: ({ bot }) => bot.articles.map(({ title, body }) => [title.en, body.en]) },
};

for (const [name, { opener, path, route, title, text, save, all }] of Object.entries(NEW)) {
  for (const again of ['Mine.', 'Mine, and more.']) {
    test(`of a new ${name} whose answer was lost there is one: ${again}`, async () => {
      const { world } = it;
      KINDS[name].make(world);
      const page = await visit(path);
      await page.getByRole('button', { name: opener }).click();
      const form = dialog(page);
      await form.getByLabel(title).fill(' It  is ');
      await form.getByLabel(text).fill('Mine.');
      let tries = 0;
      await page.route(route, async (one) => {
        if (one.request().method() !== 'POST' || tries) return one.fallback();
        tries++;
        await one.fetch();
        await one.abort();
      });
      await form.getByRole('button', { name: save }).click();
      await form.getByText('The server cannot be reached.').waitFor();
      await form.getByLabel(text).fill(again);
      await form.getByRole('button', { name: save }).click();
      await form.waitFor({ state: 'detached' });
      assert.deepEqual(all(world).map(([first, second]) => [first.replace(/\s+/gu, ' ').trim(), second]).filter(([first]) => first === 'It is'), [['It is', again]]);
      assert.equal(all(world).length, 2);
      await clean(page);
    });
  }
}

test('of articles that are imported, and whose answer was lost, there is one each', async () => {
  const { bot } = it.world;
  const page = await visit('/bot/articles');
  await page.getByRole('button', { name: 'Import…' }).click();
  const form = dialog(page);
  await form.getByLabel('Page, table or JSON').fill('# One\na\n# Two\nb\n# Three\nc');
  const titles = () => bot.articles.map(({ title }) => title.en).reverse();
  // The line breaks under the second one's answer, and stays broken.
  let isDown = false;
  let refused = 0;
  await page.route('**/api/v1/articles', async (one) => {
    if (one.request().method() === 'POST' && !isDown) {
      const answer = await one.fetch();
      isDown = titles().length === 2;
      if (!isDown) return one.fulfill({ response: answer });
    }
    if (isDown) refused++;
    return isDown ? one.abort() : one.fallback();
  });
  const again = form.getByRole('button', { name: 'Import 3 articles' });
  await again.click();
  await form.getByText('The server cannot be reached.').waitFor();
  const before = refused;
  await again.click();
  await becomes(() => refused > before, true, 'it has looked');
  await becomes(() => again.isEnabled(), true, 'and its try has ended');
  await becomes(titles, ['One', 'Two'], 'nothing is sent before it is known what is there');
  await page.unroute('**/api/v1/articles');
  await form.getByRole('button', { name: 'Import 3 articles' }).click();
  await form.waitFor({ state: 'detached' });
  assert.deepEqual(titles(), ['One', 'Two', 'Three']);
  await clean(page);
});

test('a new intent does not take the name that somebody else has given meanwhile', async () => {
  const { bot } = it.world;
  const page = await visit('/bot/intents');
  await page.getByRole('button', { name: 'New intent' }).click();
  const form = dialog(page);
  await form.locator('input[maxlength="40"]').fill('refund');
  await form.getByLabel('Title in English').fill('Mine');
  bot.addIntent('refund', { title: { en: 'Theirs', zh: '' } });
  await form.getByRole('button', { name: 'Create intent' }).click();
  await form.getByText('There is an intent of this name.').waitFor();
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute('aria-invalid')), 'true', 'the name has the focus');
  assert.equal(bot.intents.get('refund').title.en, 'Theirs');
  await clean(page);
});

test('the note is there in Chinese, in the dark and on a phone', async () => {
  const { world } = it;
  KINDS.faq.make(world);
  const page = await visit('/bot/faq', { locale: 'zh-CN', colorScheme: 'dark', viewport: { width: 390, height: 844 } });
  await choose(page, KINDS.faq.row(page), '编辑…');
  const form = dialog(page);
  KINDS.faq.change(world, 'Theirs.', '2026-11-02T10:00:00.000Z');
  await form.locator('textarea').fill('我的');
  await form.locator('button[type=submit]').click();
  await form.getByRole('button', { name: '改用对方的内容' }).waitFor();
  assert.deepEqual(await findings(page), []);
  await form.getByRole('button', { name: '仍然保存我的' }).click();
  await form.waitFor({ state: 'detached' });
  assert.equal(KINDS.faq.words(world), '我的');
  await clean(page);
});

test('a second article is opened before the first one’s text has come', async () => {
  const { bot } = it.world;
  for (const [id, en] of [['art_1', 'First'], ['art_2', 'Second']]) bot.articles.push({ id, title: { en, zh: '' }, body: { en: `${en} text.`, zh: '' }, published: true, updated_at: AT });
  const page = await visit('/bot/articles');
  const row = (title) => page.locator('[data-article]', { hasText: title });
  let answer;
  const asked = new Promise((resolve) => void page.route('**/api/v1/articles/art_1', (route) => {
    answer = () => route.continue();
    resolve();
  }));
  await choose(page, row('First'), 'Edit…');
  const form = dialog(page);
  await asked;
  await form.getByRole('button', { name: 'Cancel' }).click();
  await form.waitFor({ state: 'detached' });
  await choose(page, row('Second'), 'Edit…');
  await becomes(() => form.getByLabel('Text in English').inputValue(), 'Second text.', 'its own text is there');
  assert.equal(await form.getByLabel('Text in English').isDisabled(), false);
  const late = page.waitForResponse('**/api/v1/articles/art_1');
  await answer();
  await late;
  await form.getByLabel('Title in English').fill('Second, changed');
  assert.equal(await form.getByLabel('Text in English').inputValue(), 'Second text.');
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await form.waitFor({ state: 'detached' });
  assert.deepEqual(bot.articles.map(({ title }) => title.en), ['First', 'Second, changed']);
  await clean(page);
});
