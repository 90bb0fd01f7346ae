//! Whether the database is as this code needs it. Once it is, this isolate asks no more.
use std::cell::Cell;

use crate::{
    core::{
        error::Code,
        port::{Database, SqlError},
        problem::Problem,
    },
    sql::migrate,
};

thread_local! {
    static IS_CURRENT: Cell<bool> = const { Cell::new(false) };
}

const COME_BACK_MS: u64 = 5_000;

/// Whether it is; an error where the database does not say.
pub async fn is_current(database: &impl Database) -> Result<bool, SqlError> {
    if !IS_CURRENT.get() {
        IS_CURRENT.set(migrate::is_current(database).await?);
    }
    Ok(IS_CURRENT.get())
}

/// Refuses until the schema is current.
pub async fn check(database: &impl Database) -> Result<(), Problem> {
    match is_current(database).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Problem::later(Code::SchemaBehind, COME_BACK_MS)),
        Err(_) => Err(Code::Storage.into()),
    }
}
