// What the Enter key means in the composer. Pure, because it is where chats go wrong: an input method's Enter ends a
// word and must never send one.

import { isInputMethods } from '../keyboard/input-method';
import type { SendKey } from '../session/preferences';

export interface EnterPress {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing: boolean;
  keyCode: number;
}

/** Safari tells of the Enter that ended a word after the word has ended. */
export const AFTER_COMPOSITION_MS = 50;

/** Whether the press sends; otherwise the field does with it what fields do. */
export function sends(press: EnterPress, sendKey: SendKey, sinceCompositionMs: number, touch: boolean): boolean {
  if (press.key !== 'Enter' || isInputMethods(press)) return false;
  if (sinceCompositionMs < AFTER_COMPOSITION_MS) return false;
  if (press.ctrlKey || press.metaKey) return true;
  if (press.shiftKey || press.altKey) return false;
  // A keyboard of glass has no Shift worth holding: its Enter makes a line, and a button sends.
  return sendKey === 'enter' && !touch;
}

/** Messages are this long at most, counted as the server counts: in characters, not in UTF-16 units. */
export const TEXT_CHARS = 8_000;

/** Characters left; below zero it is too long. */
export function charactersLeft(text: string): number {
  // Cheap while there is plenty of room: a character has at least one unit.
  if (text.length <= TEXT_CHARS / 2) return TEXT_CHARS - text.length;
  let count = 0;
  for (const _ of text.trim()) count++;
  return TEXT_CHARS - count;
}
