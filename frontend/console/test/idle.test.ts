import { beforeEach, describe, expect, it } from 'vitest';
import { IdleWatch, TELL_MS } from '../src/attention/idle';

const LIMIT = 5 * 60_000;
const LOOK = 10_000;
let now = 0;
let shared = 0;
let writes = 0;

/** A window of the browser, that sees the time of the last input. */
function openWindow(read = () => shared) {
  const watch = new IdleWatch({ now: () => now, read, write: (at) => void ((shared = at), writes++) });
  return { input: () => watch.input(), look: (limit = LIMIT, held = false) => watch.look(limit, held) };
}

/** The time goes on; what the looks on the way have said. */
function wait(ms: number, looks: () => boolean): boolean[] {
  const said: boolean[] = [];
  for (const end = now + ms; now < end; ) {
    now = Math.min(now + LOOK, end);
    said.push(looks());
  }
  return said;
}

beforeEach(() => {
  now = 1_000_000;
  shared = writes = 0;
});

describe('an agent', () => {
  it('is idle at the second look after the time, and not before', () => {
    const tab = openWindow();
    tab.input();
    expect(wait(LIMIT, () => tab.look())).not.toContain(true);
    expect(wait(LOOK, () => tab.look())).toEqual([true]);
    // And stays so: only an input ends it.
    expect(wait(LOOK, () => tab.look())).toEqual([true]);
    tab.input();
    expect(tab.look()).toBe(false);
  });

  it('is not idle from the beginning, though the last input was yesterday', () => {
    shared = 1;
    const tab = openWindow();
    expect(wait(LIMIT, () => tab.look())).not.toContain(true);
    expect(wait(LOOK, () => tab.look())).toEqual([true]);
  });

  it('is never idle where that is turned off', () => {
    const tab = openWindow();
    expect(wait(4 * LIMIT, () => tab.look(0))).not.toContain(true);
  });

  it('is not idle while something rings, and has two looks of time afterwards', () => {
    const tab = openWindow();
    expect(wait(2 * LIMIT, () => tab.look(LIMIT, true))).not.toContain(true);
    expect(wait(2 * LOOK, () => tab.look())).toEqual([false, true]);
  });

  it('is not idle while they use another window', () => {
    const [used, other] = [openWindow(), openWindow()];
    expect(wait(3 * LIMIT, () => (used.input(), other.look()))).not.toContain(true);
    // The window that was used and the other one agree on when it is over.
    expect(wait(LIMIT, () => used.look() || other.look())).not.toContain(true);
    expect(wait(LOOK, () => used.look() && other.look())).toEqual([true]);
  });

  it('is not idle for a window that slept and has yet to hear of the others', () => {
    let stale = true;
    const old = now;
    const used = openWindow();
    const slept = openWindow(() => (stale ? old : shared));
    now += 10 * LIMIT;
    used.input();
    // Its timer runs before the news arrive.
    expect(slept.look()).toBe(false);
    stale = false;
    expect(wait(LIMIT - LOOK, () => slept.look())).not.toContain(true);
  });

  it('is idle for a hidden window that may look but once a minute, and that does not change its mind', () => {
    const hidden = openWindow();
    hidden.input();
    const said: boolean[] = [];
    for (let minute = 0; minute < 8; minute++) {
      now += 60_000;
      said.push(hidden.look());
    }
    expect(said).toEqual([false, false, false, false, false, true, true, true]);
  });

  it('is not back by a look: only an input ends it, whatever another window has read', () => {
    const [early, late] = [openWindow(), openWindow()];
    early.input();
    now += TELL_MS - 1;
    // Not told: the other window counts from the input before.
    early.input();
    expect(writes).toBe(1);
    wait(LIMIT, () => late.look());
    expect(late.look()).toBe(true);
    now += LOOK;
    expect([early.look(), late.look()]).toEqual([false, true]);
    expect(early.look()).toBe(true);
  });

  it('tells the other windows no more often than they have to know', () => {
    const tab = openWindow();
    for (let i = 0; i < 100; i++) {
      now += TELL_MS / 10;
      tab.input();
    }
    expect(writes).toBe(10);
  });

  it('is idle in time after the clock was set back', () => {
    const tab = openWindow();
    now += 20 * LIMIT;
    tab.input();
    now -= 15 * LIMIT;
    expect(wait(LIMIT + LOOK, () => tab.look()).slice(0, -2)).not.toContain(true);
    expect(tab.look()).toBe(true);
    tab.input();
    expect(shared).toBe(now);
  });
});
