// A forger's tools: the keys of a deployment whose secret a test knows, and tokens that are wrong in every known way.
import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** How each kind of token is made: the use its key is derived for, its `typ`, its `aud`. */
const KINDS = {
  session: { use: 'bellhop/session', typ: 'bh-session+jwt', aud: 'bellhop/api' },
  visitor: { use: 'bellhop/visitor', typ: 'bh-visitor+jwt', aud: 'bellhop/session' },
  ticket: { use: 'bellhop/ticket', typ: 'bh-ticket+jwt', aud: 'bellhop/socket' },
  ops: { typ: 'bh-ops+jwt', aud: 'bellhop' },
};

const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** What stands in one part of a token. */
export const read = (token, index) => JSON.parse(Buffer.from(token.split('.')[index], 'base64url'));

/** Signs whatever it is given. */
export function signed(head, claims, key, hash = 'sha256') {
  const body = `${part(head)}.${part(claims)}`;
  return `${body}.${createHmac(hash, key).update(body).digest('base64url')}`;
}

const derived = (secrets, use) => createHmac('sha256', Buffer.from(secrets.BELLHOP_SECRET, 'base64url')).update(use).digest();

/** The key of a kind of token. */
export function keyOf(secrets, kind) {
  const { use } = KINDS[kind];
  return use ? derived(secrets, use) : secrets.BELLHOP_OPS_KEY;
}

const sealing = (secrets, workspace) => createHmac('sha256', derived(secrets, 'bellhop/seal')).update(workspace).digest();

/** Seals a key of another service for an address, as a Worker does. */
export function sealed(secrets, workspace, url, text) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', sealing(secrets, workspace), nonce).setAAD(Buffer.from(url));
  return `1.${Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64url')}`;
}

/** Opens it. */
export function unsealed(secrets, workspace, url, text) {
  assert.match(text, /^1\.[\w-]+$/);
  const bytes = Buffer.from(text.slice(2), 'base64url');
  const cipher = createDecipheriv('aes-256-gcm', sealing(secrets, workspace), bytes.subarray(0, 12)).setAAD(Buffer.from(url)).setAuthTag(bytes.subarray(-16));
  return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]).toString();
}

/** A good token with other times; seconds from now. */
export function timed(secrets, kind, token, { iat, exp }) {
  const now = Math.floor(Date.now() / 1000);
  return signed(read(token, 0), { ...read(token, 1), iat: now + iat, exp: now + exp }, keyOf(secrets, kind));
}

/**
 * Forgeries of a good token, by name. `key` is the right one: what is signed with it is wrong in another way, so that
 * the signature alone never saves us.
 */
export function forgeries(secrets, kind, token) {
  const [head, claims] = [read(token, 0), read(token, 1)];
  const [h, c, s] = token.split('.');
  const key = keyOf(secrets, kind);
  const other = kind === 'session' ? KINDS.ticket : KINDS.session;
  const now = Math.floor(Date.now() / 1000);
  const headed = (more) => signed({ ...head, ...more }, claims, key);
  const claiming = (more) => signed(head, { ...claims, ...more }, key);
  const text = JSON.stringify(claims);
  // A visitor's of a clock that was put back since is good, as long as any of theirs lives.
  const ahead = kind === 'visitor' ? 181 * 86_400 : 3_600;
  return {
    'last byte changed': token.slice(0, -2) + (token.endsWith('AA') ? 'BB' : 'AA'),
    'no signature': `${h}.${c}.`,
    'two parts': `${h}.${c}`,
    'four parts': `${token}.${s}`,
    'alg none': `${part({ ...head, alg: 'none' })}.${c}.`,
    'alg none, our signature': `${part({ ...head, alg: 'none' })}.${c}.${s}`,
    'alg None, signed': headed({ alg: 'None' }),
    'alg HS512': signed({ ...head, alg: 'HS512' }, claims, key, 'sha512'),
    'alg HS384 over HS256': headed({ alg: 'HS384' }),
    'alg RS256, a public key as secret': signed({ ...head, alg: 'RS256' }, claims, '-----BEGIN PUBLIC KEY-----'),
    'a public key as secret': signed(head, claims, '-----BEGIN PUBLIC KEY-----'),
    'empty key': signed(head, claims, ''),
    'the secret itself as key': signed(head, claims, kind === 'ops' ? secrets.BELLHOP_SECRET : Buffer.from(secrets.BELLHOP_SECRET, 'base64url')),
    'key of another kind': signed(head, claims, keyOf(secrets, kind === 'session' ? 'ticket' : 'session')),
    'another secret': signed(head, claims, randomBytes(32)),
    'typ of another kind': headed({ typ: other.typ }),
    'typ JWT': headed({ typ: 'JWT' }),
    'audience of another kind': claiming({ aud: other.aud }),
    'audience as a list': claiming({ aud: [claims.aud] }),
    crit: headed({ crit: ['exp'] }),
    'b64 false': headed({ b64: false, crit: ['b64'] }),
    kid: headed({ kid: '../../dev/null' }),
    jwk: headed({ jwk: { kty: 'oct', k: '' } }),
    'claims twice': signed(head, `{"aud":"${claims.aud}",${text.slice(1)}`, key),
    'end twice': signed(head, `{"exp":9999999999,${text.slice(1)}`, key),
    expired: claiming({ iat: now - 700, exp: now - 60 }),
    'made in the future': claiming({ iat: now + ahead, exp: now + ahead + 100 }),
    'end as text': claiming({ exp: String(now + 60) }),
    'end beyond integers': claiming({ exp: 2 ** 63 }),
    'end negative': claiming({ exp: -1 }),
    'no end': claiming({ exp: undefined }),
    'no beginning': claiming({ iat: undefined }),
    'claims of another': `${h}.${part({ ...claims, agent: 'agt_aaaaaaaaaaaaaaaa', visitor: 'vis_aaaaaaaaaaaaaaaa' })}.${s}`,
    huge: claiming({ more: 'x'.repeat(2_500) }),
  };
}
