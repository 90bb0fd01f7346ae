// What the windows of a browser have to agree on when they call an agent: only one rings, and none does for what the agent
// looks at in another one. Both are locks of the browser: whatever becomes of a window, its locks go with it.

interface Lock {
  isHeld(): boolean;
  release(): void;
}

const SOUND = 'bellhop.console.sound';
const UNTOUCHED = 'bellhop.console.sound.untouched';
const LOOKS = 'bellhop.console.looks.';

/** Waits for a lock in the background. Where the browser has none, every window thinks that it holds it. */
function hold(name: string, mode: LockMode): Lock {
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

async function isHeldAnywhere(name: string): Promise<boolean> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some((lock) => lock.name === name);
}

export interface RingLock {
  mayRing(): Promise<boolean>;
  release(): void;
}

/** Waits for the right to ring. Of the windows that nobody has touched, which most browsers keep silent, one has it while no other has. */
export function holdRing(isTouched: boolean): RingLock {
  const { isHeld, release } = hold(isTouched ? SOUND : UNTOUCHED, 'exclusive');
  return { mayRing: async () => isHeld() && (isTouched || !(await isHeldAnywhere(SOUND))), release };
}

/** Says that somebody looks at this conversation here, until what this returns is called. */
export function holdLook(conversation: string): () => void {
  return hold(LOOKS + conversation, 'shared').release;
}

/** Whether somebody looks at this conversation, in whatever window. */
export function isLookedAt(conversation: string): Promise<boolean> {
  return isHeldAnywhere(LOOKS + conversation);
}
