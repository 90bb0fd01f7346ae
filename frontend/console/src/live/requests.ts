// Frames that are answered: each waits under its client_id for an answer, a refusal, a cut or its deadline.

import { newClientId } from '../../../shared/client-id';
import type { Error as Refusal } from '../../../shared/wire/types';
import { Problem } from '../api/problem';

/** A refused frame; `holder` is the name of the agent who has the conversation, for `already_assigned`. */
export class Refused extends Problem {
  constructor(refusal: Refusal) {
    super(refusal.code, refusal.retryable ? 503 : 400, refusal.message, '', refusal.retryAfterMs);
    this.holder = refusal.holder?.name ?? '';
  }

  readonly holder: string;
}

interface Waiting<T> {
  resolve(answer: T): void;
  reject(problem: Problem): void;
  timer: ReturnType<typeof setTimeout>;
}

const DEADLINE_MS = 12_000;

export class Requests<T> {
  private readonly waiting = new Map<string, Waiting<T>>();

  /** Sends by `send`, which gets the new client_id and says whether the frame went out. */
  make(send: (clientId: string) => boolean): Promise<T> {
    const clientId = newClientId();
    return new Promise((resolve, reject) => {
      if (!send(clientId)) return reject(new Problem('network'));
      const timer = setTimeout(() => this.end(clientId)?.reject(new Problem('network')), DEADLINE_MS);
      this.waiting.set(clientId, { resolve, reject, timer });
    });
  }

  /** Whether the answer was waited for. */
  answer(clientId: string, answer: T): boolean {
    const waiting = this.end(clientId);
    waiting?.resolve(answer);
    return waiting !== undefined;
  }

  /** Whether the refused frame was one of these. */
  refuse(refusal: Refusal): boolean {
    const waiting = this.end(refusal.clientId);
    waiting?.reject(new Refused(refusal));
    return waiting !== undefined;
  }

  /** The line is cut: nobody knows what became of them, and the state after the reconnect shows it. */
  cut(): void {
    for (const clientId of [...this.waiting.keys()]) this.end(clientId)?.reject(new Problem('network'));
  }

  private end(clientId: string): Waiting<T> | undefined {
    const waiting = this.waiting.get(clientId);
    if (!waiting) return undefined;
    clearTimeout(waiting.timer);
    this.waiting.delete(clientId);
    return waiting;
  }
}
