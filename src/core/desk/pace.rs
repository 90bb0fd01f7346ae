//! How soon a Room may speak again of what nobody waits for.
//!
//! Each answer to a notice gives the next free place in a row, the first one a second from now. The first ten seconds
//! have a place every 100 ms; behind them places come closer, to one every 5 ms from the twentieth second on. So ten busy
//! Rooms speak every second; a hundred every ten seconds, because a notice costs as much as two messages, and nobody reads a
//! hundred previews a second; 8,000 every 40 s. At most 200 a second are ever asked for, and nothing is counted per Room.

use crate::core::{
    limits::{NOTICE_INTERVAL, NOTICE_INTERVAL_MAX, NOTICES_PER_SECOND, NOTICES_UNHURRIED},
    time::{SECOND, Timestamp},
};

/// The last place that was given.
#[derive(Debug, Default)]
pub struct Pace {
    last: Timestamp,
}

impl Pace {
    /// Gives a place, as milliseconds from now.
    pub fn next_ms(&mut self, now: Timestamp) -> u64 {
        let (unhurried, per_second) = NOTICES_UNHURRIED;
        let beyond = (self.last.since(now) - unhurried).clamp(0, unhurried);
        let rate = per_second + (NOTICES_PER_SECOND - per_second) * beyond / unhurried;
        let free = self.last.plus(SECOND / rate);
        // The upper bound also holds when the clock has been put back.
        self.last = free.max(now.plus(NOTICE_INTERVAL)).min(now.plus(NOTICE_INTERVAL_MAX));
        u64::try_from(self.last.since(now)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calm_and_busy() {
        let mut pace = Pace::default();
        for step in 0..100 {
            assert_eq!(pace.next_ms(Timestamp(1_000_000 + step * 100)), 1_000, "10 a second are calm");
        }
        assert!(pace.next_ms(Timestamp(900_000)) <= 60_000, "a clock that was put back");
    }

    /// When each of so many Rooms speaks, if all have something to say whenever they may.
    fn told(rooms: usize) -> Vec<i64> {
        let mut pace = Pace::default();
        let mut queue: std::collections::BTreeSet<(i64, usize)> = (0..rooms).map(|room| (0, room)).collect();
        let mut told = Vec::new();
        while let Some((at, room)) = queue.pop_first() {
            if at > 300_000 {
                break;
            }
            told.push(at);
            queue.insert((at + pace.next_ms(Timestamp(at)) as i64, room));
        }
        told.into_iter().filter(|at| *at > 0).collect()
    }

    #[test]
    fn a_hundred_busy_rooms_speak_every_ten_seconds() {
        let later = told(100).iter().filter(|at| (100_000..150_000).contains(*at)).count();
        assert!((490..=510).contains(&later), "{later} in 50 s");
    }

    /// How many spoke in the second that was the busiest, of those from `first` on.
    fn busiest(told: &[i64], first: i64) -> usize {
        (first..300).map(|second| told.iter().filter(|at| **at / 1_000 == second).count()).max().unwrap_or(0)
    }

    #[test]
    fn two_hundred_speak_at_no_moment_all_together() {
        let most = busiest(&told(200), 30);
        assert!(most <= 70, "{most} in a second");
    }

    #[test]
    fn eight_thousand_busy_rooms_speak_every_forty_seconds() {
        let settled = told(8_000);
        let most = busiest(&settled, 1);
        assert!(most <= 201, "{most} in a second");
        let later = settled.iter().filter(|at| (100_000..140_000).contains(*at)).count();
        assert!((7_900..=8_100).contains(&later), "{later} in 40 s: everyone is heard once");
    }
}
