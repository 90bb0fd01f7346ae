import { describe, expect, it } from 'vitest';
import { readExamples } from '../src/bot/examples';

describe('a table of examples', () => {
  it('gives each intent its examples in order, each once, and the first of its texts', () => {
    const text = 'Intent;Example;answer_en;note\norder;Where is it?;On its way;x\nhours;几点开门？;;\norder;  where  IS it？ ;Later;\norder;Has it shipped;;';
    expect(readExamples(text)).toEqual({
      intents: [{ id: 'order', examples: ['Where is it?', 'Has it shipped'], texts: { answer_en: 'On its way' } }, { id: 'hours', examples: ['几点开门？'], texts: {} }],
      faults: [],
    });
  });

  it('may hold an answer without an example', () => {
    expect(readExamples('intent,example,answer_zh\na,,好').intents).toEqual([{ id: 'a', examples: [], texts: { answer_zh: '好' } }]);
  });

  it.each([
    ['', 1, 'columns'], ['\n\na,b\nc,d', 3, 'columns'], ['intent,example\nok,x\nTwo words,x', 3, 'intent'], [`intent,example\n${'a'.repeat(41)},x`, 2, 'intent'],
    ['intent,example\n,x', 2, 'intent'], ['intent,example\na, ', 2, 'empty'], ['intent,example\na', 2, 'empty'], ['intent,example\na,Hello, you', 2, 'cells'],
    [`intent,example\na,${'😀'.repeat(401)}`, 2, 'long'], [`intent,example,title_en\na,x,${'x'.repeat(81)}`, 2, 'long'],
    [`intent,example,answer_zh\na,,${'长'.repeat(4_001)}`, 2, 'long'], ['intent,example\na,"x', 2, 'open'], ['intent,example\na,"x"y', 2, 'after'],
  ] as const)('%j has a fault on line %i: %s', (text, line, code) => expect(readExamples(text).faults).toEqual([{ line, code }]));

  it('keeps what is right beside it', () => {
    const [title_zh, answer_en] = ['😀'.repeat(80), 'x'.repeat(4_000)];
    expect(readExamples(`intent,example,title_zh,answer_en\na,,${title_zh},${answer_en}`)).toEqual({ intents: [{ id: 'a', examples: [], texts: { title_zh, answer_en } }], faults: [] });
    const { intents, faults } = readExamples(`intent,example\n!,x\na,${'😀'.repeat(400)}\na,"y"z\na,z,,`);
    expect(intents).toEqual([{ id: 'a', examples: ['😀'.repeat(400), 'z'], texts: {} }]);
    expect(faults).toEqual([{ line: 2, code: 'intent' }, { line: 4, code: 'after' }]);
  });
});
