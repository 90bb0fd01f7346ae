//! Time and random bits, which the core takes as arguments.
use std::time::Duration;

use worker::Delay;

use crate::core::{id::Entropy, time::Timestamp};

/// The platform's clock.
pub fn now() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64)
}

/// Waits until then, as long as this process lives.
pub async fn sleep_until(at: Timestamp) {
    let wait_ms = u64::try_from(at.since(now())).unwrap_or(0);
    Delay::from(Duration::from_millis(wait_ms)).await;
}

/// 128 bits of the platform's generator.
///
/// # Errors
/// Only if the platform has none; nothing may go on without it.
pub fn entropy() -> worker::Result<Entropy> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| worker::Error::RustError(error.to_string()))?;
    Ok(Entropy::new(u128::from_le_bytes(bytes)))
}

/// 256 bits of the platform's generator, for one secret.
///
/// # Errors
/// Only if the platform has none.
pub fn secret() -> worker::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| worker::Error::RustError(error.to_string()))?;
    Ok(bytes)
}
