// 等待客服接入的会话。

export const offers: typeof import('../en/offers').offers = {
  stack: '待接入的会话',
  title: '新会话待接入',
  window: '新会话待接入 · Bellhop 客服台',
  announced: '{name} 的新会话待接入：{text}',
  notice: '{name} 的新会话待接入',
  left: '{n} 秒',
  accept: '接入',
  decline: '拒绝',
  accepted: '您已接入 {name} 的会话。此处尚未保存的内容仍然保留。',
  open: '打开',
  missed: '您有两个会话未接入，状态已变为离开。',
  come_back: '恢复在线',
};
