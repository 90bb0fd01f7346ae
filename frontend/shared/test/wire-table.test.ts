import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
// @ts-expect-error The generator is a plain script without types.
import { generate, parse } from '../../scripts/wire-table.mjs';

describe('the generated wire files', () => {
  test.each(Object.entries(generate() as Record<string, string>))('%s is what the protocol file says', (path, text) => {
    expect(readFileSync(new URL('../../../' + path, import.meta.url), 'utf8')).toBe(text);
  });

  test.each([
    ['a type that the codec lacks', 'message A {\n  int32 a = 1;\n}'],
    ['a packed list', 'message A {\n  repeated uint64 a = 1;\n}'],
    ['two oneofs', 'message A {\n  oneof a {\n  bool b = 1;\n  }\n  oneof c {\n  bool d = 2;\n  }\n}'],
    ['a name that JSON does not give back', 'message A {\n  bool a_1 = 1;\n}'],
    ['a line outside a message', 'option optimize_for = SPEED;'],
  ])('%s is refused', (_, source) => {
    expect(() => parse(source)).toThrow(/bellhop\.proto:\d+/);
  });
});
