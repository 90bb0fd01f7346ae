// Tells when a source has changed. What exactly has changed the build finds by content, so an event too many is harmless.
import { existsSync, watch } from 'node:fs';
import { at } from './paths.mjs';

const FOLDERS = ['src', 'proto', 'migrations', 'frontend', 'deploy', 'scripts', 'trainer', 'library'];
const FILES = ['schema.sql', 'wrangler.toml', 'Cargo.toml', 'Cargo.lock', 'build.rs'];

/** An editor writes a file in several steps, and a checkout writes many. */
const SETTLE_MS = 150;

/** Calls `work` after changes, never twice at a time. */
export function watchSources(work) {
  let timer;
  let busy = false;
  let again = false;
  const go = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      await work();
    } while (again);
    busy = false;
  };
  const noticed = (name) => {
    if (/(^|\/)(node_modules|\.[^/]*)(\/|$)/.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(go, SETTLE_MS);
  };
  for (const folder of FOLDERS) {
    if (existsSync(at(folder))) watch(at(folder), { recursive: true }, (_, name) => noticed(name ?? folder));
  }
  // Editors replace a file rather than write into it, which ends the watching of a file but not that of its folder.
  watch(at(), (_, name) => FILES.includes(name) && noticed(name));
}
