// A file that is there whole or as it was before, whatever happens while it is written: the disk is full, the power goes.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes `text`, readable by its owner alone unless `mode` says more; nothing if it stands there already. A link goes on naming the file that it names. */
export function writeWhole(path, text, mode = 0o600) {
  const isThere = existsSync(path);
  if (isThere && readFileSync(path, 'utf8') === text) return;
  const file = isThere ? realpathSync(path) : path;
  const next = `${file}.${process.pid}`;
  try {
    writeFileSync(next, text, { mode, flush: true });
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true, recursive: true });
    throw error;
  }
  // The name, too, must outlive a power cut. Not every system opens a folder for that.
  let folder;
  try {
    folder = openSync(dirname(file), 'r');
    fsyncSync(folder);
  } catch {
    // Then the file before is there still, or this one.
  }
  if (folder !== undefined) closeSync(folder);
}
