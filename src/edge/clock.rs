//! Time and random bits, which the core takes as arguments.
use std::{cell::RefCell, time::Duration};

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

/// Random bytes that are fetched together: each input of an object takes some, and a call of the platform costs as much for
/// 16 as for 1,024.
const POOL_BYTES: usize = 1_024;

thread_local! {
    static POOL: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// 128 bits of the platform's generator, given out once.
///
/// # Errors
/// Only if the platform has none; nothing may go on without it.
pub fn entropy() -> worker::Result<Entropy> {
    POOL.with_borrow_mut(|pool| {
        if pool.len() < size_of::<u128>() {
            pool.resize(POOL_BYTES, 0);
            if let Err(error) = getrandom::fill(pool) {
                pool.clear();
                return Err(worker::Error::RustError(error.to_string()));
            }
        }
        let bytes = pool.split_off(pool.len() - size_of::<u128>());
        Ok(Entropy::new(bytes.into_iter().fold(0, |bits, byte| bits << 8 | u128::from(byte))))
    })
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
