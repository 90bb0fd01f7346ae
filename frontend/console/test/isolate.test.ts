import { describe, expect, test } from 'vitest';
import { isolated } from '../src/i18n/isolate';

describe('a foreign text in a sentence of ours', () => {
  test.each([
    ['Ada Lovelace'],
    ['王小明'],
    ['Zoë (2)'],
    [''],
  ])('%s stays as it is', (text) => expect(isolated(text)).toBe(text));

  test.each([
    ['Hebrew', 'דנה לוי'],
    ['Arabic', 'محمد'],
    ['a word of Arabic after Latin', 'Order مرحبا 12'],
    ['an override that nobody ends', 'invoice\u202Egpj.exe'],
    ['a mark', '\u200Fabc'],
  ])('%s is isolated', (_, text) => expect(isolated(text)).toBe(`\u2068${text}\u2069`));
});
