// How long ago something was, by a clock that computers set forward and back: what lies ahead of it is old.

/** Whether less than `ms` have passed since `at`. */
export function isRecent(at: number, ms: number): boolean {
  const age = Date.now() - at;
  return age >= 0 && age < ms;
}
