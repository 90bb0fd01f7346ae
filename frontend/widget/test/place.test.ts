import { expect, test } from 'vitest';
import { Status } from '../../shared/wire/types.ts';
import type { ConversationState, Queue } from '../../shared/wire/types.ts';
import { strings } from '../locale/en.ts';
import { strings as zh } from '../locale/zh-CN.ts';
import { placeOf } from '../place.ts';
import { timesOf } from '../times.ts';

const HOUR = 3_600_000;
/** Noon, wherever this runs. */
const NOW = new Date(2026, 10, 26, 12).getTime();
const MEI = { kind: 2, id: 'agt_1', name: 'Mei', picture: '' };
const state = (status: Status, assignee?: typeof MEI): ConversationState => ({ status, snoozedUntil: 0, assignmentEpoch: 0, ...(assignee && { assignee }) });
const open = state(Status.OPEN);

test.each<[string, Omit<Queue, 'form'> | undefined, ConversationState | undefined, string, string]>([
  ['nothing was told', undefined, open, '', ''],
  ['there is no line', { position: 0, waitMs: 60_000, opensAt: 0 }, open, '', ''],
  ['next, without an estimate', { position: 1, waitMs: 0, opensAt: 0 }, open, 'You are next.', '下一位就是您。'],
  ['next, soon', { position: 1, waitMs: 59_999, opensAt: 0 }, open, 'You are next. Less than a minute.', '下一位就是您。等待不到 1 分钟。'],
  ['a minute is no more', { position: 2, waitMs: 60_000, opensAt: 0 }, open, 'You are number 2 in line. Less than a minute.', '您排在第 2 位。等待不到 1 分钟。'],
  ['more than that is rounded up', { position: 3, waitMs: 60_001, opensAt: 0 }, open, 'You are number 3 in line. About 2 min.', '您排在第 3 位。等待约 2 分钟。'],
  ['before the state is known', { position: 12, waitMs: 0, opensAt: 0 }, undefined, 'You are number 12 in line.', '您排在第 12 位。'],
  ['somebody has joined', { position: 1, waitMs: 0, opensAt: 0 }, state(Status.OPEN, MEI), '', ''],
  ['closed until later today', { position: 4, waitMs: 0, opensAt: NOW + 3 * HOUR }, open, 'Closed until today 15:00. Your message waits.', '已下班，今天 15:00 恢复服务。'],
  ['closed until tomorrow', { position: 1, waitMs: 0, opensAt: NOW + 21 * HOUR }, open, 'Closed until tomorrow 09:00. Your message waits.', '已下班，明天 09:00 恢复服务。'],
  ['closed over the weekend', { position: 1, waitMs: 0, opensAt: NOW + 48 * HOUR }, open, 'Closed until Saturday, 28 November 2026 12:00. Your message waits.', '已下班，2026年11月28日星期六 12:00 恢复服务。'],
  ['it is over', { position: 1, waitMs: 0, opensAt: 0 }, state(Status.RESOLVED), '', ''],
])('%s', (_, place, state, english, chinese) => {
  const queue = place && { ...place, form: false };
  expect(placeOf({ queue, state }, NOW, strings, timesOf('en-GB', strings))).toBe(english);
  expect(placeOf({ queue, state }, NOW, zh, timesOf('zh-CN', zh))).toBe(chinese);
});
