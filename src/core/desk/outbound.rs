//! Words to Rooms that are repeated until they are confirmed, so many at a time.
//!
//! For one key one call is under way at most, so a later word can't be overtaken by an earlier one. A call that never
//! comes back is given up after a while and tried again.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    backoff::Backoff,
    id::ConversationId,
    limits::{BACKOFF, CALLS_AT_ONCE},
    time::Timestamp,
};

/// What is told: about whom, to which Room. An assignment is about nobody else: one type for both, so that the maps below are
/// there once.
pub type Word = (String, ConversationId);

/// The assignment of a conversation.
pub fn order_of(conversation: &ConversationId) -> Word {
    (String::new(), conversation.clone())
}

#[derive(Debug)]
enum State {
    Queued(Timestamp),
    /// And when it is given up.
    UnderWay(Timestamp),
}

#[derive(Debug)]
struct Item {
    state: State,
    backoff: Backoff,
}

/// What is yet to be confirmed, by key.
#[derive(Debug)]
pub struct Outbound<K: Ord + Clone> {
    /// How long a call may take, in milliseconds.
    patience: i64,
    items: BTreeMap<K, Item>,
    queue: BTreeSet<(Timestamp, K)>,
    under_way: BTreeSet<K>,
}

impl<K: Ord + Clone> Outbound<K> {
    /// With nothing to tell. A call that takes longer than `patience` is given up.
    pub fn new(patience: i64) -> Self {
        Outbound { patience, items: BTreeMap::new(), queue: BTreeSet::new(), under_way: BTreeSet::new() }
    }

    /// There is something to tell from `due` on. If a call is under way, its end will show whether that was enough.
    pub fn want(&mut self, key: K, due: Timestamp) {
        if !self.under_way.contains(&key) {
            self.put(key, due, Backoff::default());
        }
    }

    /// The next thing to tell, taken as being under way.
    pub fn next(&mut self, now: Timestamp) -> Option<K> {
        if self.under_way.len() >= CALLS_AT_ONCE {
            return None;
        }
        let (due, key) = self.queue.first().cloned()?;
        if due > now {
            return None;
        }
        self.queue.remove(&(due, key.clone()));
        if let Some(item) = self.items.get_mut(&key) {
            item.state = State::UnderWay(now.plus(self.patience));
        }
        self.under_way.insert(key.clone());
        Some(key)
    }

    /// Confirmed: nothing is left to tell.
    pub fn done(&mut self, key: &K) {
        self.take(key);
    }

    /// A call came back and there is more to tell at once.
    pub fn again(&mut self, key: &K, now: Timestamp) {
        if self.take(key).is_some() {
            self.put(key.clone(), now, Backoff::default());
        }
    }

    /// A call failed.
    pub fn later(&mut self, key: &K, now: Timestamp) {
        if let Some(mut backoff) = self.take(key) {
            let due = now.plus(backoff.next_ms());
            self.put(key.clone(), due, backoff);
        }
    }

    /// Gives up what has been under way for too long. What a clock that was ahead has planned is due now: nothing waits longer than
    /// the last wait between two tries.
    pub fn give_up(&mut self, now: Timestamp) {
        let (patience, (_, longest)) = (self.patience, BACKOFF);
        let is_over = |end: Timestamp| end <= now || end.since(now) > patience;
        let planned = self.queue.iter().rev().take_while(|(due, _)| due.since(now) > longest);
        for key in planned.map(|(_, key)| key.clone()).collect::<Vec<K>>() {
            self.again(&key, now);
        }
        let hung: Vec<K> = self
            .under_way
            .iter()
            .filter(
                |key| matches!(self.items.get(key), Some(Item { state: State::UnderWay(end), .. }) if is_over(*end)),
            )
            .cloned()
            .collect();
        for key in hung {
            self.later(&key, now);
        }
    }

    /// When something is to be told or given up.
    pub fn due(&self) -> Option<Timestamp> {
        let queued = self.queue.first().map(|(due, _)| *due).filter(|_| self.under_way.len() < CALLS_AT_ONCE);
        let ends = self.under_way.iter().filter_map(|key| match self.items.get(key)?.state {
            State::UnderWay(end) => Some(end),
            State::Queued(_) => None,
        });
        ends.chain(queued).min()
    }

    /// How many are yet to be confirmed.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Everything is confirmed.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn put(&mut self, key: K, due: Timestamp, backoff: Backoff) {
        self.take(&key);
        self.queue.insert((due, key.clone()));
        self.items.insert(key, Item { state: State::Queued(due), backoff });
    }

    fn take(&mut self, key: &K) -> Option<Backoff> {
        let item = self.items.remove(key)?;
        self.under_way.remove(key);
        if let State::Queued(due) = item.state {
            self.queue.remove(&(due, key.clone()));
        }
        Some(item.backoff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: i64 = 7_000;

    #[test]
    fn repeated_until_confirmed() {
        let mut outbound = Outbound::new(PATIENCE);
        outbound.want("a", Timestamp(5));
        assert_eq!((outbound.next(Timestamp(4)), outbound.due()), (None, Some(Timestamp(5))));
        assert_eq!(outbound.next(Timestamp(5)), Some("a"));
        assert_eq!(outbound.next(Timestamp(5)), None, "one call at a time");
        outbound.want("a", Timestamp(6));
        assert_eq!(outbound.next(Timestamp(6)), None, "also when there is more to tell");
        outbound.later(&"a", Timestamp(10));
        assert_eq!(outbound.due(), Some(Timestamp(10 + BACKOFF.0)));
        assert_eq!(outbound.next(Timestamp(10 + BACKOFF.0)), Some("a"));
        outbound.give_up(Timestamp(10 + BACKOFF.0 + PATIENCE - 1));
        assert_eq!(outbound.due(), Some(Timestamp(10 + BACKOFF.0 + PATIENCE)));
        outbound.give_up(Timestamp(10 + BACKOFF.0 + PATIENCE));
        assert_eq!(outbound.due(), Some(Timestamp(10 + 3 * BACKOFF.0 + PATIENCE)), "waits double");
        outbound.done(&"a");
        assert_eq!((outbound.due(), outbound.len()), (None, 0));
        outbound.later(&"a", Timestamp(0));
        assert!(outbound.is_empty(), "a late answer brings nothing back");
    }

    #[test]
    fn a_clock_that_was_ahead_delays_nothing_for_long() {
        let ahead = Timestamp(3_600_000);
        let mut outbound = Outbound::new(PATIENCE);
        outbound.want("queued", ahead);
        outbound.want("under way", ahead);
        assert_eq!(outbound.next(ahead), Some("queued"));
        outbound.later(&"queued", ahead);
        assert_eq!(outbound.next(ahead), Some("under way"));
        outbound.give_up(Timestamp(0));
        assert_eq!(outbound.next(Timestamp(0)), Some("queued"));
        assert_eq!(outbound.due(), Some(Timestamp(BACKOFF.0)), "and the other is tried again");
    }

    #[test]
    fn so_many_at_a_time() {
        let mut outbound = Outbound::new(PATIENCE);
        for key in 0..1_000 {
            outbound.want(key, Timestamp(0));
        }
        let mut told: Vec<i32> = std::iter::from_fn(|| outbound.next(Timestamp(0))).collect();
        assert_eq!(told.len(), CALLS_AT_ONCE);
        while let Some(key) = told.pop() {
            outbound.done(&key);
            told.extend(outbound.next(Timestamp(0)));
        }
        assert!(outbound.is_empty());
    }
}
