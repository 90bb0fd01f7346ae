//! `/ops/v1`: the deployment's scripts, by a token of five minutes. Behind no limit: the signature comes first.
use serde::Serialize;
use worker::{Env, Response};

use super::{answer, answer::internal, incoming::Incoming};
use crate::{
    api::{
        context::{Context, read},
        ops,
    },
    core::{
        error::Code,
        limits::OPS_BODY_BYTES,
        port::Database,
        problem::Problem,
        route::{Script, Sent},
    },
    edge::{clock, config::Config, d1::D1, schema},
    sql::migrate,
};

#[derive(Serialize)]
struct Health {
    schema: u64,
    expected: u64,
    ready: bool,
    /// Bytes of this isolate's WebAssembly memory, which grows and never shrinks.
    memory: u64,
}

#[derive(Serialize)]
struct Migrated {
    from: u64,
    to: u64,
    applied: Vec<&'static str>,
}

/// Answers a script.
pub async fn answer(env: &Env, config: &Config, incoming: &mut Incoming, script: Script) -> Result<Response, Problem> {
    incoming.check_size(OPS_BODY_BYTES)?;
    let now = clock::now();
    let header = incoming.header("authorization").unwrap_or_default();
    let token = header.strip_prefix("Bearer ").ok_or(Code::Unauthorized)?;
    config.ops.verify(token, now).map_err(|error| Problem::from(error.code(false)))?;
    let database = D1::of(env).map_err(internal)?;
    let cx = Context {
        database: &database,
        keys: &config.keys,
        own: &config.own,
        loopback: config.loopback,
        now,
        entropy: clock::entropy().map_err(internal)?.into(),
        secret: clock::secret().map_err(internal)?,
    };
    let body = match script {
        Script::Health => String::new(),
        Script::Migrate | Script::Seed | Script::ResetPassword => {
            incoming.check_kind(Sent::Json)?;
            incoming.body(OPS_BODY_BYTES).await?
        }
    };
    match script {
        Script::Health => health(config, &database).await,
        Script::Migrate => {
            let migrate::Migrated { from, to, applied } =
                migrate::migrate(&database, now).await.map_err(|_| Problem::from(Code::Storage))?;
            answer::json(&config.own, 200, &Migrated { from, to, applied })
        }
        Script::Seed if !config.is_demo => Err(Problem::new(Code::Forbidden, "only where BELLHOP_DEMO is 1")),
        Script::Seed => {
            schema::check(&database).await?;
            answer::json(&config.own, 200, &ops::seed(&cx, &read(&body)?).await?)
        }
        Script::ResetPassword => {
            schema::check(&database).await?;
            answer::json(&config.own, 200, &ops::reset_password(&cx, &read(&body)?).await?)
        }
    }
}

async fn health(config: &Config, database: &impl Database) -> Result<Response, Problem> {
    let schema = migrate::version(database).await.map_err(|_| Problem::from(Code::Storage))?;
    let expected = migrate::expected();
    let memory = core::arch::wasm32::memory_size(0) as u64 * 65_536;
    answer::json(&config.own, 200, &Health { schema, expected, ready: schema >= expected, memory })
}
