//! When a Room tells what is new: after the delay on average, and not in one instant with all others.

use crate::core::time::Timestamp;

/// Milliseconds over which Rooms that are busy at the same time spread what they tell.
pub const SPREAD: i64 = 500;

/// 2^32 / φ, which scatters neighbours (Knuth, The Art of Computer Programming, 6.4).
const SCATTER: i64 = 2_654_435_761;

/// How long to gather what begins now, in milliseconds: `delay` on average, at most [`SPREAD`] / 2 more or less.
///
/// Rooms with the same delay that have once told in the same instant would do so for ever, and hold up every message of the
/// process for as long as that takes. What tells them apart is the millisecond in which each has something new.
pub fn spread(now: Timestamp, delay: i64) -> i64 {
    let range = SPREAD.min(delay / 2);
    delay - range / 2 + now.0.wrapping_mul(SCATTER).rem_euclid(range.max(1))
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
    fn the_delay_holds_on_average_and_within_bounds() {
        for delay in [0, 1, 2, 1_000, 120_000] {
            let waits: Vec<i64> = (0..10_000).map(|at| spread(Timestamp(at * 7 - 500), delay)).collect();
            let mean = waits.iter().sum::<i64>() / 10_000;
            assert!((mean - delay).abs() <= 5, "{mean} for {delay}");
            assert!(waits.iter().all(|wait| (wait - delay).abs() <= (SPREAD / 2).min(delay)), "{delay}");
        }
    }
}
