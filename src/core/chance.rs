//! Where a model's chance comes from: a seed, so that a run can be repeated, or a tape of bytes, so that a fuzzer that
//! changes bytes changes what happens. Exists in tests only.

use super::id::Entropy;

/// A source of choices.
#[derive(Debug, Clone)]
pub enum Chance {
    /// Endless and even.
    Seed(Entropy),
    /// As the bytes say; at their end the last choice of every list.
    Tape {
        /// What is left, in reverse.
        bytes: Vec<u8>,
    },
}

impl Chance {
    /// A tape, read from its beginning.
    pub fn tape(bytes: &[u8]) -> Self {
        Chance::Tape { bytes: bytes.iter().rev().copied().collect() }
    }

    /// One of so many. A tape gives a byte for it, or two where one is too short.
    pub fn below(&mut self, limit: u64) -> u64 {
        let limit = limit.max(1);
        match self {
            Chance::Seed(entropy) => entropy.next_u64() % limit,
            Chance::Tape { bytes } => {
                let Some(first) = bytes.pop() else { return limit - 1 };
                let drawn = if limit <= 256 {
                    u64::from(first)
                } else {
                    u64::from(first) << 8 | u64::from(bytes.pop().unwrap_or_default())
                };
                drawn % limit
            }
        }
    }

    /// Whether something happens that does so many times in a hundred. On a tape the low bytes say yes.
    pub fn percent(&mut self, percent: u64) -> bool {
        match self {
            Chance::Seed(entropy) => entropy.next_u64() % 100 < percent,
            Chance::Tape { bytes } => bytes.pop().is_some_and(|byte| u64::from(byte) * 100 < percent * 256),
        }
    }

    /// The next bytes of a tape, at most so many; a seed has none.
    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        match self {
            Chance::Seed(_) => Vec::new(),
            Chance::Tape { bytes } => {
                let rest = bytes.len().saturating_sub(most);
                let mut taken = bytes.split_off(rest);
                taken.reverse();
                taken
            }
        }
    }

    /// It is a tape; its choices may be anything, so a model may also do what no client does.
    pub fn is_tape(&self) -> bool {
        matches!(self, Chance::Tape { .. })
    }

    /// A tape that has come to its end.
    pub fn is_spent(&self) -> bool {
        matches!(self, Chance::Tape { bytes } if bytes.is_empty())
    }
}
