//! A call to an owner's system: guarded, left out while it rests, signed, bounded in time and size.
use std::cell::RefCell;

use js_sys::JsString;
use wasm_bindgen::JsCast as _;
use worker::Env;

use super::{clock, d1::D1, env, http::incoming, runtime};
use crate::{
    core::{
        bot::action::is_down,
        breaker::Breaker,
        error::Code,
        id::{SiteId, WorkspaceId},
        limits::ACTION_BYTES,
        outgoing,
        port::{Columns, Database, rows_of},
        time::SECOND,
    },
    sql::{bot, consults},
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
    /// Whose call it is, if a site may have only so many of them.
    pub site: Option<&'call SiteId>,
    /// Where.
    pub url: &'call str,
    /// Its name: the same however often it is tried.
    pub key: &'call str,
    /// JSON.
    pub body: String,
    /// Milliseconds until it has been answered and read.
    pub patience: i64,
}

/// What came of it.
pub enum Answered {
    /// A status, and a body if it came whole, no longer than it may be, with 200.
    With(u16, Option<Vec<u8>>),
    /// Nobody answered, or not now.
    Down,
    /// It was not called: it may not be, or it has failed too often and rests.
    Uncalled,
}

/// Posts it, once.
pub async fn post(env: &Env, call: &Outgoing<'_>) -> Answered {
    let what = call.what;
    let host = match outgoing::host_of(call.url, env::may_call_loopback(env)) {
        Ok(host) => host,
        Err(why) => {
            worker::console_warn!("{what}: {why}");
            return Answered::Uncalled;
        }
    };
    // One tenant's failures are no other's, though both call the same host.
    let name = format!("{what}/{}/{host}", call.workspace);
    if !BREAKER.with_borrow_mut(|breaker| breaker.allows(&name, clock::now())) {
        worker::console_warn!("{what}: {host} has failed too often and rests");
        return Answered::Uncalled;
    }
    // Ours to count and sign: if that fails the host is not to blame.
    let signed = match sign(env, call).await {
        Some(Some(signed)) => signed,
        Some(None) => {
            worker::console_warn!("{what}: a site of {} has called as often as it may in an hour", call.workspace);
            return Answered::Uncalled;
        }
        None => return Answered::Down,
    };
    let answered = send(call, &signed).await;
    let is_well = match &answered {
        Answered::With(status, _) => !is_down(*status),
        Answered::Down | Answered::Uncalled => false,
    };
    BREAKER.with_borrow_mut(|breaker| breaker.called(&name, is_well, clock::now()));
    answered
}

/// A call's time, and the signature of this and its body.
struct Signed {
    at: String,
    signature: String,
}

/// Counts the call and signs it, in one look at D1; nothing inside: that is one too many.
async fn sign(env: &Env, call: &Outgoing<'_>) -> Option<Option<Signed>> {
    let count = call.site.map(|site| consults::count_action(call.workspace, site, clock::now()));
    let statements = [bot::signing(call.workspace)].into_iter().chain(count).collect();
    let rows = D1::of(env).ok()?.batch(statements).await.ok()?;
    if call.site.is_some() && rows_of(&rows, 1).is_empty() {
        return Some(None);
    }
    let serial = rows_of(&rows, 0).first().map_or(0, |row| Columns::of(row).uint());
    let at = clock::now().0.div_euclid(SECOND);
    let signature = env::keys(env)?.sign_action(call.workspace, serial, call.key, at, &call.body);
    Some(Some(Signed { at: at.to_string(), signature }))
}

async fn send(call: &Outgoing<'_>, Signed { at, signature }: &Signed) -> Answered {
    let headers = [
        ("content-type", "application/json"),
        ("user-agent", "Bellhop"),
        ("webhook-id", call.key),
        ("webhook-timestamp", at),
        ("webhook-signature", signature),
        ("idempotency-key", call.key),
    ];
    let mut response = match runtime::post(call.url, &headers, &call.body, call.patience).await {
        Ok(response) => response,
        Err(error) => {
            let error =
                error.dyn_into::<js_sys::Error>().map(|error| error.message()).unwrap_or_else(|_| JsString::from(""));
            worker::console_warn!("{}: {}", call.what, String::from(error));
            return Answered::Down;
        }
    };
    let status = response.status_code();
    if status == 200
        && let Ok(stream) = response.stream()
    {
        return match incoming::read(stream, ACTION_BYTES).await {
            Ok(bytes) => Answered::With(status, Some(bytes)),
            Err(problem) if problem.code == Code::TooLarge => Answered::With(status, None),
            // Cut off, or too slow.
            Err(_) => Answered::Down,
        };
    }
    Answered::With(status, None)
}
