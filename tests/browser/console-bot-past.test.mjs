// What the bot knew before: an earlier version is taken into the form and saved from there, and what was deleted is restored.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, choose, clean, dialog, it, stage, toast, visit } from './console-fixture.mjs';

stage();

const AT = '2026-11-01T10:00:00.000Z';

/** Each kind: its page, how it is made, its field, the words that it has, and what its list of the deleted is called. */
const KINDS = {
  faq: {
    path: '/bot/faq',
    make: ({ bot }) => bot.faq.push({ id: 'faq_1', locale: 'en', question: 'Do you ship?', answer: 'One.', updated_at: AT }),
    row: (page) => page.locator('[data-faq]'),
    field: 'Answer',
    label: 'Answer',
    words: ({ bot }) => bot.faq[0]?.answer,
    gone: 'Deleted questions',
    name: 'Do you ship?',
    restored: 'The question is restored.',
  },
  article: {
    path: '/bot/articles',
    make: ({ bot }) => bot.articles.push({ id: 'art_1', title: { en: 'Returns', zh: '' }, body: { en: 'One.', zh: '' }, published: true, updated_at: AT }),
    row: (page) => page.locator('[data-article]'),
    field: 'Text in English',
    label: 'Text in English',
    words: ({ bot }) => bot.articles[0]?.body.en,
    gone: 'Deleted articles',
    name: 'Returns',
    restored: 'The article is restored.',
  },
  intent: {
    path: '/bot/intents',
    make: ({ bot }) => bot.addIntent('refund', { title: { en: 'Refund', zh: '' }, answer: { en: 'One.', zh: '' }, examples: ['money back'], updated_at: AT }),
    row: (page) => page.locator('[data-intent]'),
    field: 'Answer in English',
    label: 'Answer in English',
    words: ({ bot }) => bot.intents.get('refund')?.answer.en,
    gone: 'Deleted intents',
    name: 'Refund',
    restored: '“Refund” is restored.',
  },
};

const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim());
const shot = async (page, name) => void (process.env.SHOTS && (await page.screenshot({ path: `${process.env.SHOTS}/past-${name}.png` })));

for (const [name, kind] of Object.entries(KINDS)) {
  test(`an earlier version of one ${name} is taken into the form, and saved from there`, async () => {
    const { world } = it;
    kind.make(world);
    const page = await visit(kind.path);
    const form = dialog(page);
    const field = form.getByLabel(kind.field, { exact: true });
    const save = form.getByRole('button', { name: 'Save', exact: true });
    const head = form.locator('summary');
    const versions = form.locator('[data-test=earlier]');
    const open = async () => {
      await choose(page, kind.row(page), 'Edit…');
      await becomes(() => field.inputValue().catch(() => ''), kind.words(world), 'its words are there');
    };
    await open();
    await head.click();
    await form.getByText('There are none yet.').waitFor();
    await field.fill('Two.');
    await save.click();
    await form.waitFor({ state: 'detached' });

    await open();
    await head.focus();
    await page.keyboard.press('Enter');
    await versions.first().waitFor();
    assert.equal(await versions.count(), 1);
    const text = await versions.first().innerText();
    assert.match(text, /Until .+\s+Then changed by Mei/u);
    assert.ok(text.includes('One.') && text.includes(`Differs from the form in: ${kind.label}`), text);
    assert.deepEqual(await findings(page), []);
    await shot(page, name);

    // What was written meanwhile is not lost by a look.
    await field.fill('Half of three');
    await versions.first().getByRole('button').click();
    assert.equal(await field.inputValue(), 'One.');
    await versions.first().getByText('The same as the form').waitFor();
    await form.getByText('It is in the form. Nothing changes until you save.').waitFor();
    assert.deepEqual(await findings(page), []);
    await shot(page, `${name}-used`);
    await form.getByRole('button', { name: 'Undo' }).click();
    assert.equal(await field.inputValue(), 'Half of three');
    await becomes(() => focused(page), 'Earlier versions', 'the focus is not lost');

    await versions.first().getByRole('button').click();
    assert.equal(kind.words(world), 'Two.');
    await save.click();
    await form.waitFor({ state: 'detached' });
    assert.equal(kind.words(world), 'One.');
    await open();
    await head.click();
    await becomes(() => versions.locator('.text').allInnerTexts(), ['Two.', 'One.'], 'what stood is kept as well');
    await clean(page);
  });

  test(`one ${name} that was deleted is restored`, async () => {
    const { world } = it;
    kind.make(world);
    const page = await visit(kind.path);
    await choose(page, kind.row(page), 'Delete…');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await kind.row(page).waitFor({ state: 'detached' });
    assert.equal(kind.words(world), undefined);
    await page.getByRole('button', { name: 'Deleted', exact: true }).click();
    await dialog(page).getByRole('heading', { name: kind.gone }).waitFor();
    const row = dialog(page).locator('[data-gone]');
    await row.waitFor();
    const text = await row.innerText();
    assert.ok(text.includes(kind.name) && text.includes('One.') && /Deleted .+ by Mei/u.test(text), text);
    assert.deepEqual(await findings(page), []);
    await shot(page, `${name}-gone`);
    await row.getByRole('button', { name: `Restore “${kind.name}”` }).click();
    await toast(page, kind.restored);
    await dialog(page).getByText('Nothing that could be restored.').waitFor();
    assert.equal(kind.words(world), 'One.');
    await becomes(() => dialog(page).evaluate((one) => one.contains(document.activeElement)), true, 'the focus stays in the dialog');
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await kind.row(page).waitFor();
    await becomes(() => focused(page), 'Deleted', 'the focus is back');
    // It is there: it is not offered once more.
    await page.getByRole('button', { name: 'Deleted', exact: true }).click();
    await dialog(page).getByText('Nothing that could be restored.').waitFor();
    await clean(page);
  });
}

