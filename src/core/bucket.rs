//! Token bucket: how much one participant may send.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// Full at first; each frame takes one token, time gives them back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenBucket {
    /// Thousandths of a token, so that slow refills keep whole numbers.
    millitokens: i64,
    refilled_at: Timestamp,
}

/// Size and refill rate of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketSize {
    /// Tokens that a rested bucket holds.
    pub burst: i64,
    /// Tokens given back per second.
    pub per_second: i64,
}

impl TokenBucket {
    /// A full bucket.
    pub fn full(size: BucketSize, now: Timestamp) -> Self {
        TokenBucket { millitokens: size.burst.saturating_mul(1_000), refilled_at: now }
    }

    /// Takes a token, or says in how many milliseconds there will be one. A clock that goes back refills nothing.
    pub fn take(&mut self, size: BucketSize, now: Timestamp) -> Result<(), u64> {
        self.take_many(size, now, 1)
    }

    /// Takes several tokens at once, or none.
    pub fn take_many(&mut self, size: BucketSize, now: Timestamp, tokens: i64) -> Result<(), u64> {
        self.spend(size, now, 0);
        let wanted = tokens.saturating_mul(1_000);
        if self.millitokens >= wanted {
            self.millitokens -= wanted;
            return Ok(());
        }
        let missing = wanted.saturating_sub(self.millitokens);
        let wait_ms = missing.saturating_add(size.per_second.max(1) - 1) / size.per_second.max(1);
        Err(u64::try_from(wait_ms).unwrap_or(1).max(1))
    }

    /// Takes what was given out already, and goes into debt for it.
    pub fn spend(&mut self, size: BucketSize, now: Timestamp, tokens: i64) {
        let elapsed_ms = now.since(self.refilled_at).max(0);
        let refill = elapsed_ms.saturating_mul(size.per_second);
        self.millitokens = self.millitokens.saturating_add(refill).min(size.burst.saturating_mul(1_000));
        self.refilled_at = now;
        self.millitokens = self.millitokens.saturating_sub(tokens.saturating_mul(1_000));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burst_then_rate() {
        let size = BucketSize { burst: 3, per_second: 10 };
        let mut bucket = TokenBucket::full(size, Timestamp(0));
        let given: Vec<bool> = [0, 0, 0, 0, 99, 100, 100, 5_000, 5_000, 5_000, 5_000]
            .map(|at| bucket.take(size, Timestamp(at)).is_ok())
            .to_vec();
        assert_eq!(given, [true, true, true, false, false, true, false, true, true, true, false]);
        assert_eq!(bucket.take(size, Timestamp(5_000)), Err(100));
        assert_eq!(bucket.take(size, Timestamp(1_000)), Err(100), "a clock that goes back gives nothing");
    }

    #[test]
    fn a_debt_is_paid_first() {
        let size = BucketSize { burst: 10, per_second: 10 };
        let mut bucket = TokenBucket::full(size, Timestamp(0));
        bucket.spend(size, Timestamp(0), 25);
        assert_eq!(bucket.take(size, Timestamp(1_500)), Err(100));
        assert_eq!(bucket.take(size, Timestamp(1_600)), Ok(()));
    }

    #[test]
    fn several_at_once_or_none() {
        let size = BucketSize { burst: 10, per_second: 10 };
        let mut bucket = TokenBucket::full(size, Timestamp(0));
        assert_eq!(bucket.take_many(size, Timestamp(0), 8), Ok(()));
        assert_eq!(bucket.take_many(size, Timestamp(0), 5), Err(300));
        assert_eq!(bucket.take_many(size, Timestamp(0), 2), Ok(()), "the refused ones took nothing");
        assert_eq!(bucket.take_many(size, Timestamp(500), 5), Ok(()));
    }
}
