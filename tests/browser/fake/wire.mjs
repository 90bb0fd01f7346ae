// The shared codec for tests that run in Node: the TypeScript is bundled in memory, so that the fake server speaks
// with the very code that the console speaks with.
import { fileURLToPath } from 'node:url';
import { npm } from '../../../scripts/lib/npm.mjs';

const { build } = npm('esbuild');
const { outputFiles } = await build({
  stdin: {
    contents: "export { codec } from './codec.ts'; export { FULL_TABLE } from './table.ts'",
    resolveDir: fileURLToPath(new URL('../../../frontend/shared/wire/', import.meta.url)),
    loader: 'ts',
  },
  bundle: true,
  format: 'esm',
  write: false,
});
const { codec, FULL_TABLE } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);

/** Encodes and decodes every message of the protocol. */
export const wire = codec(FULL_TABLE);

export const KIND = { VISITOR: 1, AGENT: 2, BOT: 3, SYSTEM: 4 };
export const STATUS = { PENDING: 1, OPEN: 2, SNOOZED: 3, RESOLVED: 4 };
export const STATUS_NAMES = { 1: 'pending', 2: 'open', 3: 'snoozed', 4: 'resolved' };
export const KIND_NAMES = { 1: 'visitor', 2: 'agent', 3: 'bot', 4: 'system' };
export const ACTIVITY = { STATUS_CHANGED: 1, JOINED: 2, LEFT: 3, ASSIGNED: 4, RELEASED: 5, BLOCKED: 6, UNBLOCKED: 7, TEAM_CHANGED: 8, IDLE_WARNED: 9, MUTED: 10, UNMUTED: 11, HANDED_OVER: 13 };
export const AVAILABILITY = { ONLINE: 1, AWAY: 2, OFFLINE: 3 };
