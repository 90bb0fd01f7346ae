// The live board.

export const board = {
  title: 'Live board',
  lines: 'Queues',
  agents: 'Agents',
  team: 'Team',
  teams: 'Teams',
  agent: 'Agent',
  presence: 'Availability',
  waiting: 'Waiting',
  longest: 'Longest wait',
  open: 'Open conversations',
  open_short: 'Open',
  online: 'Agents online',
  everybody: 'Everybody',
  under_a_minute: '< 1 min',
  ringing: '{n} ringing',
};
