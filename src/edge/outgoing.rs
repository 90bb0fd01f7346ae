//! A call to an owner's system: guarded, left out while it rests, signed, bounded in time and size.
use std::cell::RefCell;

use wasm_bindgen::{JsCast as _, JsValue};
use worker::Env;

use super::{clock, d1::D1, env, http::incoming, runtime};
use crate::{
    core::{
        bot::{
            action::is_down,
            attempt::{Failure, Why},
            redact::without_secrets,
        },
        breaker::Breaker,
        error::Code,
        id::WorkspaceId,
        limits::ACTION_BYTES,
        outgoing,
        port::{Columns, Database, Statement, rows_of},
        time::SECOND,
    },
    sql::bot,
};

thread_local! {
    static BREAKER: RefCell<Breaker> = const { RefCell::new(Breaker::empty()) };
}

/// What is posted, and to whom.
pub struct Outgoing<'call> {
    /// What it is, in the log: `an action`. One kind of calls that fails is no other's.
    pub what: &'static str,
    /// Tenant.
    pub workspace: &'call WorkspaceId,
    /// Counts it; gives a row unless that is one too many.
    pub count: Statement,
    /// Gives a row if it may not be called any more.
    pub bar: Option<Statement>,
    /// Where.
    pub url: &'call str,
    /// Its name: the same however often it is tried.
    pub key: &'call str,
    /// JSON.
    pub body: String,
    /// Milliseconds until it has been answered and read.
    pub patience: i64,
    /// Somebody tries it: a refusal is read, too.
    pub is_try: bool,
}

/// Posts it, once; gives a status, and a body if it came whole, no longer than it may be, with 200.
pub async fn post(env: &Env, call: &Outgoing<'_>) -> Result<(u16, Option<Vec<u8>>), Failure> {
    let host = outgoing::host_of(call.url, env::may_call_loopback(env)).map_err(|_| Why::Refused)?;
    // One tenant's failures are no other's, though both call the same host.
    let name = format!("{}/{}/{host}", call.what, call.workspace);
    if !BREAKER.with_borrow_mut(|breaker| breaker.allows(&name, clock::now())) {
        return Err(Why::Rests.into());
    }
    // Ours to count and sign: if that fails the host is not to blame.
    let signed = sign(env, call).await?;
    let answered = send(call, &signed).await;
    let is_well = answered.as_ref().is_ok_and(|(status, _)| !is_down(*status));
    BREAKER.with_borrow_mut(|breaker| breaker.called(&name, is_well, clock::now()));
    answered
}

/// Says in the log what became of a call.
pub fn log(what: &str, workspace: &WorkspaceId, url: &str, Failure { why, status, said }: &Failure) {
    // What somebody else has written, or has written back, is no text for a log; and the platform may name the address.
    let said = if *status == 0 { without_secrets(&[], url, said) } else { String::new() };
    worker::console_warn!("{what} of {workspace}: {} {status} {said}", why.name());
}

/// A call's time, and the signature of this and its body.
struct Signed {
    at: String,
    signature: String,
}

/// Counts the call, looks whether it may be made, and signs it, in one look at D1.
async fn sign(env: &Env, call: &Outgoing<'_>) -> Result<Signed, Failure> {
    let mut statements = vec![bot::signing(call.workspace), call.count.clone()];
    if let Some(bar) = &call.bar {
        statements.push(bar.clone());
    }
    let database = D1::of(env).map_err(|_| Why::Internal)?;
    let rows = database.batch(statements).await.map_err(|_| Why::Internal)?;
    if !rows_of(&rows, 2).is_empty() {
        return Err(Why::Unverified.into());
    }
    if rows_of(&rows, 1).is_empty() {
        return Err(Why::TooOften.into());
    }
    let serial = rows_of(&rows, 0).first().map_or(0, |row| Columns::of(row).uint());
    let at = clock::now().0.div_euclid(SECOND);
    let keys = env::keys(env).ok_or(Why::Internal)?;
    let signature = keys.sign_action(call.workspace, serial, call.key, at, &call.body);
    Ok(Signed { at: at.to_string(), signature })
}

async fn send(call: &Outgoing<'_>, Signed { at, signature }: &Signed) -> Result<(u16, Option<Vec<u8>>), Failure> {
    let headers = [
        ("content-type", "application/json"),
        ("user-agent", "Bellhop"),
        ("webhook-id", call.key),
        ("webhook-timestamp", at),
        ("webhook-signature", signature),
        ("idempotency-key", call.key),
    ];
    let mut response = runtime::post(call.url, &headers, &call.body, call.patience).await.map_err(unreached)?;
    let status = response.status_code();
    let is_read = status == 200 || call.is_try;
    let Some(stream) = response.stream().ok().filter(|_| is_read) else { return Ok((status, None)) };
    match incoming::read(stream, ACTION_BYTES).await {
        Ok(bytes) => Ok((status, Some(bytes))),
        Err(problem) if problem.code == Code::TooLarge => Ok((status, None)),
        // Cut off, or too slow.
        Err(_) => Err(Why::Late.into()),
    }
}

/// Why nobody has answered.
pub fn unreached(error: JsValue) -> Failure {
    let Ok(error) = error.dyn_into::<js_sys::Error>() else { return Why::Unreached.into() };
    let is_late = error.name() == "TimeoutError";
    let why = if is_late { Why::Late } else { Why::Unreached };
    Failure { said: error.message().into(), ..why.into() }
}
