//! How soon a Room may speak again of what nobody waits for.
//!
//! Each answer to a notice gives the next free place in a row of places 5 ms apart, the first one a second from now: so
//! at most 200 previews a second are asked for, whatever the number of Rooms. 100 busy Rooms speak every second, 8,000
//! of them every 40 s (design section 3), without anything being counted per Room.

use crate::core::{
    limits::{NOTICE_INTERVAL, NOTICE_INTERVAL_MAX, NOTICES_PER_SECOND},
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
        let free = self.last.plus(SECOND / NOTICES_PER_SECOND);
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
            assert_eq!(pace.next_ms(Timestamp(1_000_000 + step * 5)), 1_000, "200 a second are calm");
        }
        assert!(pace.next_ms(Timestamp(900_000)) <= 60_000, "a clock that was put back");
    }

    /// 8,000 Rooms that all have something to say whenever they may.
    #[test]
    fn eight_thousand_busy_rooms_speak_every_forty_seconds() {
        let mut pace = Pace::default();
        let mut queue: std::collections::BTreeSet<(i64, usize)> = (0..8_000).map(|room| (0, room)).collect();
        let mut told = Vec::new();
        while let Some((at, room)) = queue.pop_first() {
            if at > 300_000 {
                break;
            }
            told.push(at);
            queue.insert((at + pace.next_ms(Timestamp(at)) as i64, room));
        }
        let settled: Vec<i64> = told.into_iter().filter(|at| *at > 0).collect();
        let busiest = (1..300).map(|second| settled.iter().filter(|at| **at / 1_000 == second).count()).max();
        assert!(busiest.is_some_and(|most| most <= 201), "{busiest:?} in a second");
        let later = settled.iter().filter(|at| (100_000..140_000).contains(*at)).count();
        assert!((7_900..=8_100).contains(&later), "{later} in 40 s: everyone is heard once");
    }
}