test('an intent is back without what is gone since, and in the form as well', async () => {
  const { world } = it;
  const { bot } = world;
  const was = { title: { en: 'Refund', zh: '' }, answer: { en: 'One.', zh: '' }, buttons: ['refund', 'other'], tags: ['tag_gone'], handoff_team: 'team_gone', article: 'art_gone', handoff_level: 4 };
  bot.keep('intent', { id: 'refund', examples: ['a'], does: 'answer', library: true, ...was, updated_at: AT }, it.mei, true);
  const page = await visit('/bot/intents');
  await page.getByRole('button', { name: 'Deleted', exact: true }).click();
  await dialog(page).getByRole('button', { name: 'Restore “Refund”' }).click();
  await toast(page, '“Refund” is restored.');
  const { updated_at: _, ...back } = bot.intents.get('refund');
  assert.deepEqual(back, { id: 'refund', title: was.title, answer: was.answer, does: 'answer', buttons: ['refund'], handoff_level: 4, examples: ['a'], library: true });
  await page.keyboard.press('Escape');

  await choose(page, page.locator('[data-intent=refund]'), 'Edit…');
  const form = dialog(page);
  await form.locator('summary').click();
  await form.locator('[data-test=earlier]').getByRole('button').click();
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await form.waitFor({ state: 'detached' });
  const { updated_at: __, ...again } = bot.intents.get('refund');
  assert.deepEqual(again, back);
  await clean(page);
});

test('an intent is back with what a colleague has made since, whatever could not be had before', async () => {
  const { world } = it;
  const { bot } = world;
  for (const id of ['hours', 'parting']) bot.addIntent(id, { title: { en: id, zh: '' } });
  bot.keep('intent', { id: 'refund', title: { en: 'Refund', zh: '' }, answer: { en: 'One.', zh: '' }, examples: ['a'], does: 'answer', library: true, buttons: ['hours', 'parting', 'made'], tags: ['tag_made'], article: 'art_made', updated_at: AT }, it.mei, true);
  const page = await visit('/bot/intents');
  const failed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/articles'));
  await page.route('**/api/v1/articles', (route) => route.abort(), { times: 1 });
  await choose(page, page.locator('[data-intent=hours]'), 'Edit…');
  await failed;
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  world.tags.push({ id: 'tag_made', name: 'Made', color: '#1a7f5a' });
  bot.articles.push({ id: 'art_made', title: { en: 'Made', zh: '' }, body: { en: 'One.', zh: '' }, published: true, updated_at: AT });
  bot.addIntent('made', { title: { en: 'Made', zh: '' } });
  bot.intents.delete('parting');
  await page.getByRole('button', { name: 'Deleted', exact: true }).click();
  await dialog(page).getByRole('button', { name: 'Restore “Refund”' }).click();
  await toast(page, '“Refund” is restored.');
  const { buttons, tags, article } = bot.intents.get('refund');
  assert.deepEqual([buttons, tags, article], [['hours', 'made'], ['tag_made'], 'art_made']);
  await clean(page);
});

/** Of each kind: what restoring one asks for, and how many there are. */
const SENT = {
  faq: { route: '**/api/v1/faq*', count: ({ bot }) => bot.faq.length },
  article: { route: '**/api/v1/articles', count: ({ bot }) => bot.articles.length },
  intent: { route: '**/api/v1/intents/*', count: ({ bot }) => bot.intents.size },
};

