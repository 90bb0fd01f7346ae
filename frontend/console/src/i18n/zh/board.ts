// 实时看板。

export const board: typeof import('../en/board').board = {
  title: '实时看板',
  lines: '队列',
  agents: '客服',
  team: '客服组',
  teams: '客服组',
  agent: '客服',
  presence: '在线状态',
  waiting: '等待中',
  longest: '最长等待',
  open: '进行中的会话',
  open_short: '进行中',
  online: '在线客服',
  everybody: '全体客服',
  under_a_minute: '不到 1 分钟',
  ringing: '{n} 个待接入',
};
