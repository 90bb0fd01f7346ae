// What frames carry, by the names that the fake server uses.
export { wire, AVAILABILITY, STATUS } from '../../e2e/lib/wire.mjs';

export const KIND = { VISITOR: 1, AGENT: 2, BOT: 3, SYSTEM: 4 };
export const STATUS_NAMES = { 1: 'pending', 2: 'open', 3: 'snoozed', 4: 'resolved' };
export const KIND_NAMES = { 1: 'visitor', 2: 'agent', 3: 'bot', 4: 'system' };
export const ACTIVITY = { STATUS_CHANGED: 1, JOINED: 2, LEFT: 3, ASSIGNED: 4, RELEASED: 5, BLOCKED: 6, UNBLOCKED: 7, TEAM_CHANGED: 8, IDLE_WARNED: 9, MUTED: 10, UNMUTED: 11, HANDED_OVER: 13 };
