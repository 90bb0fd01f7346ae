//! Whether the database is as this code needs it. Once it is, this isolate asks no more.
use std::cell::Cell;

use crate::{
    core::{error::Code, port::Database, problem::Problem},
    sql::migrate,
};

thread_local! {
    static IS_CURRENT: Cell<bool> = const { Cell::new(false) };
}

const COME_BACK_MS: u64 = 5_000;

/// Refuses until the schema is current.
pub async fn check(database: &impl Database) -> Result<(), Problem> {
    if IS_CURRENT.get() {
        return Ok(());
    }
    let version = migrate::version(database).await.map_err(|_| Problem::from(Code::Storage))?;
    if version < migrate::expected() {
        return Err(Problem::later(Code::SchemaBehind, COME_BACK_MS));
    }
    IS_CURRENT.set(true);
    Ok(())
}
