import { describe, expect, it } from 'vitest';
import type { Intent } from '../src/api/types';
import { readExamples } from '../src/bot/examples';
import { readFaq } from '../src/bot/faq-file';
import { readPage } from '../src/bot/faq-page';
import { planOf } from '../src/bot/import-plan';
import { draftOf, faultOf, formOf, linesOf } from '../src/bot/intent-draft';
import { portionsOf } from '../src/bot/portions';
import { decodeText } from '../src/bot/text-file';

const intent = (id: string, given: Partial<Intent> = {}): Intent => ({ id, title: { en: id, zh: '' }, answer: { en: '', zh: '' }, does: 'answer', buttons: [], examples: [], library: true, updated_at: '', ...given });

describe('an import of intents', () => {
  it('says what is new, and sends what the table gives', () => {
    const { intents } = readExamples('intent,example,answer_en,title_zh\nhours,When ARE you open?,,\nhours,几点开门,9 to 5,营业时间\nreturns,send it back,,\nold,x,,');
    const plan = planOf(intents, [intent('hours', { examples: ['when  are you open？', 'other'] }), intent('old', { examples: ['X'] })]);
    expect(plan.intents).toEqual([
      { id: 'hours', isNew: false, added: 1, isFull: false, hasTexts: true },
      { id: 'returns', isNew: true, added: 1, isFull: false, hasTexts: false },
      { id: 'old', isNew: false, added: 0, isFull: false, hasTexts: false },
    ]);
    expect(plan.body).toEqual([
      { id: 'hours', examples: ['When ARE you open?', '几点开门'], title: { zh: '营业时间' }, answer: { en: '9 to 5' } },
      { id: 'returns', examples: ['send it back'] },
      { id: 'old', examples: ['x'] },
    ]);
  });

  it('says where it is more than the server takes', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => `example ${i}`);
    const known = [intent('a', { examples: many(499) }), intent('b', { examples: many(500) })];
    const full = (table: string) => planOf(readExamples(`intent,example\n${table}`).intents, known).intents.map(({ isFull }) => isFull);
    expect(full('a,new\nb,EXAMPLE 7')).toEqual([false, false]);
    expect(full('a,new\nb,new\na,newer')).toEqual([true, true]);
    const others = (n: number) => Array.from({ length: n }, (_, i) => intent(`other_${i}`));
    const isTooMany = (n: number) => planOf(readExamples('intent,example\nother_0,x\nnew,x').intents, others(n)).isTooMany;
    expect([isTooMany(149), isTooMany(150)]).toEqual([false, true]);
  });
});

describe('portions', () => {
  const sizes = (all: string[], most: number) => portionsOf(all, most).map((portion) => portion.length);
  it.each([
    ['none', [], 3, []],
    ['so many in each', ['a', 'b', 'c', 'd'], 3, [3, 1]],
    ['so many bytes in each', ['我'.repeat(400_000), 'b', '我'.repeat(300_000)], 9, [2, 1]],
    ['what is too long goes alone', ['a', 'b'.repeat(3_000_000), 'c'], 9, [1, 1, 1]],
  ] as const)('%s', (_, all, most, wanted) => expect(sizes([...all], most)).toEqual(wanted));
});

describe('an intent in the editor', () => {
  const field = (key: string) => ({ key, kind: 'text' as const, ask: { en: '', zh: '' } });
  const form = { ...formOf(null), id: 'hours', title: { en: ' Hours ', zh: '' }, examples: ' a \r\n\n b\rc ' };
  it('is sent tidy', () => {
    expect(draftOf(form)).toEqual({ title: { en: 'Hours', zh: '' }, answer: { en: '', zh: '' }, does: 'answer', buttons: [], examples: ['a', 'b', 'c'], library: true });
    const whole = intent('x', { examples: ['a', 'b'], buttons: ['y'], form: [{ key: 'order', kind: 'order', ask: { en: 'Which?', zh: '' } }], handoff_team: 'team_1', handoff_level: 3, tags: ['tag_1', 'tag_2'], action: { url: 'https://shop.example/bot', verified: true } });
    expect({ id: 'x', updated_at: '', ...draftOf(formOf(whole)) }).toEqual(whole);
    expect(draftOf({ ...formOf(whole), does: 'handoff' }).tags, 'whom a person answers is tagged, too').toEqual(['tag_1', 'tag_2']);
    expect(draftOf({ ...formOf(whole), tags: [] })).not.toHaveProperty('tags');
    expect(draftOf({ ...formOf(whole), handoff_level: 0 })).not.toHaveProperty('handoff_level');
    expect(draftOf({ ...formOf(whole), does: 'handoff' }), 'nothing is called for whom a person answers').not.toHaveProperty('action');
    expect(draftOf({ ...formOf(whole), action: { url: ' ', verified: true } })).not.toHaveProperty('action');
  });
  it.each([
    ['nothing', {}, null],
    ['its name', { id: 'Two words' }, { field: 'id', code: 'bad_request' }],
    ['a name that is taken', { id: 'taken' }, { field: 'id', code: 'conflict' }],
    ['its title', { title: { en: ' ', zh: '' } }, { field: 'title', code: 'bad_request' }],
    ['a long example', { examples: '😀'.repeat(401) }, { field: 'examples', code: 'bad_request' }],
    ['none, at the edge', { examples: '😀'.repeat(400) }, null],
    ['a field without a name', { form: [field('')] }, { field: 'form', code: 'bad_request' }],
    ['a name that is there twice', { form: [field('a'), field(' a ')] }, { field: 'form', code: 'bad_request' }],
    ['none, of two fields', { form: [field('a'), field('b')] }, null],
    ['too many examples', { examples: 'a\n'.repeat(501) }, { field: 'examples', code: 'bad_request' }],
  ])('blames %s', (_, given, wanted) => expect(faultOf({ ...form, ...given }, ['taken'])).toEqual(wanted));
  it('knows lines of every system', () => expect(linesOf('a\r\nb\rc\n')).toEqual(['a', 'b', 'c']));
});

