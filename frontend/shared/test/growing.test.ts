import { beforeEach, describe, expect, test } from 'vitest';
import { Growing } from '../growing.ts';
import { SenderKind } from '../wire/types.ts';
import type { AgentFrame, Init } from '../wire/types.ts';
import { frame, message } from './model-room.ts';

const BOT = { kind: SenderKind.BOT, id: '', name: '', picture: '' };
let growing: Growing;

beforeEach(() => {
  growing = new Growing();
});

const give = (given: Init<AgentFrame>) => {
  growing.receive(frame(given));
  return growing.text;
};
const grow = (offset: number, text: string) => give({ grow: { to: 1, offset, text } });

describe('what the bot is writing', () => {
  test('CL22: grows until its message comes', () => {
    expect(grow(0, '长')).toBe('长');
    expect(grow(1, 'er')).toBe('长er');
    expect(give({ message: message(2) })).toBe('长er');
    expect(give({ state: {} })).toBe('长er');
    expect(grow(0, 'anew')).toBe('anew');
    expect(give({ message: message(3, BOT) })).toBe('');
  });

  test('CL22: is taken back where nothing comes of it', () => {
    grow(0, 'half');
    expect(grow(0, '')).toBe('');
  });

  test('CL22: is nothing without its beginning', () => {
    expect(grow(4, ' a half')).toBe('');
  });

  test('CL22: is what a welcome says', () => {
    grow(0, 'half');
    expect(give({ welcome: { growing: 'half of it' } })).toBe('half of it');
    expect(grow(10, ', whole')).toBe('half of it, whole');
    expect(give({ welcome: { messages: [message(2, BOT)] } })).toBe('');
  });
});
