//! The cron: revocations and settings that a Desk has not confirmed are told again every five minutes, and once an hour what has
//! ended leaves the database. Nothing waits for the latter; whatever has ended is refused by its own time as well.
use worker::{Env, ScheduleContext, ScheduledEvent, event};

use super::{
    clock,
    contained::{Place, contained},
    d1::D1,
    desk, schema, zone,
};
use crate::{
    api::revocation,
    core::{
        id::WorkspaceId,
        limits::{CONFIGURED_PER_SWEEP, REVOCATION_HEAD_START, ZONES_KEPT},
        port::{Columns, Database, SqlError, rows_of},
        time::Timestamp,
    },
    sql::{
        bot, routing, sessions,
        zones::{self, OldZone},
    },
};

/// The cron that only tells revocations (wrangler.toml); every other one sweeps as well.
const TELLING: &str = "*/5 * * * *";

/// A failure is only told: the next one does more.
#[event(scheduled)]
pub async fn scheduled(event: ScheduledEvent, env: Env, _: ScheduleContext) {
    let swept = contained(Place::worker("scheduled"), sweep(&env, event.cron() != TELLING)).await;
    if let Some(Err(error)) = swept {
        worker::console_error!("the sweep failed: {error}");
    }
}

async fn sweep(env: &Env, is_hourly: bool) -> Result<(), String> {
    let database = D1::of(env).map_err(|error| error.to_string())?;
    let now = clock::now();
    // Until the schema is current there is nothing to sweep, and nowhere to look.
    if !schema::is_current(&database).await.map_err(|error| error.to_string())? {
        return Ok(());
    }
    if is_hourly {
        database.batch(sessions::sweep(now)).await.map_err(|error| error.to_string())?;
        // It waits for the next hour, and nothing for it.
        if let Err(error) = renew_zones(&database, now).await {
            worker::console_error!("time zones could not be looked up again: {error}");
        }
    }
    let by = now.plus(-REVOCATION_HEAD_START);
    let owed = revocation::due(&database, by, now).await.map_err(|error| error.to_string())?;
    desk::retell(env, &owed).await;
    let owed = routing::owed(CONFIGURED_PER_SWEEP);
    let rows = database.batch(vec![owed]).await.map_err(|error| error.to_string())?;
    let owed = rows_of(&rows, 0).iter().filter_map(|row| WorkspaceId::parse(&Columns::of(row).text()).ok());
    let mut requests = Vec::new();
    for workspace in owed {
        match database.batch(routing::whole(&workspace).to_vec()).await {
            Ok(rows) => requests.extend(routing::read_whole(&workspace, &rows, 0)),
            // The others are told all the same.
            Err(error) => worker::console_error!("what a desk is to hear could not be read: {error}"),
        }
    }
    desk::configure_owed(env, &requests).await;
    let rows = database.batch(vec![bot::owed(CONFIGURED_PER_SWEEP)]).await.map_err(|error| error.to_string())?;
    let owed: Vec<_> = rows_of(&rows, 0).iter().filter_map(bot::read_terms).collect();
    desk::tell_bots_owed(env, &owed).await;
    Ok(())
}

/// Looks up again what zones some hours are in. The Desks hear of it as of any other change.
async fn renew_zones(database: &D1, now: Timestamp) -> Result<(), SqlError> {
    let rows = database.batch(vec![zones::due(now.plus(-ZONES_KEPT))]).await?;
    for mut old in rows_of(&rows, 0).iter().filter_map(OldZone::read) {
        zone::settle(&mut old.hours, now);
        // A zone that the platform does not know any more keeps what was known of it.
        if !old.hours.offsets.is_empty() {
            database.batch(old.renew(now).to_vec()).await?;
        }
    }
    Ok(())
}
