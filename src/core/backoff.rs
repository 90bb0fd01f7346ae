//! Waits between tries of something that fails.

use super::limits::BACKOFF;

/// Waits that double, up to a limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backoff(u32);

impl Backoff {
    /// How many milliseconds to wait now; the next wait is twice as long.
    pub fn next_ms(&mut self) -> i64 {
        let (first, last) = BACKOFF;
        let wait = first.saturating_mul(1 << self.0.min(20)).min(last);
        self.0 = self.0.saturating_add(1);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_last() {
        let mut backoff = Backoff::default();
        let waits: Vec<i64> = (0..40).map(|_| backoff.next_ms()).collect();
        assert_eq!(waits[..3], [BACKOFF.0, 2 * BACKOFF.0, 4 * BACKOFF.0]);
        assert_eq!(waits[39], BACKOFF.1);
    }
}
