//! How soon a Room may speak again of what nobody waits for.
//!
//! Each answer to a notice gives the next free place in a row, the first one a second from now. The first ten seconds
//! have a place every 100 ms, what lies behind them one every 5 ms. So ten busy Rooms speak every second; a hundred every
//! ten seconds, because a notice costs as much as two messages, and nobody reads a hundred previews a second; 8,000 every
//! 40 s. At most 200 a second are ever asked for, and nothing is counted per Room.

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
        let rate = if self.last.since(now) < unhurried { per_second } else { NOTICES_PER_SECOND };
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

    /// 8,000 Rooms that all have something to say whenever they may.
    #[test]
    fn eight_thousand_busy_rooms_speak_every_forty_seconds() {
        let settled = told(8_000);
        let busiest = (1..300).map(|second| settled.iter().filter(|at| **at / 1_000 == second).count()).max();
        assert!(busiest.is_some_and(|most| most <= 201), "{busiest:?} in a second");
        let later = settled.iter().filter(|at| (100_000..140_000).contains(*at)).count();
        assert!((7_900..=8_100).contains(&later), "{later} in 40 s: everyone is heard once");
    }
}
