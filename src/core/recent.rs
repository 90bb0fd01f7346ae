//! The few things that were used last, by a key.

use std::borrow::Borrow;

/// At most so many; whichever was used longest ago gives way.
#[derive(Debug)]
pub struct Recent<K, V> {
    most: usize,
    /// The last one used is the last one here.
    kept: Vec<(K, V)>,
}

impl<K: PartialEq, V> Recent<K, V> {
    /// Nothing yet.
    pub const fn new(most: usize) -> Self {
        Recent { most, kept: Vec::new() }
    }

    /// One of them, used now.
    pub fn get<Q: PartialEq + ?Sized>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.kept.iter().position(|(kept, _)| kept.borrow() == key)?;
        let used = self.kept.remove(at);
        self.kept.push(used);
        self.kept.last().map(|(_, value)| value)
    }

    /// Another one, or the same key with another value.
    pub fn put(&mut self, key: K, value: V) {
        self.kept.retain(|(kept, _)| *kept != key);
        if self.kept.len() >= self.most {
            self.kept.drain(..=self.kept.len().saturating_sub(self.most));
        }
        self.kept.push((key, value));
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
}
