// The servers of a bench, each a workerd of its own with the released bundle or the bare object.
import { existsSync, mkdtempSync } from 'node:fs';
import { demo } from '../demo.mjs';
import { migrate, ops } from '../ops.mjs';
import { start } from '../server.mjs';

/** The header in which the driver says from which address a client comes. */
export const ADDRESS = 'x-test-address';

/** Agents that share the conversations of a bench: none may have sockets in more than a thousand (ATTACHMENTS_PER_AGENT). */
const team = (length) => Array.from({ length }, (_, at) => ({ name: `Agent ${at}`, email: `agent-${at}@example.com`, password: `lantern-bench-${at}` }));
/** How many conversations each of them takes, one agent after the other. */
export const EACH = 500;

/**
 * A store in memory, where the machine has files there (Linux): the thread waits for no disk then, and what is measured is the
 * program. Else an ordinary one. Both end with the server.
 */
const store = (inMemory) => (inMemory && existsSync('/dev/shm') ? { store: mkdtempSync('/dev/shm/bellhop-') } : {});

/** Bellhop with a workspace and so many agents. `delayMs` is how long events are gathered. */
export async function bellhop(profile, delayMs, { agents = 9, inMemory = false, ...options } = {}) {
  const vars = { BELLHOP_DEMO: '1', BELLHOP_EVENTS_DELAY_MS: String(delayMs), BELLHOP_CLIENT_IP_HEADER: ADDRESS, BELLHOP_LIMIT_FACTOR: '1000' };
  const server = await start({ profile, vars, ...store(inMemory), ...options });
  const call = (route, body) => ops(server.url, server.secrets.BELLHOP_OPS_KEY, route, body);
  await migrate(server.url, server.secrets.BELLHOP_OPS_KEY);
  const people = { ...demo, agents: team(agents) };
  await call('seed', people);
  return { server, url: server.url, people, ops: call, stop: () => server.stop({ keep: false }) };
}

/** The yardstick: nothing but its objects. */
export async function bare({ inMemory = false, ...options } = {}) {
  const edit = (config) => {
    for (const name of ['assets', 'd1_databases', 'kv_namespaces', 'queues', 'triggers', 'secrets', 'vars']) delete config[name];
    config.durable_objects = { bindings: [{ name: 'ROOMS', class_name: 'Room' }] };
    config.migrations = [{ tag: 'v1', new_sqlite_classes: ['Room'] }];
  };
  const server = await start({ profile: 'bare', edit, secrets: {}, ...store(inMemory), ...options });
  return { server, url: server.url, stop: () => server.stop({ keep: false }) };
}
