//! The limiter against tables, and against an exact log of what came.

use super::*;
use crate::core::{
    id::Entropy,
    time::{HOUR, SECOND},
};

fn request(key: &str, window_ms: u64, limit: u32) -> Request {
    Request { key: key.to_owned(), window_ms, limit }
}

#[test]
fn a_table_of_moments() {
    // 3 in 16 seconds: a slot is a second, so what came in second n is forgotten at n + 17.
    let table = [
        (0, 0),
        (900, 0),
        (1_500, 0),
        (1_500, 15_500), // the two of the first second leave at 17,000
        (16_999, 1),
        (17_000, 0),
        (17_000, 0),
        (17_000, 1_000), // the one of the second second leaves at 18,000
        (18_000, 0),
        (18_000, 16_000), // the two of second 17 leave at 34,000
    ];
    let mut limiter = Limiter::default();
    for (step, (at, wait)) in table.into_iter().enumerate() {
        let taken = limiter.take(&[request("a", 16_000, 3)], Timestamp(at));
        assert_eq!(taken.retry_after_ms, wait, "step {step} at {at}");
    }
}

#[test]
fn all_or_nothing() {
    let mut limiter = Limiter::default();
    let both = [request("address", 16_000, 5), request("site", 32_000, 1)];
    assert_eq!(limiter.take(&both, Timestamp(0)).retry_after_ms, 0);
    let before = limiter.clone();
    assert_eq!(limiter.take(&both, Timestamp(10)).retry_after_ms, 33_990, "the longest wait of all");
    assert_eq!(limiter, before, "the other one was not counted");
    let twice = [request("b", 1_000, 2), request("b", 1_000, 2)];
    assert_eq!(limiter.take(&twice, Timestamp(10)).retry_after_ms, 0);
    assert_ne!(limiter.take(&[request("b", 1_000, 2)], Timestamp(10)).retry_after_ms, 0, "one key twice counts twice");
    let more = [request("c", 1_000, 1), request("c", 1_000, 1)];
    assert_eq!(limiter.take(&more, Timestamp(10)).retry_after_ms, 1_000, "two at once never pass a limit of one");
    assert_eq!(limiter.take(&[request("d", 500, 0)], Timestamp(10)).retry_after_ms, 500);
    assert_eq!(limiter.take(&[], Timestamp(10)).retry_after_ms, 0);
}

#[test]
fn memory_is_bounded_and_the_earliest_to_end_goes_first() {
    let mut limiter = Limiter::with_capacity(100);
    limiter.take(&[request("long", 3_600_000, 1)], Timestamp(0));
    for key in 0..10_000 {
        limiter.take(&[request(&format!("k{key}"), 60_000, 1)], Timestamp(key));
        assert!(limiter.n_keys() <= 100);
        assert_eq!(limiter.n_keys(), limiter.ends.len());
    }
    assert_ne!(limiter.take(&[request("long", 3_600_000, 1)], Timestamp(10_000)).retry_after_ms, 0);
    assert_eq!(limiter.take(&[], Timestamp(2 * HOUR)).retry_after_ms, 0);
    assert_eq!(limiter.n_keys(), 0, "what has ended is dropped without being asked for");
}

#[test]
fn a_window_holds_at_most_one_slot_more_than_it_has_parts() {
    let mut limiter = Limiter::default();
    for at in 0..10_000 {
        limiter.take(&[request("a", 1_000, u32::MAX)], Timestamp(at));
        assert!(limiter.windows.values().all(|window| window.slots.len() as i64 <= SLOTS + 1));
    }
}

#[test]
fn absurd_windows_and_clocks() {
    let mut limiter = Limiter::default();
    assert_eq!(limiter.take(&[request("a", u64::MAX, 1)], Timestamp(i64::MAX)).retry_after_ms, 0);
    assert_eq!(limiter.take(&[request("b", 0, 1)], Timestamp(i64::MIN)).retry_after_ms, 0);
    let mut limiter = Limiter::default();
    let day = request("c", 60_000, 1);
    assert_eq!(limiter.take(std::slice::from_ref(&day), Timestamp(HOUR)).retry_after_ms, 0);
    let back = Timestamp(HOUR - 10 * SECOND);
    assert_ne!(limiter.take(std::slice::from_ref(&day), back).retry_after_ms, 0, "a small step back frees nothing");
    assert_eq!(limiter.take(&[day], Timestamp(0)).retry_after_ms, 0, "a great one does not lock anyone out");
}

/// Every request that was let through, with its time.
#[derive(Default)]
struct ExactLog(Vec<(Key, i64)>);