describe('a file of questions', () => {
  const entry = (locale: 'en' | 'zh', question: string, answer: string) => ({ locale, question, answer });
  it.each([
    ['JSON', '[{"question":"Do you  ship?","answer":"Yes"},{"locale":"zh-CN","question":"发货吗","answer":"发"}]'],
    ['JSON with a name', '{"faq":[{"question":" Do you ship?","answer":"Yes "},{"question":"发货吗","answer":"发"}]}'],
    ['a table', 'question,answer\nDo you ship?,Yes\n发货吗,发'],
    ['a table that is one by tabs', '\uFEFFAnswer\tQuestion\tlocale\nYes\tDo you ship?\ten\n发\t发货吗\t'],
  ])('may be %s', (_, text) => expect(readFaq(text)).toMatchObject({ faq: [entry('en', 'Do you ship?', 'Yes'), entry('zh', '发货吗', '发')], faults: [] }));
  it('has the last answer to a question', () => expect(readFaq('question,answer\na,1\nb,2\na,3').faq).toEqual([entry('en', 'a', '3'), entry('en', 'b', '2')]));
  it.each([
    ['[{]', 1, 'json'], ['{"a":1}', 1, 'json'], ['[1]', 1, 'empty'], ['[{"question":"a","answer":"b"},{"question":"a"}]', 2, 'empty'], ['a,b\nc,d', 1, 'page'],
    ['question,answer\na,', 2, 'empty'], ['question,answer\nCan I return it?,Yes, within 30 days\na,b,,', 2, 'cells'], ['question,answer\n"a\nb",c\nd,"e', 4, 'open'], ['question,answer,locale\na,b,fr', 2, 'locale'], [`question,answer\n${'a'.repeat(401)},b`, 2, 'long'], [`question,answer\na,${'b'.repeat(20_001)}`, 2, 'long'],
  ])('%j has a fault at %i: %s', (text, line, code) => expect(readFaq(text).faults).toEqual([{ line, code }]));
});

