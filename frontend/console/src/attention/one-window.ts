// What the windows of a browser have to agree on when they call an agent: only one rings, and none does for what the agent
// looks at in another one. Both are locks of the browser: whatever becomes of a window, its locks go with it.

export interface SoundLock {
  isHeld(): boolean;
  release(): void;
}

const SOUND = 'bellhop.console.sound';
const LOOKS = 'bellhop.console.looks.';

/** Waits for a lock in the background. Where the browser has none, every window thinks that it holds it. */
function hold(name: string, mode: LockMode): SoundLock {
  if (!navigator.locks) return { isHeld: () => true, release: () => {} };
  let held = false;
  let release = () => {};
  const given = new AbortController();
  const until = new Promise<void>((resolve) => (release = resolve));
  navigator.locks
    .request(name, { mode, signal: given.signal }, () => {
      held = true;
      return until;
    })
    .catch(() => {
      // Released before the lock was given.
    });
  return {
    isHeld: () => held,
    release: () => {
      given.abort();
      release();
    },
  };
}

/** Waits for the right to ring. */
export function holdSoundLock(): SoundLock {
  return hold(SOUND, 'exclusive');
}

/** Says that somebody looks at this conversation here, until what this returns is called. */
export function holdLook(conversation: string): () => void {
  return hold(LOOKS + conversation, 'shared').release;
}

/** Whether somebody looks at this conversation, in whatever window. */
export async function isLookedAt(conversation: string): Promise<boolean> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === LOOKS + conversation);
}
