//! The hourly cron: what has ended leaves the database. Nothing waits for it; whatever has ended is refused by its own
//! time as well.
use worker::{Env, ScheduleContext, ScheduledEvent, event};

use super::{clock, d1::D1};
use crate::{core::port::Database, sql::sessions};

/// Once an hour. A failure is only told: the next one sweeps more.
#[event(scheduled)]
pub async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    let swept = match D1::of(&env) {
        Ok(database) => {
            database.batch(sessions::sweep(clock::now())).await.map(drop).map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = swept {
        worker::console_error!("the hourly sweep failed: {error}");
    }
}
