// axe finds nothing on any view, in both themes and languages, on a desk and on a phone; and the content policy is
// never broken while all of them are opened.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { clean, it, opened, row, rows, stage, visit } from './console-fixture.mjs';

stage();

/** Every view: how to get there, and what shows that one is there. */
const VIEWS = {
  login: { agent: null, path: () => '/login', ready: (page) => page.locator('form').waitFor() },
  link: { agent: null, path: () => it.world.link(it.tom, 'invitation').link.split('/console')[1], ready: (page) => page.locator('form').waitFor() },
  list: { path: () => '/inbox/all', ready: (page) => row(page, it.ada).waitFor() },
  empty: { agent: 'lina', path: () => '/inbox/mine', ready: (page) => page.locator('.empty').first().waitFor() },
  conversation: { path: () => `/inbox/mine/${it.ada.id}`, ready: opened },
  chinese: { path: () => `/inbox/unassigned/${it.chen.id}`, ready: opened },
  note: { path: () => `/inbox/mine/${it.ada.id}`, ready: async (page) => (await opened(page), page.locator('.for-note').click()) },
  details: {
    path: () => `/inbox/mine/${it.ada.id}`,
    ready: async (page) => {
      await opened(page);
      const button = page.locator('header.head button[aria-pressed]');
      if ((await button.getAttribute('aria-pressed')) === 'false') await button.click();
      await page.locator('aside.panel').waitFor();
    },
  },
  transfer: {
    path: () => `/inbox/mine/${it.ada.id}`,
    ready: async (page) => {
      await opened(page);
      await page.locator('.holder').click();
      await page.locator('[data-test=transfer]').click();
      await page.locator('[role=dialog] input[type=radio]').first().waitFor();
    },
  },
  menu: { path: () => '/inbox/mine', ready: async (page) => (await rows(page).first().waitFor(), page.locator('.trigger').click(), page.locator('[role=menu]').waitFor()) },
  stale: {
    path: () => `/inbox/mine/${it.ada.id}`,
    ready: async (page) => {
      await opened(page);
      it.fake.setLine('down');
      await page.locator('.banner').waitFor();
      await page.locator('.strip').waitFor();
    },
  },
  profile: { path: () => '/settings/profile', ready: (page) => page.locator('h1').waitFor() },
  preferences: { path: () => '/settings/preferences', ready: (page) => page.locator('h1').waitFor() },
  agents: { path: () => '/settings/agents', ready: (page) => page.locator('ul.team li').first().waitFor() },
  agent: {
    path: () => '/settings/agents',
    ready: async (page) => {
      const member = page.locator(`[data-agent="${it.lina.email}"]`);
      await member.getByRole('button').click();
      await page.locator('[role=menuitem]').first().click();
      await page.locator('[role=dialog] input[inputmode=numeric]').fill('x');
      await page.locator('[role=dialog] .button.primary').click();
      await page.locator('[role=dialog] .about.error').waitFor();
    },
  },
  decisions: { path: () => '/settings/decisions', ready: (page) => page.locator('h1').waitFor() },
  teams: { path: () => '/settings/teams', ready: (page) => page.locator('ul.teams > li').first().waitFor() },
  team: {
    path: () => '/settings/teams',
    ready: async (page) => {
      await page.locator('ul.teams > li').first().waitFor();
      await page.locator('.settings-page header button').click();
      await page.locator('[role=dialog] form .button.primary').click();
      await page.locator('[role=dialog] .about.error').waitFor();
    },
  },
  'team view': { path: () => `/inbox/${it.chinese.id}`, ready: (page) => row(page, it.chen).waitFor() },
  'team menu': { path: () => '/inbox/mine', ready: async (page) => (await rows(page).first().waitFor(), page.locator('.picker').click(), page.locator('[role=menu]').waitFor()) },
  invite: {
    path: () => '/settings/agents',
    ready: async (page) => {
      await page.locator('ul.team li').first().waitFor();
      await page.locator('.settings-page header button').click();
      await page.locator('[role=dialog] form').waitFor();
    },
  },
  sites: {
    path: () => '/settings/sites',
    ready: async (page) => {
      await page.locator('ul.sites button[aria-expanded]').first().click();
      await page.locator('.snippet').waitFor();
    },
  },
  identity: {
    path: () => '/settings/sites',
    ready: async (page) => {
      it.world.identities.set(it.shop.id, { secret: 'fake', enforced: true });
      await page.locator(`[data-site="${it.shop.id}"] button[aria-expanded]`).nth(1).click();
      await page.locator('.identity .secret button').first().click();
      await page.locator('.identity .secret textarea').waitFor();
    },
  },
  site: {
    path: () => '/settings/sites?new',
    ready: (page) => page.locator('[role=dialog] .panel').waitFor(),
  },
  start: { path: () => '/start', ready: (page) => page.locator('.start-list li').first().waitFor() },
  routing: {
    path: () => '/settings/routing',
    ready: async (page) => {
      await page.locator('input[value=best_match]').check();
      await page.locator('[data-field=idle]').fill('x');
      await page.locator('.settings-page form .button.primary').click();
      await page.locator('.about.error').waitFor();
    },
  },
  'bot intents': { path: () => teach('intents'), ready: (page) => page.locator('[data-intent]').first().waitFor() },
  'bot intent': {
    path: () => '/bot/intents?new',
    ready: async (page) => {
      await page.locator('[role=dialog] form .button.primary').click();
      await page.locator('[role=dialog] .about.error').waitFor();
    },
  },
  'bot import': {
    path: () => '/bot/intents',
    ready: async (page) => {
      await page.locator('.settings-page header').getByRole('button', { name: /^(Import|导入)/ }).click();
      await page.locator('[role=dialog] textarea').fill('intent,example\na,x\nB,y');
      await page.locator('[data-import]').waitFor();
    },
  },
  'bot library': { path: () => '/bot/library', ready: (page) => page.locator('[data-entry]').first().waitFor() },
  'bot training': { path: () => '/bot/training', ready: (page) => page.locator('[data-version]').first().waitFor() },
  tags: { path: tag, ready: (page) => page.locator('[data-tag]').first().waitFor() },
  'tagged': {
    path: () => {
      tag();
      it.ada.profile = { ...it.ada.profile, tags: ['tag_refund', 'tag_bug'] };
      return '/inbox/all';
    },
    ready: async (page) => {
      await page.locator('.tags button').click();
      await page.getByRole('menuitemradio').nth(2).click();
      await page.locator('.tags .chip').waitFor();
      await page.locator('a.row').first().waitFor();
    },
  },
  'bot articles': { path: () => '/bot/articles', ready: (page) => page.locator('[data-article]').first().waitFor() },
  'bot faq': { path: () => '/bot/faq', ready: (page) => page.locator('[data-faq]').first().waitFor() },
  'bot teach': { path: () => '/bot/teach', ready: (page) => page.locator('[data-question]').first().waitFor() },
  'bot report': { path: () => '/bot/report', ready: (page) => page.locator('[data-turns]').first().waitFor() },
  'bot general': { path: () => '/bot/general', ready: (page) => page.locator('.card').nth(1).waitFor() },
  board: { path: () => '/board', ready: (page) => page.locator('tr[data-agent]').first().waitFor() },
  // The last one: it rings on.
  offers: {
    path: () => `/inbox/all/${it.ada.id}`,
    ready: async (page) => {
      await opened(page);
      for (const room of [it.bo, it.chen]) it.world.desk.ring(room, it.mei, 120);
      await page.locator('.offer').nth(1).waitFor();
    },
  },
};

