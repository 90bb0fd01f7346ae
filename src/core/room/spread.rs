//! When a Room tells what is new: after the delay on average, and not in one instant with all others.

use crate::core::time::Timestamp;

/// 2^32 / φ, which scatters neighbours (Knuth, The Art of Computer Programming, 6.4).
const SCATTER: i64 = 2_654_435_761;

/// How long to gather what begins now, in milliseconds: `delay` on average, at most a quarter of it more or less.
///
/// Rooms with the same delay that have once told in the same instant would do so for ever, and hold up every message of the
/// process for as long as that takes. What tells them apart is the millisecond in which each has something new. The longer
/// they gather, the more each has to tell: so the time over which they spread grows with the delay.
pub fn spread(now: Timestamp, delay: i64) -> i64 {
    let range = range(delay);
    delay - range / 2 + now.0.wrapping_mul(SCATTER).rem_euclid(range.max(1))
}

/// The longest that [`spread`] gives.
pub fn latest(delay: i64) -> i64 {
    delay + range(delay) / 2
}

fn range(delay: i64) -> i64 {
    delay / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_that_began_together_tell_one_after_the_other() {
        // A hundred Rooms that a stall has put into the same tenth of a second.
        let mut due: Vec<i64> = (0..100).map(|at| at + spread(Timestamp(1_800_000_000_000 + at), 1_000)).collect();
        due.sort_unstable();
        let crowded = due.iter().map(|first| due.iter().filter(|at| (0..50).contains(&(*at - first))).count()).max();
        assert!(crowded < Some(20), "{crowded:?} of 100 within 50 ms");
    }

    #[test]
    fn what_was_gathered_for_longer_is_told_over_a_longer_time() {
        // A hundred Rooms that began within a second, as all do after a restart.
        let mut due: Vec<i64> =
            (0..100).map(|at| at * 10 + spread(Timestamp(1_800_000_000_000 + at * 10), 120_000)).collect();
        due.sort_unstable();
        let crowded = due.iter().map(|first| due.iter().filter(|at| (0..1_000).contains(&(*at - first))).count()).max();
        assert!(crowded <= Some(5), "{crowded:?} of 100 within a second");
    }

    #[test]
    fn the_delay_holds_on_average_and_within_bounds() {
        for delay in [0, 1, 2, 1_000, 120_000] {
            let waits: Vec<i64> = (0..10_000).map(|at| spread(Timestamp(at * 7 - 500), delay)).collect();
            let mean = waits.iter().sum::<i64>() / 10_000;
            assert!((mean - delay).abs() <= delay / 200, "{mean} for {delay}");
            assert!(waits.iter().all(|wait| (wait - delay).abs() <= delay / 4 && *wait <= latest(delay)), "{delay}");
        }
    }
}
