// Seeded chance, so that a run's decisions can be drawn again. (What the machine does in between cannot.)
export function chance(seed) {
  let state = seed >>> 0 || 1;
  const unit = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(unit() * n);
  return { unit, below, one: (list) => list[below(list.length)], hit: (share) => unit() < share };
}
