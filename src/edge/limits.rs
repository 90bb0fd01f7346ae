//! Asks the Limiter objects, before anything else is woken or written (INV-9).
use worker::Env;

use super::env::{self, LIMITERS};
use crate::core::{error::Code, limiter::Taken, problem::Problem, rates::Asked};

/// If a Limiter can't be asked, nobody comes in for this long: what guards a door fails closed.
const UNREACHABLE_MS: u64 = 2_000;

/// Counts each request, or says when to come back. The Limiters are asked one after the other, so that what is refused at
/// the first costs nothing at the second.
pub async fn take(env: &Env, asked: &[Asked]) -> Result<(), Problem> {
    for Asked { shard, requests } in asked {
        let limiter = env
            .durable_object(LIMITERS)
            .and_then(|limiters| limiters.id_from_name(shard)?.get_stub())
            .map_err(|error| {
                worker::console_error!("no limiter: {error}");
                Problem::later(Code::RateLimited, UNREACHABLE_MS)
            })?;
        let taken: Option<Taken> = env::ask(&limiter, "/take", requests).await;
        match taken {
            Some(Taken { retry_after_ms: 0 }) => {}
            Some(Taken { retry_after_ms }) => return Err(Problem::later(Code::RateLimited, spread(retry_after_ms))),
            None => return Err(Problem::later(Code::RateLimited, spread(UNREACHABLE_MS))),
        }
    }
    Ok(())
}

/// Each client another time: up to a quarter later, at least half a second, so that they don't come back together.
fn spread(wait_ms: u64) -> u64 {
    let most = (wait_ms / 4).max(500);
    wait_ms + (js_sys::Math::random() * most as f64) as u64
}
