import { expect, test } from 'vitest';
import type { LinkState } from '../../shared/connection.ts';
import { lineOf } from '../line.ts';
import { strings } from '../locale/en.ts';

const now = 1_000_000;

test.each<[string, LinkState, { quiet?: boolean; heldUntil?: number }, string, string?, boolean?]>([
  ['all is well', { kind: 'live' }, {}, ''],
  ['put aside', { kind: 'idle' }, {}, ''],
  ['connecting', { kind: 'connecting' }, {}, 'Connecting…'],
  ['connecting before anything was written', { kind: 'connecting' }, { quiet: true }, ''],
  ['waiting', { kind: 'waiting', until: now + 7_001 }, {}, 'Reconnecting · 0:08', 'Try again'],
  ['waiting, at the last moment', { kind: 'waiting', until: now }, {}, 'Reconnecting · 0:01', 'Try again'],
  ['the server asked to wait: nobody may hurry', { kind: 'waiting', until: now + 125_000, asked: true }, {}, 'Very busy. Trying again · 2:05'],
  ['offline', { kind: 'offline', until: now + 5_000 }, {}, 'You are offline. Messages are sent later.'],
  ['sending is held', { kind: 'live' }, { heldUntil: now + 3_000 }, 'That was a lot. Sending resumes soon · 0:03'],
  ['sending was held', { kind: 'live' }, { heldUntil: now }, ''],
  ['replaced', { kind: 'stopped', code: 4503 }, {}, 'The chat is open in another window.', 'Continue here'],
  ['blocked', { kind: 'stopped', code: 4504 }, {}, 'This chat is closed.', undefined, true],
  ['refused', { kind: 'stopped', code: 4500 }, {}, 'The chat is not available right now.', 'Try again'],
])('%s', (_, link, { quiet = false, heldUntil = 0 }, text, action, closed) => {
  const line = lineOf(link, now, quiet, heldUntil, strings);
  expect((line?._text ?? '') + (line?._rest ?? '')).toBe(text);
  expect(line?._action).toBe(action);
  expect(line?._closed).toBe(closed);
});
