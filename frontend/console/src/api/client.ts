// One function that speaks to /api/v1: JSON both ways, every failure a Problem, and one place that hears of a
// session that has ended.

import { Problem, problemOf } from './problem';

const BASE = '/api/v1';
const TIMEOUT_MS = 20_000;

let onUnauthorized: () => void = () => {};

/** Tells the client whom to call when the server no longer knows the session. */
export function whenUnauthorized(listener: () => void): void {
  onUnauthorized = listener;
}

export type Query = Record<string, string | number | undefined>;

function addressOf(path: string, query?: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return BASE + path + (text ? `?${text}` : '');
}

async function request<T>(method: string, path: string, body?: unknown, query?: Query): Promise<T> {
  const init: RequestInit = { method, credentials: 'same-origin', signal: AbortSignal.timeout(TIMEOUT_MS) };
  if (method !== 'GET') {
    init.headers = { 'Content-Type': 'application/json' };
    init.body = JSON.stringify(body ?? {});
  }
  let response: Response;
  try {
    response = await fetch(addressOf(path, query), init);
  } catch {
    throw new Problem('network');
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.code === 'unauthorized') onUnauthorized();
    throw problem;
  }
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new Problem('network');
  }
}

/** `GET /api/v1<path>`. */
export const get = <T>(path: string, query?: Query) => request<T>('GET', path, undefined, query);
/** `POST /api/v1<path>`. */
export const post = <T>(path: string, body?: unknown) => request<T>('POST', path, body);
/** `PATCH /api/v1<path>`. */
export const patch = <T>(path: string, body: unknown) => request<T>('PATCH', path, body);
/** `DELETE /api/v1<path>`. */
export const del = <T>(path: string) => request<T>('DELETE', path);
