//! Logarithm and exponential from basic operations only: a platform's own may differ in the last bit between targets.

/// Natural logarithm of a positive, normal number; zero for anything else.
pub fn ln(value: f32) -> f32 {
    if !value.is_normal() || value < 0.0 {
        return 0.0;
    }
    let bits = value.to_bits();
    let mut exponent = ((bits >> 23) & 0xff) as i32 - 127;
    let mut mantissa = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000);
    if mantissa > std::f32::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    // ln m = 2 atanh((m − 1) / (m + 1)), and the argument is below 0.172.
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let square = ratio * ratio;
    let series = 1.0 + square * (1.0 / 3.0 + square * (0.2 + square * (1.0 / 7.0 + square / 9.0)));
    exponent as f32 * std::f32::consts::LN_2 + 2.0 * ratio * series
}

/// e to a power, clamped to ±80.
pub fn exp(value: f32) -> f32 {
    let value = if value.is_nan() { 0.0 } else { value.clamp(-80.0, 80.0) };
    let shifted = value * std::f32::consts::LOG2_E + 0.5;
    let mut whole = shifted as i32;
    if (whole as f32) > shifted {
        whole -= 1;
    }
    let rest = value - whole as f32 * std::f32::consts::LN_2;
    // The series of Taylor to the eighth power.
    const FACTORS: [f32; 8] = [1.0 / 8.0, 1.0 / 7.0, 1.0 / 6.0, 0.2, 0.25, 1.0 / 3.0, 0.5, 1.0];
    let sum = FACTORS.iter().fold(1.0, |sum, factor| 1.0 + sum * rest * factor);
    sum * f32::from_bits(((whole + 127) as u32) << 23)
}

/// The logistic function.
pub fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + exp(-value))
}

/// A seeded generator (SplitMix64), for orders and folds only.
#[derive(Debug, Clone)]
pub struct Seeded(pub u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Fisher and Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = (self.next() % (last as u64 + 1)) as usize;
            items.swap(last, other);
        }
    }
}
