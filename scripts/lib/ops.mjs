// The door that only the deployment's scripts have: /ops/v1, opened by a token signed with BELLHOP_OPS_KEY.
import { createHmac } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { at } from './paths.mjs';
import { Failure } from './run.mjs';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token for the next minute. */
export function opsToken(key, now = Date.now()) {
  const iat = Math.floor(now / 1000);
  const body = `${part({ alg: 'HS256', typ: 'bh-ops+jwt' })}.${part({ aud: 'bellhop', iat, exp: iat + 60 })}`;
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

/** The version that the code of this folder needs: the highest number in migrations/. */
export const newestMigration = () => Math.max(...readdirSync(at('migrations')).map((name) => Number.parseInt(name, 10) || 0));

/**
 * Brings the schema up, as many calls as that takes: each may run so many statements. Gives the names of what was applied.
 * @param options.wanted   what the schema must have come to. After an upload the Worker of before may answer still, to which nothing is missing
 * @param options.patience  for so many ms the wrong one may answer, or nobody
 */
export async function migrate(url, key, { wanted = 0, patience = 0, pause = 2_000 } = {}) {
  const end = Date.now() + patience;
  const all = [];
  for (;;) {
    try {
      const { applied, to } = await ops(url, key, 'migrate', {});
      all.push(...applied);
      if (applied.length) continue;
      // A greater one is fine: it was made by a newer Worker, and this one has been put back.
      if (to >= wanted) return all;
      throw new Failure(`/ops/v1/migrate leaves the schema at ${to}: an older Worker answers, and this one needs ${wanted}`);
    } catch (error) {
      if (Date.now() >= end) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** By so much two clocks may differ and a token of one is good for the other. */
const CLOCK_MS = 10_000;

/** Calls a route under /ops/v1 and gives back its JSON; a refusal becomes a `Failure` in the Worker's own words. */
export async function ops(url, key, route, body) {
  const call = (now) =>
    fetch(new URL(`/ops/v1/${route}`, url), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${opsToken(key, now)}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  let answer = await call();
  // A machine's clock may be further off than a token lives, and a deployment would stop half-way.
  const theirs = Date.parse(answer.headers.get('date'));
  if (answer.status === 401 && Math.abs(theirs - Date.now()) > CLOCK_MS) {
    await answer.body?.cancel();
    answer = await call(theirs);
  }
  const text = await answer.text();
  if (!answer.ok) {
    throw Object.assign(new Failure(`/ops/v1/${route} answered ${answer.status}: ${text.slice(0, 600)}`), { status: answer.status });
  }
  return text ? JSON.parse(text) : undefined;
}
