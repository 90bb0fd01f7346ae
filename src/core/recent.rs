//! The few things that were used last, by a key.

use std::borrow::Borrow;

/// At most so many, and so heavy together; whichever was used longest ago gives way.
#[derive(Debug)]
pub struct Recent<K, V> {
    most: usize,
    heaviest: usize,
    /// The last one used is the last one here; with what each weighs.
    kept: Vec<(K, V, usize)>,
}

impl<K: PartialEq, V> Recent<K, V> {
    /// Nothing yet.
    pub const fn new(most: usize) -> Self {
        Recent { most, heaviest: usize::MAX, kept: Vec::new() }
    }

    /// Nothing yet; for things that have a weight.
    pub const fn weighed(most: usize, heaviest: usize) -> Self {
        Recent { most, heaviest, kept: Vec::new() }
    }

    /// One of them, used now.
    pub fn get<Q: PartialEq + ?Sized>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.kept.iter().position(|(kept, ..)| kept.borrow() == key)?;
        let used = self.kept.remove(at);
        self.kept.push(used);
        self.kept.last().map(|(_, value, _)| value)
    }

    /// Another one, or the same key with another value.
    pub fn put(&mut self, key: K, value: V) {
        self.put_weighing(key, value, 0);
    }

    /// The same of one that weighs so much. It stays however heavy it is: it is in use.
    pub fn put_weighing(&mut self, key: K, value: V, weight: usize) {
        self.kept.retain(|(kept, ..)| *kept != key);
        self.kept.push((key, value, weight));
        let (mut number, mut heavy) = (0_usize, 0_usize);
        let stay = self.kept.iter().rev().take_while(|(.., weight)| {
            number += 1;
            heavy = heavy.saturating_add(*weight);
            number == 1 || number <= self.most && heavy <= self.heaviest
        });
        let stay = stay.count();
        self.kept.drain(..self.kept.len().saturating_sub(stay));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::id::Entropy;

    #[test]
    fn random_uses_match_a_list_with_times() {
        for seed in 0..100 {
            let mut random = Entropy::new(seed);
            let mut recent = Recent::new(4);
            let mut model: Vec<(u64, u64, u64)> = Vec::new();
            for time in 0..200 {
                let key = random.next_u64() % 8;
                if random.next_u64() % 2 == 0 {
                    recent.put(key, time);
                    model.retain(|(kept, ..)| *kept != key);
                    if model.len() == 4 {
                        let oldest = model.iter().map(|(.., used)| *used).min().unwrap();
                        model.retain(|(.., used)| *used != oldest);
                    }
                    model.push((key, time, time));
                } else {
                    let found = model.iter_mut().find(|(kept, ..)| *kept == key).map(|(_, value, used)| {
                        *used = time;
                        *value
                    });
                    assert_eq!(recent.get(&key).copied(), found, "seed {seed}, time {time}");
                }
            }
        }
    }

    /// Whichever was used longest ago gives way until the rest is light enough; the newest stays however heavy it is.
    #[test]
    fn heavy_ones_give_way_by_their_weight() {
        let mut recent = Recent::weighed(3, 10);
        let mut kept = |key: u64, weight: usize| {
            recent.put_weighing(key, (), weight);
            recent.kept.iter().map(|(key, ..)| *key).collect::<Vec<_>>()
        };
        assert_eq!(kept(1, 4), [1]);
        assert_eq!(kept(2, 4), [1, 2]);
        assert_eq!(kept(3, 2), [1, 2, 3], "at the edge");
        assert_eq!(kept(4, 1), [2, 3, 4], "their number");
        assert_eq!(kept(2, 4), [3, 4, 2], "the same one counts once");
        assert_eq!(kept(5, 6), [2, 5]);
        assert_eq!(kept(6, 99), [6]);
        assert_eq!(kept(7, 0), [7]);
        assert!(recent.get(&7).is_some() && recent.get(&6).is_none());
    }
}
