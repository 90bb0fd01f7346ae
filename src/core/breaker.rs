//! A circuit breaker: who has failed often in a row is left alone for a while.

use super::{
    limits::{BREAKER_FAILURES, BREAKER_HOSTS, BREAKER_PAUSE},
    recent::Recent,
    time::Timestamp,
};

/// How the hosts did that were called last.
#[derive(Debug)]
pub struct Breaker(Recent<String, Row>);

/// Failures in a row, and when the last of them was.
#[derive(Debug, Clone, Copy)]
struct Row {
    failures: u8,
    at: Timestamp,
}

impl Breaker {
    /// Nobody has failed yet.
    pub const fn empty() -> Self {
        Breaker(Recent::new(BREAKER_HOSTS))
    }

    /// Whether a host may be called. After the pause it may; if it fails again, the next pause begins at once.
    pub fn allows(&mut self, host: &str, now: Timestamp) -> bool {
        // A clock that went back ends a pause.
        let rests = |row: &Row| row.failures >= BREAKER_FAILURES && (0..BREAKER_PAUSE).contains(&now.since(row.at));
        !self.row(host).is_some_and(|row| rests(&row))
    }

    /// It was called.
    pub fn called(&mut self, host: &str, has_worked: bool, now: Timestamp) {
        let failures = self.row(host).map_or(0, |row| row.failures);
        if !has_worked || failures > 0 {
            let failures = if has_worked { 0 } else { failures.saturating_add(1) };
            self.0.put(host.to_owned(), Row { failures, at: now });
        }
    }

    fn row(&mut self, host: &str) -> Option<Row> {
        self.0.get(host).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::core::{
        bot::consult::{Ended, Stream},
        id::Entropy,
        time::SECOND,
    };

    const START: Timestamp = Timestamp(1_000_000);

    /// `x`: fails, `o`: works, each a second after the other; then a call so many seconds later.
    #[test]
    fn five_in_a_row_are_left_alone() {
        let table = [
            ("", 0, true),
            ("xxxx", 0, true),
            ("xxxxx", 0, false),
            ("xxxxx", 28, false),
            ("xxxxx", 29, true),
            ("xxxxox", 0, true),
            ("xxoxxxx", 0, true),
            ("oxxxxx", 0, false),
            ("xxxxxo", 0, true),
            ("xxxxxx", 28, false),
            ("xxxxx", -10, true),
        ];
        for (story, later, allowed) in table {
            let mut breaker = Breaker::empty();
            let mut now = START;
            for letter in story.chars() {
                breaker.called("a", letter == 'o', now);
                now = now.plus(SECOND);
            }
            assert_eq!(breaker.allows("a", now.plus(later * SECOND)), allowed, "{story} {later}");
            assert!(breaker.allows("b", now), "another host");
        }
        let mut breaker = Breaker::empty();
        for number in 0..5 {
            breaker.called("a", false, START.plus(number));
        }
        assert!(breaker.allows("a", START.plus(40 * SECOND)));
        breaker.called("a", false, START.plus(40 * SECOND));
        assert!(!breaker.allows("a", START.plus(69 * SECOND)), "at once");
    }

    #[test]
    fn random_calls_match_a_list() {
        for seed in 0..200 {
            let mut random = Entropy::new(seed);
            let mut below = |most: u64| random.next_u64() % most;
            let (mut breaker, mut model) = (Breaker::empty(), BTreeMap::<u64, Vec<(bool, Timestamp)>>::new());
            let mut now = START;
            for _ in 0..300 {
                now = now.plus(below(12 * SECOND as u64) as i64);
                let host = below(3);
                let calls = model.entry(host).or_default();
                let failures = calls.iter().rev().take_while(|(has_worked, _)| !has_worked).count();
                let last = calls.last().map_or(Timestamp(0), |(_, at)| *at);
                let allowed = failures < 5 || now.since(last) >= 30 * SECOND;
                assert_eq!(breaker.allows(&host.to_string(), now), allowed, "seed {seed}");
                if allowed {
                    let has_worked = below(4) == 0;
                    breaker.called(&host.to_string(), has_worked, now);
                    calls.push((has_worked, now));
                }
            }
        }
    }

    #[test]
    fn it_remembers_no_more_than_it_may() {
        let mut breaker = Breaker::empty();
        for host in 0..10_000 {
            breaker.called(&host.to_string(), false, START);
        }
        for _ in 0..5 {
            breaker.called("9999", false, START);
        }
        assert!(!breaker.allows("9999", START));
        assert!(breaker.allows("0", START));
    }

    /// Who has written is well, however it ended; who is not wanted any more has done nothing, good or bad.
    #[test]
    fn what_nobody_wants_any_more_says_nothing_of_its_host() {
        let mut breaker = Breaker::empty();
        let mut after = |ended: Ended| {
            if let Some(is_well) = ended.is_well() {
                breaker.called("a", is_well, Timestamp(1_000));
            }
            breaker.allows("a", Timestamp(1_000))
        };
        for _ in 0..4 {
            assert!(after(Ended::Nothing));
        }
        assert!(after(Ended::Unwanted));
        assert!(!after(Ended::Nothing), "the fifth in a row");
        assert!(!after(Ended::Unwanted));
        assert!(after(Ended::CutOff));
        assert_eq!(Ended::Whole.is_well(), Some(true));
        // A filter's cut is of what was asked, as its refusal is.
        for (reason, is_well) in
            [("content_filter", None), ("SENSITIVE", None), ("length", Some(false)), ("stop", Some(false))]
        {
            let event = format!("data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]}}\n\n");
            let progress = Stream::default().take(event.as_bytes());
            let mut closed = Stream::default();
            closed.take(event.trim_end().as_bytes());
            assert_eq!(closed.close(), progress, "{reason}, and nothing behind it");
            assert_eq!(Ended::of(progress, false).is_well(), is_well, "{reason}");
            assert_eq!(Ended::of(progress, true).is_well(), Some(true), "{reason}");
        }
    }
}
