//! The one source of chance of a run: everything that is drawn comes from the seed.

use bellhop::core::id::Entropy;

/// Dice of one seed.
pub struct Dice(Entropy);

impl Dice {
    /// The same seed gives the same throws, and different ones have nothing in common: the seed is mixed first, or all would
    /// draw the same numbers but for a few bits.
    pub fn new(seed: u64) -> Self {
        let mut mixer = Entropy::new(u128::from(seed));
        Dice(Entropy::new(mixer.next_u128()))
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// From 0 up to, not including, `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit.max(1)
    }

    /// From `least` up to, not including, `most`.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below(u64::try_from(most - least).unwrap_or(1)) as i64
    }

    /// A place in a list of so many.
    pub fn place(&mut self, count: usize) -> usize {
        self.below(count as u64) as usize
    }

    /// True once in so many.
    pub fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// Above 0 and up to 1, in 53 bits.
    pub fn part(&mut self) -> f64 {
        ((self.bits() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Bits for one input of a machine.
    pub fn entropy(&mut self) -> Entropy {
        Entropy::new((u128::from(self.bits()) << 64) | u128::from(self.bits()))
    }
}