describe('a page of questions', () => {
  const read = (text: string) => readPage(text).map(({ question, answer }) => [question, answer]);
  it.each([
    ['the head of the page is none', 'Help\nAll about us\nDo you ship?\nYes.', [['Do you ship?', 'Yes.']]],
    ['answers of several paragraphs', 'How long?\nTwo days.\n\n\n\nAbroad a week.\nWhere to?\n\nEverywhere.', [['How long?', 'Two days.\n\nAbroad a week.'], ['Where to?', 'Everywhere.']]],
    ['numbers, bullets, emphasis and signs', '1. How long? +\nTwo days.\n**（2）Where to?**\nEverywhere.\n• “Really?”\nYes.', [['How long?', 'Two days.'], ['Where to?', 'Everywhere.'], ['“Really?”', 'Yes.']]],
    ['Chinese', '常见问题\n1、可以退货吗？\n七天内可以。\n2、运费谁付？\n我们付。', [['可以退货吗？', '七天内可以。'], ['运费谁付？', '我们付。']]],
    ['marked by letters', 'Q: Shipping\nA: Is it fast? Yes.\nWhy?\nQ2. Returns\nA2: Within a week.', [['Shipping', 'Is it fast? Yes.\nWhy?'], ['Returns', 'Within a week.']]],
    ['marked in Chinese', '问：退货\n答：可以吗？可以。\n问题2：运费\n答案：免费', [['退货', '可以吗？可以。'], ['运费', '免费']]],
    ['headings', '# Shipping\nWhy so slow?\n\n## Returns\nA week.', [['Shipping', 'Why so slow?'], ['Returns', 'A week.']]],
    ['a list of contents goes', 'How long?\nWhere to?\nHow long?\nTwo days.\nWhere to?\nEverywhere.', [['How long?', 'Two days.'], ['Where to?', 'Everywhere.']]],
    ['one that nothing answers stays, to be told', 'How long?\nWhere to?\nEverywhere.', [['How long?', ''], ['Where to?', 'Everywhere.']]],
    ['a long line is a paragraph', `How long?\n${'so '.repeat(80)}?`, [['How long?', `${'so '.repeat(80)}?`]]],
    ['only signs', '***?\n?\nx', []],
    ['nothing', ' \n\n', []],
  ])('%s', (_, text, wanted) => expect(read(text)).toEqual(wanted));
  it('is taken where there is neither JSON nor a table, and says what has no answer', () => {
    const { faq, faults } = readFaq('Help, please\r\nDo you ship?\r\nYes, we do.\r\n可以退货吗？\r\n可以');
    expect(faq).toEqual([{ locale: 'en', question: 'Do you ship?', answer: 'Yes, we do.' }, { locale: 'zh', question: '可以退货吗？', answer: '可以' }]);
    expect(faults).toEqual([]);
    expect(readFaq('x\nHow long?\nWhere to?\nEverywhere.').faults).toEqual([{ line: 2, code: 'empty' }]);
  });
  it('is read in one go, however odd', () => {
    const odd = ['*'.repeat(200_000) + 'x', ' '.repeat(200_000) + '?', '#'.repeat(200_000), 'Q'.repeat(200_000) + ':', '1'.repeat(200_000) + '.?'].join('\n');
    expect(readPage(`${odd}\nA?\nb`).at(-1)).toMatchObject({ question: 'A?', answer: 'b' });
  });
});

it.each([
  [[0xe4, 0xbd, 0xa0], '你'], [[0xef, 0xbb, 0xbf, 0x61], 'a'], [[0xc4, 0xe3, 0xba, 0xc3], '你好'], [[], ''],
])('the bytes %j are %s', (bytes, wanted) => expect(decodeText(new Uint8Array(bytes))).toBe(wanted));

it.each([
  ['GB 18030', 'bfaac3c5', '开门'],
  ['GB 18030', 'd6ece946bbf9', '朱镕基'],
  ['GB 18030', 'bfc9d2d4cdcbbbf5c2f0a3bf', '可以退货吗？'],
  ['GB 18030', '636166a8a620bfa7b7c8', 'café 咖啡'],
  ['GB 18030', 'c4e3bac39439fc36', '你好😀'],
  ['GB 18030', '694f53bacd416e64726f6964', 'iOS和Android'],
  ['GB 18030', 'df5cd94dd56cb8b6', '運費誰付'],
  ['GB 18030', '7175657374696f6e2c616e737765720a446f20796f7520736869703f2cb7a2', 'question,answer\nDo you ship?,发'],
  ['GB 18030', '7175657374696f6e2c616e737765720ae95fe9549572e9672cbec5fc63', 'question,answer\n開門時間,九點'],
  ['GB 18030', 'd38686cecab2fc4e9572baf2b06cd89ba3bfcfc286cee1e183c9ccec83c8b06cd89ba1a3', '訂單什麼時候發貨？下單後兩天內發貨。'],
  ['Windows-1252', '646f6e9274', 'don’t'],
  ['Windows-1252', '5669656c65204772fcdf65', 'Viele Grüße'],
  ['Windows-1252', '53747261df65', 'Straße'],
  ['Windows-1252', '6465766f6c75e7e36f', 'devolução'],
  ['Windows-1252', '436f6d6f206661e76f20756d61206465766f6c75e7e36f3f', 'Como faço uma devolução?'],
  ['Windows-1252', 'a1bf5175e93f21', '¡¿Qué?!'],
  ['Windows-1252', 'bf44f36e646520657374e13f2093417175ed8594', '¿Dónde está? “Aquí…”'],
  ['Windows-1252', 'e974e9206372e9e96520e0206c9268f474656c', 'été créée à l’hôtel'],
  ['Windows-1252', 'a33520962035302080', '£5 – 50 €'],
  ['Windows-1252', 'c4d6dc20e4f6fc', 'ÄÖÜ äöü'],
  ['Windows-1252', '736df67267e573626f7264', 'smörgåsbord'],
  ['Windows-1252', 'd87265206f6720e562656e', 'Øre og åben'],
  ['Windows-1252', '61a062', 'a\u00a0b'],
  ['UTF-16', 'fffe64006f006e00192074000900604f', 'don’t\t你'],
  ['UTF-16', 'feff0064006f006e2019007400094f60', 'don’t\t你'],
])('%s: the bytes %s are %j', (_, hex, wanted) => expect(decodeText(Uint8Array.from(Buffer.from(hex, 'hex')))).toBe(wanted));
