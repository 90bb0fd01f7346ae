// One function that speaks to /api/v1: JSON both ways, every failure a Problem, and one place that hears of a
// session that has ended.

import { Problem, problemOf } from './problem';

const BASE = '/api/v1';
const TIMEOUT_MS = 20_000;
/** A file may be megabytes, on a slow line. */
const FILE_TIMEOUT_MS = 120_000;

let onUnauthorized: () => void = () => {};

/** Tells the client whom to call when the server no longer knows the session. */
export function whenUnauthorized(listener: () => void): void {
  onUnauthorized = listener;
}

/** The code of what a console that was replaced does not send. */
export const OUTDATED = 'console_outdated';

let isOutdated = false;

/** Says whether a newer console is served than this one. */
export function setOutdated(is: boolean): void {
  isOutdated = is;
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

async function answerOf(method: string, path: string, body?: unknown, query?: Query, isFile = false): Promise<Response> {
  const init: RequestInit = { method, credentials: 'same-origin', signal: AbortSignal.timeout(isFile ? FILE_TIMEOUT_MS : TIMEOUT_MS) };
  if (body instanceof Uint8Array) {
    init.headers = { 'Content-Type': 'application/octet-stream' };
    init.body = body as Uint8Array<ArrayBuffer>;
  } else if (method !== 'GET') {
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
  return response;
}

async function request<T>(method: string, path: string, body?: unknown, query?: Query, isFile = false): Promise<T> {
  const response = await answerOf(method, path, body, query, isFile);
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
/** `PUT /api/v1<path>`: puts a whole thing in the place of another, so not what an older console knows of it. */
export async function put<T>(path: string, body: unknown): Promise<T> {
  if (isOutdated) throw new Problem(OUTDATED);
  return request<T>('PUT', path, body);
}
/** `POST /api/v1<path>`, the body a file. */
export const upload = <T>(path: string, file: Uint8Array, query?: Query) => request<T>('POST', path, file, query, true);

/** `GET /api/v1<path>`, the answer a file. */
export async function download(path: string): Promise<Uint8Array> {
  const response = await answerOf('GET', path, undefined, undefined, true);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new Problem('network');
  }
}