for (const [name, { route, count }] of Object.entries(SENT)) {
  test(`of one ${name} that was restored, and whose answer was lost, there is one`, async () => {
    const { world } = it;
    const kind = KINDS[name];
    const page = await visit(kind.path);
    kind.make(world);
    const [thing] = [...world.bot.faq, ...world.bot.articles, ...world.bot.intents.values()];
    world.bot.keep(name, thing, it.mei, true);
    world.bot.faq = world.bot.articles = [];
    world.bot.intents.clear();
    let sent = 0;
    let isDown = false;
    let staysDown = false;
    await page.route('**/api/v1/**', (one) => (isDown && one.request().method() === 'GET' ? one.abort() : one.fallback()));
    await page.route(route, async (one) => {
      if (!['POST', 'PUT'].includes(one.request().method())) return one.fallback();
      await one.fetch();
      sent++;
      isDown = staysDown;
      await one.abort();
    });
    const open = () => page.getByRole('button', { name: 'Deleted', exact: true }).click();
    const restore = dialog(page).getByRole('button', { name: `Restore “${kind.name}”` });
    await open();
    await restore.click();
    // It is there: that is what is told.
    await toast(page, kind.restored);
    await dialog(page).getByText('Nothing that could be restored.').waitFor();
    assert.equal(await dialog(page).getByRole('alert').count(), 0);
    await becomes(() => dialog(page).evaluate((one) => one.contains(document.activeElement)), true, 'the focus stays in the dialog');
    assert.deepEqual([sent, count(world)], [1, 1]);
    await page.keyboard.press('Escape');
    await kind.row(page).waitFor();

    // Where nothing can be asked, nothing is sent.
    await choose(page, kind.row(page), 'Delete…');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await kind.row(page).waitFor({ state: 'detached' });
    world.bot.past.splice(1);
    await open();
    await restore.waitFor();
    staysDown = true;
    await restore.click();
    const again = dialog(page).getByRole('button', { name: 'Try again' });
    await again.waitFor();
    assert.equal(await restore.count(), 0);
    assert.equal(await dialog(page).getByRole('alert').count(), 1);
    assert.deepEqual(await findings(page), []);
    isDown = false;
    await again.click();
    await dialog(page).getByText('Nothing that could be restored.').waitFor();
    assert.equal(await dialog(page).getByRole('alert').count(), 0);
    assert.deepEqual([sent, count(world)], [2, 1]);
    await page.keyboard.press('Escape');
    await kind.row(page).waitFor();
    await clean(page);
  });
}

test('somebody who saves meanwhile is not written over by what is restored', async () => {
  const { world } = it;
  KINDS.faq.make(world);
  const [entry] = world.bot.faq;
  world.bot.keep('faq', { ...entry, answer: 'Zero.' }, it.mei);
  const page = await visit('/bot/faq');
  await choose(page, KINDS.faq.row(page), 'Edit…');
  const form = dialog(page);
  await form.locator('summary').click();
  await form.locator('[data-test=earlier]').getByRole('button').click();
  Object.assign(entry, { answer: 'Theirs.', updated_at: '2026-11-02T10:00:00.000Z' });
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  const note = form.getByRole('alert').filter({ hasText: 'Somebody else has saved this meanwhile.' });
  await note.getByRole('button', { name: 'Save mine anyway' }).click();
  await form.waitFor({ state: 'detached' });
  assert.equal(KINDS.faq.words(world), 'Zero.');
  await clean(page);
});

test('what can’t be restored says why, and stays', async () => {
  const { world } = it;
  const { bot } = world;
  bot.keep('faq', { id: 'faq_9', locale: 'en', question: 'Do you ship?', answer: 'Yes.', updated_at: AT }, it.mei, true);
  const page = await visit('/bot/faq');
  await page.getByRole('button', { name: 'Deleted', exact: true }).click();
  const restore = dialog(page).getByRole('button', { name: 'Restore “Do you ship?”' });
  await page.route('**/api/v1/faq', (route) => route.fulfill({ status: 413, contentType: 'application/problem+json', body: JSON.stringify({ code: 'too_large', status: 413 }) }), { times: 1 });
  await restore.click();
  await dialog(page).getByRole('alert').locator('p').waitFor();
  await restore.click();
  await toast(page, 'The question is restored.');
  assert.equal(bot.faq.length, 1);
  await clean(page);
});

for (const [name, options] of Object.entries({ phone: { viewport: { width: 390, height: 844 } }, desktop: {} })) {
  test(`both are there in Chinese and in the dark: ${name}`, async () => {
    const { world } = it;
    KINDS.intent.make(world);
    KINDS.faq.make(world);
    for (const answer of ['您好，'.repeat(60), 'One.']) world.bot.keep('intent', { ...world.bot.intents.get('refund'), answer: { en: '', zh: answer } }, it.mei);
    world.bot.keep('faq', { id: 'faq_9', locale: 'zh', question: '多久能到？'.repeat(12), answer: '两天。'.repeat(80), updated_at: AT }, it.mei, true);
    const page = await visit('/bot/intents', { locale: 'zh-CN', colorScheme: 'dark', ...options });
    await choose(page, KINDS.intent.row(page), '编辑…');
    await dialog(page).locator('summary').click();
    await dialog(page).locator('[data-test=earlier]').first().getByRole('button').click();
    await dialog(page).getByRole('button', { name: '撤消' }).scrollIntoViewIfNeeded();
    assert.deepEqual(await findings(page), []);
    await shot(page, `zh-${name}`);
    await page.goto(`${it.fake.url}/console/bot/faq`);
    await page.getByRole('button', { name: '已删除' }).click();
    await dialog(page).locator('[data-gone]').waitFor();
    assert.deepEqual(await findings(page), []);
    await shot(page, `zh-${name}-gone`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
    await clean(page);
  });
}
