//! Sliding-window limits over many keys, in memory only (INV-9: a limiter that wrote a row per request would be the
//! attack itself).
//!
//! A window is cut into [`SLOTS`] slots, and a slot's count is held until the whole slot has left the window. So the
//! error has one side and a bound: never are more than `limit` let through in any window, wherever it begins, and a
//! request is forgotten at most one slot (a sixteenth of the window) later than an exact log would forget it.
//!
//! The usual two counters with the earlier one weighted (as described by Cloudflare in "How we built rate limiting
//! capable of scaling to millions of domains", 2017) take less memory, but assume that the earlier window was filled
//! evenly: a burst at its end lets nearly twice the limit through, which is what a guesser of passwords would send. An
//! exact log needs a time per request. This needs at most 17 pairs of numbers per key, whatever the limit.
//!
//! It does not decide what is limited or by which numbers, and it does not survive its object: a limiter that has
//! just woken has forgotten. Its object stays awake while a client is near a limit ([`Limiter::keep_ms`]).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::{
    limits::{LIMITER_KEEP_MAX, LIMITER_KEYS, LIMITER_SLEEP, LIMITER_WINDOW_MAX},
    time::Timestamp,
};

/// Parts of a window; one of them is the error.
pub const SLOTS: i64 = 16;

/// One thing to be counted. The same key under another window is another counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What is counted, such as `sign_in/203.0.113.7`.
    pub key: String,
    /// Length of the window in milliseconds.
    pub window_ms: u64,
    /// How many are let through in any window.
    pub limit: u32,
}

/// The answer to a list of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// 0: all of them were counted. Else none was, and this is when all would pass if nobody else came.
    pub retry_after_ms: u64,
}

type Key = (String, i64);

/// Counters by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limiter {
    windows: BTreeMap<Key, Window>,
    /// When each counter will have forgotten everything; the earliest goes first when there are too many.
    ends: BTreeSet<(Timestamp, Key)>,
    max_keys: usize,
}

/// What came under one key, oldest slot first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Window {
    slots: VecDeque<Slot>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    start: Timestamp,
    count: u64,
}

impl Default for Limiter {
    fn default() -> Self {
        Limiter::with_capacity(LIMITER_KEYS)
    }
}

impl Limiter {
    /// Holds at most so many keys at once.
    pub fn with_capacity(max_keys: usize) -> Self {
        Limiter { windows: BTreeMap::new(), ends: BTreeSet::new(), max_keys }
    }

    /// Counts all of the requests, or none of them.
    pub fn take(&mut self, requests: &[Request], now: Timestamp) -> Taken {
        self.forget_ended(now);
        let keys: Vec<Key> = requests.iter().map(key_of).collect();
        let waits = requests.iter().zip(&keys).enumerate().map(|(place, (request, key))| {
            let wanted = keys.iter().take(place + 1).filter(|other| *other == key).count() as u64;
            let none = Window::default();
            self.windows.get(key).unwrap_or(&none).wait_ms(wanted, u64::from(request.limit), key.1, now)
        });
        let retry_after_ms = waits.max().unwrap_or(0);
        if retry_after_ms == 0 {
            for key in keys {
                self.count(key, now);
            }
        }
        Taken { retry_after_ms }
    }

    /// For how many milliseconds these keys must not be forgotten: as long as a counter lasts that has more than its limit allows in
    /// [`LIMITER_SLEEP`], so that pausing until a Limiter has gone to sleep gains next to nothing. 0 for who asks
    /// once, and where a window is short for nearly everybody; where it is a quarter of an hour, two requests are enough.
    pub fn keep_ms(&self, requests: &[Request], now: Timestamp) -> u64 {
        let keep = |request: &Request| {
            let key = key_of(request);
            let window = self.windows.get(&key)?;
            let used = window.used(key.1, now);
            let is_near =
                used > 1 && used.saturating_mul(request.window_ms) >= u64::from(request.limit) * LIMITER_SLEEP;
            let left = window.end(key.1)?.since(now).clamp(0, LIMITER_KEEP_MAX);
            is_near.then_some(u64::try_from(left).unwrap_or(0))
        };
        requests.iter().filter_map(keep).max().unwrap_or(0)
    }

    /// How many keys are held.
    pub fn n_keys(&self) -> usize {
        self.windows.len()
    }

    fn count(&mut self, key: Key, now: Timestamp) {
        let window_ms = key.1;
        let window = self.windows.entry(key.clone()).or_default();
        if let Some(end) = window.end(window_ms) {
            self.ends.remove(&(end, key.clone()));
        }
        window.count(window_ms, now);
        if let Some(end) = window.end(window_ms) {
            self.ends.insert((end, key));
        }
        while self.windows.len() > self.max_keys {
            self.drop_first();
        }
    }

    fn forget_ended(&mut self, now: Timestamp) {
        while self.ends.first().is_some_and(|(end, _)| *end <= now) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, key)) = self.ends.pop_first() {
            self.windows.remove(&key);
        }
    }
}

impl Window {
    fn used(&self, window_ms: i64, now: Timestamp) -> u64 {
        self.slots.iter().filter(|slot| slot.holds(window_ms, now)).map(|slot| slot.count).sum()
    }

    /// Milliseconds until `wanted` more would pass; 0: now.
    fn wait_ms(&self, wanted: u64, limit: u64, window_ms: i64, now: Timestamp) -> u64 {
        let held = || self.slots.iter().filter(|slot| slot.holds(window_ms, now));
        let mut used: u64 = held().map(|slot| slot.count).sum();
        if used + wanted <= limit {
            return 0;
        }
        for slot in held() {
            used -= slot.count;
            if used + wanted <= limit {
                return u64::try_from(slot.end(window_ms).since(now)).unwrap_or(1).max(1);
            }
        }
        // More than the limit at once never passes; whoever asks again after a window at least does no harm.
        u64::try_from(window_ms).unwrap_or(1)
    }

    fn count(&mut self, window_ms: i64, now: Timestamp) {
        self.slots.retain(|slot| slot.holds(window_ms, now));
        let width = slot_ms(window_ms);
        let start = Timestamp(now.0.div_euclid(width).saturating_mul(width));
        match self.slots.back_mut() {
            // A clock that went back a little counts where it was.
            Some(last) if last.start >= start => last.count += 1,
            Some(_) | None => self.slots.push_back(Slot { start, count: 1 }),
        }
    }

    fn end(&self, window_ms: i64) -> Option<Timestamp> {
        self.slots.back().map(|slot| slot.end(window_ms))
    }
}

impl Slot {
    /// When the last request that can be in it has left the window.
    fn end(self, window_ms: i64) -> Timestamp {
        self.start.plus(slot_ms(window_ms)).plus(window_ms)
    }

    /// Still counts. One from further ahead than a window was counted by a clock that has been put back since.
    fn holds(self, window_ms: i64, now: Timestamp) -> bool {
        self.end(window_ms) > now && self.start.since(now) <= window_ms
    }
}

fn key_of(request: &Request) -> Key {
    let window_ms = i64::try_from(request.window_ms).unwrap_or(LIMITER_WINDOW_MAX).clamp(1, LIMITER_WINDOW_MAX);
    (request.key.clone(), window_ms)
}

fn slot_ms(window_ms: i64) -> i64 {
    (window_ms + SLOTS - 1) / SLOTS
}

#[cfg(test)]
mod tests;
