// wrangler.toml as an object, and the few questions that several scripts ask of it.
import { readFileSync } from 'node:fs';
import { npm } from './npm.mjs';
import { at } from './paths.mjs';

/** The parsed file. */
export function readConfig(path = at('wrangler.toml')) {
  return npm('smol-toml').parse(readFileSync(path, 'utf8'));
}

/** The classes of our Durable Objects: those that the entry module must export. */
export function objectClasses(config) {
  const bindings = config.durable_objects?.bindings ?? [];
  return [...new Set(bindings.filter((it) => !it.script_name).map((it) => it.class_name))];
}

/** Names of the secrets without which the Worker does not serve. */
export const requiredSecrets = (config) => config.secrets?.required ?? [];
