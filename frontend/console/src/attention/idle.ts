// Whether an agent is still there: nobody has touched any window of this browser for a while. Pure; the clock and what the
// windows share come from outside.
//
// The windows share the time of the last input. One that was asleep, or whose timers a browser holds back, may look at
// an old one: so it is looked at twice, and what the others have said comes in between. Being back is never found out by a
// look, only by an input, so that two windows which have read different times do not take turns.

/** What the windows of a browser share; 0: nobody has done anything yet. */
export interface IdleEnv {
  now(): number;
  read(): number;
  write(at: number): void;
}

/** An input is told to the other windows at most so often. */
export const TELL_MS = 5_000;

export class IdleWatch {
  /** The last input that this window knows of, its beginning included. */
  private last: number;
  private told = -Infinity;
  private wasDue = false;

  constructor(private readonly env: IdleEnv) {
    this.last = env.now();
  }

  /** Somebody has touched this window. */
  input(): void {
    const now = this.env.now();
    this.last = now;
    this.wasDue = false;
    if (now - this.told < TELL_MS && now >= this.told) return;
    this.told = now;
    this.env.write(now);
  }

  /** Whether by now nobody has touched anything for `limitMs`, at the second look that says so. While `held` nobody is idle. */
  look(limitMs: number, held: boolean): boolean {
    const now = this.env.now();
    const shared = this.env.read();
    // A clock that was set back must not keep an agent online for hours: what lies ahead of it counts from now.
    if (shared > now) this.env.write(now);
    this.last = Math.min(Math.max(this.last, shared), now);
    const isDue = limitMs > 0 && !held && now - this.last >= limitMs;
    const isIdle = isDue && this.wasDue;
    this.wasDue = isDue;
    return isIdle;
  }
}
