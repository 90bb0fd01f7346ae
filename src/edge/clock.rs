//! Time and random bits, which the core takes as arguments.
use crate::core::{id::Entropy, time::Timestamp};

/// The platform's clock.
pub fn now() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64)
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
