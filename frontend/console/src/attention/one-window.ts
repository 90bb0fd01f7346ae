// Of several windows of the console only one rings: the one that holds a lock of the browser.

export interface SoundLock {
  isHeld(): boolean;
  release(): void;
}

/** Waits for the lock in the background. Where the browser has none, every window rings. */
export function holdSoundLock(): SoundLock {
  if (!navigator.locks) return { isHeld: () => true, release: () => {} };
  let held = false;
  let release = () => {};
  const given = new AbortController();
  const until = new Promise<void>((resolve) => (release = resolve));
  navigator.locks
    .request('bellhop.console.sound', { signal: given.signal }, () => {
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
