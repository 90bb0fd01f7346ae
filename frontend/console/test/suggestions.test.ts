import { describe, expect, test } from 'vitest';
import { SenderKind } from '../../shared/wire/types';
import { goesAtOnce, questionOf } from '../src/conversation/use-suggestions';
import { suggestionOf } from '../src/keyboard/shortcuts';
import type { TextItem, TimelineItem } from '../src/live/timeline';

const said = (kind: SenderKind, text: string, given: Partial<TextItem> = {}): TextItem =>
  ({ kind: 'message', key: `m${text}`, at: 0, first: true, last: true, sender: { kind, id: '', name: '', picture: '' }, text, seq: 1, pending: null, choices: [], chosen: null, isChoice: false, rating: 0, ...given });
const joined: TimelineItem = { kind: 'activity', key: 'a', at: 0, first: true, last: true, activity: {} as never, isPrivate: false };

describe('what is answered', () => {
  test.each<[string, TimelineItem[], string | undefined]>([
    ['nothing is there', [], undefined],
    ['the newest of the visitor', [said(SenderKind.VISITOR, 'a'), said(SenderKind.VISITOR, 'b')], 'b'],
    ['also after somebody came, and after a note', [said(SenderKind.VISITOR, 'a'), joined, said(SenderKind.AGENT, 'n', { kind: 'note' })], 'a'],
    ['an agent has answered', [said(SenderKind.VISITOR, 'a'), said(SenderKind.AGENT, 'b')], undefined],
    ['an answer is on its way', [said(SenderKind.VISITOR, 'a'), said(SenderKind.AGENT, 'b', { seq: 0, pending: {} as never })], undefined],
    ['the bot has answered', [said(SenderKind.VISITOR, 'a'), said(SenderKind.BOT, 'b')], undefined],
    ['blanks', [said(SenderKind.VISITOR, ' ')], undefined],
  ])('%s', (_, items, text) => {
    expect(questionOf(items)?.text).toBe(text);
  });
});

describe('the keys', () => {
  const press = (code: string, given = {}) => ({ code, altKey: true, ctrlKey: false, metaKey: false, shiftKey: false, isComposing: false, ...given });
  test.each([
    ['Alt and a number', press('Digit1'), 1],
    ['on the pad, where Alt and numbers write a letter', press('Numpad3'), 0],
    ['there are no more', press('Digit4'), 0],
    ['without Alt', press('Digit1', { altKey: false }), 0],
    ['AltGr, which writes', press('Digit2', { ctrlKey: true }), 0],
    ['with others', press('Digit2', { metaKey: true }), 0],
    ['with Shift, which sends', press('Digit2', { shiftKey: true }), 2],
    ['an input method has it', press('Digit2', { isComposing: true }), 0],
    ['another key', press('KeyA'), 0],
  ])('%s', (_, event, number) => {
    expect(suggestionOf(event)).toBe(number);
  });
});

test.each([
  ['nothing is written', '', 'Within 30 days.', true],
  ['blanks', ' \n', 'Within 30 days.', true],
  ['the agent has begun', 'Dear', 'Within 30 days.', false],
  ['there is something to fill in', '', 'Within [number of days].', false],
])('what is sent at once: %s', (_, written, draft, expected) => {
  expect(goesAtOnce(written, draft)).toBe(expected);
});
