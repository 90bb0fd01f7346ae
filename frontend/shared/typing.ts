// Who is typing: ours, said sparingly, and theirs, believed for a short time. Pure.
import type { Participant } from './wire/types.ts';

/** Said again this often while the writer goes on. */
export const TYPING_EVERY_MS = 4_000;
/** Believed for so long. */
export const TYPING_LASTS_MS = 6_000;

/** CL17: says `on` at most every four seconds, and `off` once. */
export class TypingOut {
  #saidAt = -Infinity;

  /** A key was pressed, or the field was emptied; returns what to say, if anything. */
  input(on: boolean, now: number): boolean | undefined {
    const since = now - this.#saidAt;
    if (on ? since < TYPING_EVERY_MS : since >= TYPING_LASTS_MS) return undefined;
    this.#saidAt = on ? now : -Infinity;
    return on;
  }

  /** The message went out, which ends the typing at the reader's by itself. */
  sent(): void {
    this.#saidAt = -Infinity;
  }
}

/** CL18: a typist who is not heard of for six seconds has stopped. */
export class TypingIn {
  #typists = new Map<string, { participant: Participant; until: number }>();

  heard(participant: Participant, on: boolean, now: number): void {
    const key = participant.kind + participant.id;
    if (on) this.#typists.set(key, { participant, until: now + TYPING_LASTS_MS });
    else this.#typists.delete(key);
  }

  /** Who is typing now. */
  list(now: number): Participant[] {
    return [...this.#typists.values()].filter((one) => one.until > now).map((one) => one.participant);
  }

  /** When the list changes by itself. */
  get ends(): number[] {
    return [...this.#typists.values()].map((one) => one.until);
  }

  tick(now: number): void {
    for (const [key, one] of this.#typists) if (one.until <= now) this.#typists.delete(key);
  }

  clear(): void {
    this.#typists.clear();
  }
}
