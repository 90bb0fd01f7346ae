// Articles that are imported: whatever text has them, and what of it is left out.

import { describe, expect, it } from 'vitest';
import { differs, readArticles, renewed } from '../src/bot/article-file';

const read = (text: string, known: { en: string; zh: string; }[] = []) => readArticles(text, known.map((title, at) => ({ id: `art_${at}`, title })));
/** [language, title, text] of each. */
const found = (text: string) => read(text).articles.map(({ title, body }) => (['en', 'zh'] as const).flatMap((one) => (title[one] ? [one, title[one], body[one]] : [])));

describe('a page', () => {
  it.each([
    ['in Markdown', '# Returns\n\nWithin **30 days**.\n\n## How\n\n- Pack it\n\n# 退货 #\r\n\r\n七天内。', [['en', 'Returns', 'Within **30 days**.\n\n## How\n\n- Pack it'], ['zh', '退货', '七天内。']]],
    ['with something before its first heading', 'Our help\nWelcome.\n\n# Returns\nYes.', [['en', 'Our help', 'Welcome.'], ['en', 'Returns', 'Yes.']]],
    ['as it is copied', 'Shipping\n\nTwo days.\n\nAbroad a week.', [['en', 'Shipping', 'Two days.\n\nAbroad a week.']]],
    ['with a smaller heading first', '## Shipping ##\nTwo days.', [['en', 'Shipping', 'Two days.']]],
    ['with code', '# Install\n```\n# not a title\n```\nDone.\n# Next\nb', [['en', 'Install', '```\n# not a title\n```\nDone.'], ['en', 'Next', 'b']]],
    ['with a heading that is none', '# A\n#hashtag\n#\nb', [['en', 'A', '#hashtag\n#\nb']]],
    ['in English that names something in Chinese', '# Paying\nWe take cards, 支付宝 and more.', [['en', 'Paying', 'We take cards, 支付宝 and more.']]],
    ['in Chinese that names much in English', '# API 文档\n请参考 REST API 的说明文档。', [['zh', 'API 文档', '请参考 REST API 的说明文档。']]],
  ])('%s', (_, text, wanted) => expect(found(text)).toEqual(wanted));

  it('is read in one go, however odd', () => {
    expect(found(`# A\nb\n${'# '.repeat(100_000)}\n${'#'.repeat(100_000)}\n${' '.repeat(100_000)}x`).length).toBeGreaterThan(0);
  });
});

describe('a table or a list', () => {
  it.each([
    ['a table', 'title,text,locale\nReturns,"Within\n30 days",en\n退货,七天内,'],
    ['by tabs', '\uFEFFText\tTitle\nWithin\u0020\t Returns \n七天内\t退货'],
    ['JSON', '[{"title":"Returns","text":"Within"},{"title":"退货","text":"七天内"}]'],
    ['JSON with a name', '{"articles":[{"title":" Returns ","text":"Within"},{"title":"退货","text":"七天内","locale":"zh-CN"}]}'],
  ])('%s', (_, text) => expect(found(text).map(([language, title]) => [language, title])).toEqual([['en', 'Returns'], ['zh', '退货']]));

  it('may have both languages of one', () => {
    const wanted = { title: { en: 'Returns', zh: '退货' }, body: { en: 'Yes.', zh: '可以' } };
    expect(read('title_en,text_en,title_zh,text_zh\nReturns,Yes.,退货,可以').articles).toEqual([wanted]);
    expect(read('[{"title_en":"Returns","text_en":"Yes.","title_zh":"退货","text_zh":"可以"}]').articles).toEqual([wanted]);
    expect(found('title_zh,text_zh\n退货,可以')).toEqual([['zh', '退货', '可以']]);
  });
});

it.each([
  ['[{]', 1, 'json'], ['{"a":1}', 1, 'json'], ['[1]', 1, 'empty'], ['title,text\na,', 2, 'empty'], ['title,text\na,b,\nReturns,Yes, within 30 days', 3, 'cells'], ['title,text\n,b', 2, 'empty'], ['# A\n# B\nc', 1, 'empty'],
  ['title,text,locale\na,b,fr', 2, 'locale'], [`title,text\n${'a'.repeat(201)},b`, 2, 'long'], [`# A\n${'b'.repeat(20_001)}`, 1, 'long'],
  ['title_en,text_en,title_zh,text_zh\na,b,c,', 2, 'empty'], ['# Old\nx\n# Old\ny', 3, 'twice'], ['# A\nb\n# A\nc', 3, 'twice'],
  ['title_en,text_en,title_zh,text_zh\nOld,b,旧,d', 2, 'both'], ['title,text\n"a\nb",c\nd,"e', 4, 'open'],
])('%j has a fault at %i: %s', (text, line, code) => expect(read(text, [{ en: 'Old', zh: '' }, { en: '', zh: '旧' }]).faults).toEqual([{ line, code }]));

it('what has the same title in the other language is another one', () => {
  expect(read('title,text,locale\nFAQ,x,zh', [{ en: 'FAQ', zh: '' }]).articles).toEqual([{ title: { en: '', zh: 'FAQ' }, body: { en: '', zh: 'x' } }]);
});

it('what has the title of one that there is is that one, new or not', () => {
  const there = [{ en: 'Old', zh: '旧' }, { en: 'Returns', zh: '' }];
  const { articles, known, faults } = read('# New\na\n# Old\nb\n# 旧的\n文\n# Returns\nc', there);
  expect([articles.map(({ title }) => title), known.map(({ id, article }) => [id, article.body.en]), faults]).toEqual([[{ en: 'New', zh: '' }, { en: '', zh: '旧的' }], [['art_0', 'b'], ['art_1', 'c']], []]);
  // Both titles of one are one.
  expect(read('title_en,text_en,title_zh,text_zh\nOld,b,旧,d', there).known.map(({ id }) => id)).toEqual(['art_0']);
});

it('it is the same if it says nothing else in the languages that it has', () => {
  const old = { id: 'art_1', title: { en: 'Returns', zh: '退货' }, body: { en: 'Within 30 days.\n', zh: '三十天内' }, published: true, updated_at: 'then' };
  const english = (title: string, text: string) => ({ title: { en: title, zh: '' }, body: { en: text, zh: '' } });
  expect(differs(english('Returns', 'Within 30 days.'), old)).toBe(false);
  expect(differs(english('Returns', 'Within 20 days.'), old)).toBe(true);
  expect(differs({ title: { en: 'Returns', zh: '退换货' }, body: { en: 'Within 30 days.', zh: '三十天内' } }, old)).toBe(true);
  expect(renewed(english('Returns', 'Within 20 days.'), old)).toEqual({ title: { en: 'Returns', zh: '退货' }, body: { en: 'Within 20 days.', zh: '三十天内' }, published: true });
});