impl ExactLog {
    fn since(&self, key: &Key, after: i64, upto: i64) -> usize {
        self.0.iter().filter(|(other, at)| other == key && *at > after && *at <= upto).count()
    }
}

/// The stated error bound, over random traffic: `SEED=<n> cargo test --lib limiter` replays one.
#[test]
fn never_over_the_limit_and_at_most_one_slot_late() {
    let seeds = match std::env::var("SEED").ok().and_then(|text| text.parse::<u128>().ok()) {
        Some(seed) => vec![seed],
        None => (0..300).collect(),
    };
    for seed in seeds {
        let mut entropy = Entropy::new(seed);
        let kinds: Vec<Request> = (0..3)
            .map(|key| {
                let window_ms = 1 + entropy.next_u64() % 400;
                request(&format!("k{key}"), window_ms, (entropy.next_u64() % 6) as u32)
            })
            .collect();
        let (mut limiter, mut log, mut now) = (Limiter::default(), ExactLog::default(), 1_000_000);
        for step in 0..300 {
            now += (entropy.next_u64() % 40) as i64 * (entropy.next_u64() % 3) as i64;
            let wanted: Vec<Request> = kinds.iter().filter(|_| entropy.next_u64() & 1 == 0).cloned().collect();
            let before = limiter.clone();
            let wait = limiter.take(&wanted, Timestamp(now)).retry_after_ms as i64;
            let place = format!("SEED={seed} step {step}");
            let full = |slack: &dyn Fn(i64) -> i64| {
                wanted.iter().any(|request| {
                    let key = key_of(request);
                    let window = key.1 + slack(key.1);
                    log.since(&key, now - window, now) + 1 > request.limit as usize
                })
            };
            if wait == 0 {
                assert!(!full(&|_| 0), "{place}: over the limit of an exact window");
                log.0.extend(wanted.iter().map(|request| (key_of(request), now)));
            } else {
                assert!(full(&slot_ms), "{place}: refused, though one slot ago there was room");
                let mut held = before.clone();
                held.forget_ended(Timestamp(now));
                assert_eq!(limiter, held, "{place}: a refusal counted something");
                let never = wanted.iter().any(|request| request.limit == 0);
                let mut later = limiter.clone();
                let just_before = later.take(&wanted, Timestamp(now + wait - 1)).retry_after_ms;
                assert_ne!(just_before, 0, "{place}: could have come back earlier");
                let then = limiter.clone().take(&wanted, Timestamp(now + wait)).retry_after_ms;
                assert!(never || then == 0, "{place}: told to come back at a time that does not help");
            }
        }
    }
}

#[test]
fn only_counters_near_their_limit_keep_a_limiter_awake() {
    let mut limiter = Limiter::default();
    let one = [request("a", 64_000, 8)];
    assert_eq!(limiter.keep_ms(&one, Timestamp(0)), 0, "nothing is known of it");
    limiter.take(&one, Timestamp(0));
    assert_eq!(limiter.keep_ms(&one, Timestamp(0)), 0);
    limiter.take(&one, Timestamp(500));
    assert_eq!(limiter.keep_ms(&one, Timestamp(500)), 67_500, "two: until their slot has left the window");
    assert_eq!(limiter.keep_ms(&one, Timestamp(67_999)), 1);
    assert_eq!(limiter.keep_ms(&one, Timestamp(68_000)), 0);
    let long = [request("b", 24 * HOUR as u64, 9)];
    limiter.take(&long, Timestamp(0));
    limiter.take(&long, Timestamp(0));
    assert_eq!(limiter.keep_ms(&long, Timestamp(0)), LIMITER_KEEP_MAX as u64, "and not for a day");
}

/// Whoever asks a few times and waits until the object has slept, over and over, is let through hardly more often.
#[test]
fn pausing_until_a_limiter_sleeps_gains_little_whatever_the_window() {
    const ASLEEP_AFTER: i64 = 10 * SECOND;
    for (limit, window_ms) in [(60, 60 * SECOND), (60, 300 * SECOND), (100, 900 * SECOND)] {
        for at_once in 1..=limit {
            let (mut limiter, mut now, mut passed) = (Limiter::default(), 0, 0);
            let asked = [request("a", window_ms as u64, limit)];
            while now < HOUR {
                passed += (0..at_once).filter(|_| limiter.take(&asked, Timestamp(now)).retry_after_ms == 0).count();
                now += limiter.keep_ms(&asked, Timestamp(now)) as i64 + ASLEEP_AFTER;
                limiter = Limiter::default();
            }
            let allowed = i64::from(limit) * HOUR / window_ms;
            assert!(passed as i64 <= 3 * allowed + i64::from(limit), "{at_once}: {passed} of {allowed} in an hour");
        }
    }
}
