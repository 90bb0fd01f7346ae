// The secrets of the local home: made once, kept in .local/secrets.env, which git ignores and only its owner reads.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { local } from './paths.mjs';
import { writeWhole } from './whole.mjs';

/** 256 bits, in the alphabet of tokens. */
export const newSecret = () => randomBytes(32).toString('base64url');

/** Reads the file and completes what it lacks; the secrets as an object. */
export function localSecrets(names, path = local('secrets.env')) {
  const secrets = existsSync(path) ? parseSecrets(readFileSync(path, 'utf8')) : {};
  const missing = names.filter((name) => !secrets[name]);
  for (const name of missing) secrets[name] = newSecret();
  if (missing.length) writeSecrets(path, secrets);
  return secrets;
}

/** The lines `NAME=value`. */
export const parseSecrets = (text) => Object.fromEntries([...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]));

/** Readable by its owner alone. There may be no other copy: what stands there stays until all of it has been written. */
export function writeSecrets(path, secrets) {
  mkdirSync(dirname(path), { recursive: true });
  writeWhole(path, Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`).join(''));
}
