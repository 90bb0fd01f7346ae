// The door that only the deployment's scripts have: /ops/v1, opened by a token signed with BELLHOP_OPS_KEY.
import { createHmac } from 'node:crypto';
import { Failure } from './run.mjs';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token for the next minute. */
export function opsToken(key, now = Date.now()) {
  const iat = Math.floor(now / 1000);
  const body = `${part({ alg: 'HS256', typ: 'bh-ops+jwt' })}.${part({ aud: 'bellhop', iat, exp: iat + 60 })}`;
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

/** Brings the schema up, as many calls as that takes: each may run so many statements. Gives the names of what was applied. */
export async function migrate(url, key) {
  const all = [];
  for (;;) {
    const { applied } = await ops(url, key, 'migrate', {});
    if (!applied.length) return all;
    all.push(...applied);
  }
}

/** Calls a route under /ops/v1 and gives back its JSON; a refusal becomes a `Failure` in the Worker's own words. */
export async function ops(url, key, route, body) {
  const answer = await fetch(new URL(`/ops/v1/${route}`, url), {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${opsToken(key)}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) {
    throw Object.assign(new Failure(`/ops/v1/${route} answered ${answer.status}: ${text.slice(0, 600)}`), { status: answer.status });
  }
  return text ? JSON.parse(text) : undefined;
}
