// What a refused request says, in one shape for HTTP problems, network failures and error frames.

/** A refusal with a stable `code` from docs/errors.md, or `network` when no answer of the server's came. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status = 0,
    readonly detail = '',
    readonly field = '',
    readonly retryAfterMs = 0,
  ) {
    super(detail || code);
    this.name = 'Problem';
  }

  /** Whether the same request may succeed later without anyone changing anything. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Any thrown value as a Problem, so that callers have one thing to show. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('internal', 500, error instanceof Error ? error.message : String(error));
}

/** Reads a problem document. A body that is none is no answer of the server's: some proxy refuses, by a page of its own. */
export async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get('Retry-After') ?? 0) * 1000 || 0;
  let body: Record<string, unknown> = {};
  try {
    body = ((await response.json()) ?? {}) as Record<string, unknown>;
  } catch {
    // No document, then.
  }
  const waits = typeof body.retry_after_ms === 'number' ? body.retry_after_ms : retryAfter;
  const text = (name: string) => (typeof body[name] === 'string' ? (body[name] as string) : '');
  if (typeof body.code === 'string') return new Problem(body.code, response.status, text('detail'), text('field'), waits);
  if (response.status >= 500) return new Problem('internal', response.status, '', '', waits);
  return new Problem('network', 0, '', '', waits);
}
