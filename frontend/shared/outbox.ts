// What was written and is not acknowledged yet, in order. Sending again is harmless (the server knows a client_id), so
// the outbox sends again whenever it is in doubt. Pure: it says when it wants to be called, and is told the time.

/** A message on its way. */
export interface Unsent {
  clientId: string;
  text: string;
  /** The id of the button that was pressed. */
  choice?: string | undefined;
  /** When it was written, by this machine's clock. */
  at: number;
  /** Why it was refused for good; absent while it is being sent. */
  failed?: string | undefined;
}

/** What the server said about one of them. */
interface Refused {
  code: string;
  retryable: boolean;
  retryAfterMs: number;
}

/** No ack for this long on a live line: send again. */
export const ACK_WITHIN_MS = 20_000;
const RETRY_BASE_MS = 1_000;
const RETRY_CAP_MS = 30_000;
/** After so many refusals that may pass by themselves, the writer decides. */
const MAX_TRIES = 8;

export class Outbox {
  #items: Unsent[];
  #tries = 0;
  #live = false;
  #wakeAt: number | undefined;
  /** How long the wait is that ends then: more can't be left of it, unless the clock was set back. */
  #wait = 0;
  /** The server asked for a pause until then; 0 when it did not. The wait is that pause then, and `tick` ends it. */
  heldUntil = 0;

  constructor(unsent: Unsent[] = []) {
    this.#items = [...unsent];
  }

  /** All of them, oldest first. */
  get items(): readonly Unsent[] {
    return this.#items;
  }

  /** When `tick` wants to be called. */
  get wakeAt(): number | undefined {
    return this.#live ? this.#wakeAt : undefined;
  }

  /** Takes a message, unless it is here already; returns what goes out now. A refused one waits for its writer. */
  add(item: Unsent, now: number): Unsent[] {
    if (this.#items.some((one) => one.clientId === item.clientId)) return [];
    this.#items.push(item);
    return !item.failed && this.#live && !this.heldUntil ? this.#expect([item], now) : [];
  }

  /** CL12: after each welcome all that is not acknowledged goes out again, in order. */
  opened(now: number): Unsent[] {
    this.#live = true;
    return this.#flush(now);
  }

  closed(): void {
    this.#live = false;
  }

  /** The time has come: the pause is over, or an ack is overdue (CL14). */
  tick(now: number): Unsent[] {
    // Neither is true where nothing is waited for.
    const left = this.wakeAt! - now;
    if (!(left <= 0 || left > this.#wait)) return [];
    this.heldUntil = 0;
    return this.#flush(now);
  }

  /** CL11: it is in the log; returns it, or nothing if that was known. */
  settle(clientId: string, now: number): Unsent | undefined {
    const item = this.#items.find((one) => one.clientId === clientId);
    if (!item) return undefined;
    this.#items = this.#items.filter((one) => one !== item);
    this.#tries = 0;
    this.#flush(now);
    return item;
  }

  /** CL13: the server refused one of them. Returns it if that is final. */
  refuse(clientId: string, refused: Refused, now: number): Unsent | undefined {
    const item = this.#items.find((one) => one.clientId === clientId);
    if (!item) return undefined;
    if (refused.retryable && (refused.retryAfterMs > 0 || this.#tries < MAX_TRIES)) {
      const pause = refused.retryAfterMs || Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** this.#tries++);
      this.#wakeAt = this.heldUntil = Math.max(this.heldUntil, now + pause);
      this.#wait = this.heldUntil - now;
      return undefined;
    }
    item.failed = refused.code;
    return item;
  }

  /** CL15: the writer wants a refused message sent after all; it goes to the end of the line. */
  retry(clientId: string, now: number): Unsent[] {
    const item = this.remove(clientId);
    this.#tries = 0;
    return item ? this.add({ ...item, at: now, failed: undefined }, now) : [];
  }

  /** Takes out a refused message that is not wanted any more. */
  remove(clientId: string): Unsent | undefined {
    const item = this.#items.find((one) => one.clientId === clientId && one.failed);
    this.#items = this.#items.filter((one) => one !== item);
    return item;
  }

  get #sending(): Unsent[] {
    return this.#items.filter((item) => !item.failed);
  }

  #flush(now: number): Unsent[] {
    return this.heldUntil ? [] : this.#expect(this.#sending, now);
  }

  #expect(sent: Unsent[], now: number): Unsent[] {
    this.#wakeAt = this.#sending.length ? now + (this.#wait = ACK_WITHIN_MS) : undefined;
    return sent;
  }
}