/** The address of the page of tags, of which there are two. */
function tag() {
  it.world.tags = [{ id: 'tag_refund', name: 'Refund', color: '#d93025' }, { id: 'tag_bug', name: 'Bug', color: '' }];
  return '/settings/tags';
}

/** The address of a page of a bot that knows something. */
function teach(page) {
  const { bot } = it.world;
  bot.addIntent('hours', { title: { en: 'When are you open?', zh: '几点开门？' }, examples: ['opening hours'] });
  bot.addIntent('human', { title: { en: 'A person', zh: '转人工' }, does: 'handoff' });
  bot.addModel(Buffer.from('one'), { examples: 12, accuracy: 91.4, by: it.mei });
  bot.addModel(Buffer.from('two'), { examples: 15, accuracy: 92, by: it.lina, revision: 1 });
  bot.questions = [{ texts: ['can I pay with paypal', 'paypal?'], count: 3, newest: new Date().toISOString(), near: ['hours'], turns: ['cnv_a.2'] }];
  bot.did.intents = bot.did.days = [{ key: '0', answered: 4, asked: 2, handed_over: 5, stood_in: 3, conversations: 6, resolved: 2 }];
  bot.articles.push({ id: 'art_1', title: { en: 'Returns', zh: '退货' }, body: { en: 'Within 30 days.', zh: '30天内。' }, published: true, updated_at: '' });
  bot.faq.push({ id: 'faq_1', locale: 'en', question: 'Do you ship to Norway?', answer: '**Yes**, in a week.', updated_at: '' });
  return `/bot/${page}`;
}

/** An open menu lies above the page's landmarks and has the focus inside: it is no content that one could miss. */
const MENU = ['region'];

/** Each value of each setting once: colours hang on the theme, room on the language and the width, and none of them on the others. */
const LOOKS = [
  { name: 'light, English', colorScheme: 'light', locale: 'en' },
  { name: 'dark, Chinese, phone', colorScheme: 'dark', locale: 'zh-CN', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
];

for (const { name, ...look } of LOOKS) {
  test(`axe finds nothing: ${name}`, async () => {
    const found = {};
    const pages = new Map();
    for (const [view, { agent = 'mei', path, ready }] of Object.entries(VIEWS)) {
      const url = `${it.fake.url}/console${path()}`;
      const page = pages.get(agent) ?? (await visit('/login', { ...look, reducedMotion: 'reduce', agent: agent && it[agent] }));
      pages.set(agent, page);
      // A fragment alone would not load the page anew.
      await page.goto('about:blank');
      await page.goto(url);
      await ready(page);
      const list = await findings(page, view.endsWith('menu') ? MENU : []);
      if (list.length > 0) found[view] = list;
      await clean(page);
      it.fake.setLine('up');
    }
    assert.deepEqual(found, {});
  });
}
