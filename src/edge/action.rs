//! A call to an owner's system for the bot: guarded, signed, bounded in time and size. When and how often is the Room's affair.
use std::cell::RefCell;

use js_sys::JsString;
use wasm_bindgen::JsCast as _;
use worker::Env;

use super::{clock, d1::D1, env, http::incoming, runtime};
use crate::{
    core::{
        bot::action::{ActionCall, Reply, reply},
        breaker::Breaker,
        error::Code,
        limits::{ACTION_BYTES, BOT_PATIENCE},
        outgoing,
        port::{Columns, Database, rows_of},
        time::SECOND,
    },
    sql::bot,
};

thread_local! {
    static BREAKER: RefCell<Breaker> = const { RefCell::new(Breaker::empty()) };
}

/// Asks it, once.
pub async fn ask(env: &Env, call: &ActionCall) -> Reply {
    let host = match outgoing::host_of(&call.action.url, env::may_call_loopback(env)) {
        Ok(host) => host,
        Err(why) => {
            worker::console_warn!("an action: {why}");
            return Reply::Failed;
        }
    };
    // One tenant's failures are no other's, though both call the same host.
    let name = format!("{}/{host}", call.workspace);
    if !BREAKER.with_borrow_mut(|breaker| breaker.allows(&name, clock::now())) {
        worker::console_warn!("an action: {host} has failed too often and rests");
        return Reply::Failed;
    }
    // Ours to sign: if that fails the host is not to blame.
    let Some(signature) = sign(env, call).await else { return Reply::Again };
    let reply = send(call, &signature).await;
    BREAKER.with_borrow_mut(|breaker| breaker.called(&name, reply != Reply::Again, clock::now()));
    reply
}

/// The call's time, its body, and the signature of both.
struct Signed {
    at: String,
    body: String,
    signature: String,
}

async fn sign(env: &Env, call: &ActionCall) -> Option<Signed> {
    let rows = D1::of(env).ok()?.batch(vec![bot::signing(&call.workspace)]).await.ok()?;
    let serial = rows_of(&rows, 0).first().map_or(0, |row| Columns::of(row).uint());
    let (at, body) = (clock::now().0.div_euclid(SECOND), call.body());
    let signature = env::keys(env)?.sign_action(&call.workspace, serial, &call.key, at, &body);
    Some(Signed { at: at.to_string(), body, signature })
}

async fn send(call: &ActionCall, Signed { at, body, signature }: &Signed) -> Reply {
    let key = call.key.as_str();
    let headers = [
        ("content-type", "application/json"),
        ("user-agent", "Bellhop"),
        ("webhook-id", key),
        ("webhook-timestamp", at),
        ("webhook-signature", signature),
        ("idempotency-key", key),
    ];
    let mut response = match runtime::post(&call.action.url, &headers, body, BOT_PATIENCE).await {
        Ok(response) => response,
        Err(error) => {
            let error =
                error.dyn_into::<js_sys::Error>().map(|error| error.message()).unwrap_or_else(|_| JsString::from(""));
            worker::console_warn!("an action: {}", String::from(error));
            return Reply::Again;
        }
    };
    let status = response.status_code();
    let mut body = None;
    if status == 200
        && let Ok(stream) = response.stream()
    {
        body = match incoming::read(stream, ACTION_BYTES).await {
            Ok(bytes) => Some(bytes),
            Err(problem) if problem.code == Code::TooLarge => None,
            // Cut off, or too slow.
            Err(_) => return Reply::Again,
        };
    }
    let reply = reply(status, body.as_deref(), call.action.form.language);
    if !matches!(reply, Reply::Said(_)) {
        worker::console_warn!(
            "an action: answered {status}, {}",
            if body.is_some() { "not as agreed" } else { "unread" }
        );
    }
    reply
}
