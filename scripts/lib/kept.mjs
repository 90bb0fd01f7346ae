// The widget's files of earlier releases. A launcher asks for its chunks by the hashes of its own build, and may be a day old in a
// browser's cache and weeks old in a tab that stays open: without them its button does nothing. So a build leaves what
// earlier ones made where it is, and a deployment, which replaces everything, takes over what is there.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeWhole } from './whole.mjs';

/** A file stays for so long after the last build that has needed it. */
const KEEP_MS = 30 * 86_400_000;
/** What is there, beside the launcher: when each file went out of use, 0 for those in use. */
const LIST = 'widget.json';

/** Empty where there is none that can be read: what is kept is no reason not to build or deploy. */
const readList = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) ?? {};
  } catch {
    return {};
  }
};
// Whoever serves the folder may be somebody else than who builds it.
const writeList = (file, list) => writeWhole(file, `${JSON.stringify(list)}\n`, 0o666);
const read = (folder) => readList(join(folder, LIST));
const write = (folder, list) => writeList(join(folder, LIST), list);

/** After a build into `folder`, of which the files `used` are: counts the others out, and removes those that are over. */
export function keepEarlier(folder, used, now = Date.now()) {
  const known = read(folder);
  const list = {};
  for (const name of readdirSync(join(folder, 'w'))) {
    const since = used.includes(name) ? 0 : known[name] || now;
    if (since && now - since > KEEP_MS) rmSync(join(folder, 'w', name));
    else list[name] = since;
  }
  write(folder, list);
}

/** Notes in `file` what goes up with `folder`, each with when it last did, for a month. */
export function noteSent(file, folder, now = Date.now()) {
  const known = Object.entries(readList(file)).filter(([, at]) => now - at <= KEEP_MS);
  mkdirSync(dirname(file), { recursive: true });
  writeList(file, Object.fromEntries([...known, ...Object.keys(read(folder)).map((name) => [name, now])]));
}

/**
 * Before `folder` replaces what is served at `origin`: fetches what is kept there, and removes what was only ever built here; not
 * what `sent`, a file of `noteSent`, says was served within the month: an older deployment that was put back serves it no more, but
 * there are pages that have it. How many are kept; with `problem`, why that may not be all: then what was built here may be what is
 * served, and stays. A deployment that is not there, or is broken, is no reason not to deploy.
 */
export async function takeOver(origin, folder, { now = Date.now(), sent } = {}) {
  const mine = read(folder);
  const gone = sent ? readList(sent) : {};
  const list = {};
  let problem;
  const lost = [];
  const end = AbortSignal.timeout(120_000);
  const asked = async (path) => {
    const answer = await fetch(`${origin}/${path}`, { signal: AbortSignal.any([end, AbortSignal.timeout(30_000)]) });
    if (!answer.ok) throw new Error(`${answer.status} for ${path}`);
    return answer.text();
  };
  // One answer that is lost takes no other file along.
  const fetched = (path) =>
    asked(path)
      .catch(() => asked(path))
      .catch((error) => {
        lost.push(error.cause?.message ?? error.message);
      });
  const listed = (text) => {
    try {
      return Object.entries(JSON.parse(text ?? '{}'));
    } catch (error) {
      problem = error.message;
      return [];
    }
  };
  mkdirSync(join(folder, 'w'), { recursive: true });
  for (const [name, since] of listed(await fetched(LIST))) {
    if (mine[name] === 0 || !/^[A-Z0-9]+\.js$/.test(name) || now - (since || now) > KEEP_MS) continue;
    if (!(name in mine)) {
      const file = await fetched(`w/${name}`);
      if (file === undefined) continue;
      writeFileSync(join(folder, 'w', name), file);
    }
    list[name] = since || now;
  }
  if (lost.length > 0) problem = lost.length > 1 ? `${lost[0]}, and ${lost.length - 1} more` : lost[0];
  for (const [name, since] of Object.entries(mine)) {
    if (since === 0 || (!(name in list) && (problem || now - (gone[name] ?? 0) <= KEEP_MS))) list[name] = since;
    else if (!(name in list)) rmSync(join(folder, 'w', name), { force: true });
  }
  write(folder, list);
  return { kept: Object.values(list).filter(Boolean).length, problem };
}
