//! What the deployment gives us: bindings by name, settings, and the one way in which our objects speak to each other.
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsCast as _;
use worker::{Env, Headers, Response, Result, Stub};

use super::runtime;
use crate::core::{
    auth::Keys,
    id::{ConversationId, WorkspaceId},
    json,
    limits::EVENTS_DELAY_MAX,
    room::Settings,
};

/// Rooms: one Durable Object per conversation.
pub const ROOMS: &str = "ROOMS";
/// Desks: one per workspace.
pub const DESKS: &str = "DESKS";
/// Limiters: counters in memory, sharded by key.
pub const LIMITERS: &str = "LIMITERS";
/// The history.
pub const DB: &str = "DB";
/// Models of bots, by their hashes; a copy of what the history has.
pub const MODELS: &str = "MODELS";
/// What Rooms tell the projection.
pub const EVENTS: &str = "EVENTS";
/// Where the platform puts what the consumer has refused too often.
pub const DEAD_QUEUE: &str = "bellhop-dead";

/// Names an object in requests between objects; the runtime ignores it.
const OBJECT: &str = "https://object";

/// The conversation's Room. None for an id that this deployment never made.
pub fn room(env: &Env, conversation: &ConversationId) -> Result<Option<Stub>> {
    let rooms = env.durable_object(ROOMS)?;
    // The platform refuses an id that is not one of its own.
    let Ok(id) = rooms.id_from_string(conversation.object_id()) else { return Ok(None) };
    id.get_stub().map(Some)
}

/// The workspace's Desk.
pub fn desk(env: &Env, workspace: &WorkspaceId) -> Result<Stub> {
    env.durable_object(DESKS)?.id_from_name(workspace.as_str())?.get_stub()
}

/// The id of the workspace's Desk.
pub fn desk_id(env: &Env, workspace: &WorkspaceId) -> Result<String> {
    Ok(env.durable_object(DESKS)?.id_from_name(workspace.as_str())?.to_string())
}

/// Posts JSON text to an object. It comes written, so that this is compiled once and not for each thing that is said.
pub async fn post(stub: &Stub, path: &str, body: serde_json::Result<String>) -> Result<Response> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    stub.fetch_with_request(runtime::request(&format!("{OBJECT}{path}"), &headers, Some(&body?))?).await
}

/// Posts JSON and reads the answer; none if it is not a success. What went wrong is in the log.
pub async fn ask<T: DeserializeOwned>(stub: &Stub, path: &str, body: &impl Serialize) -> Option<T> {
    let answer = async {
        let mut response = post(stub, path, serde_json::to_string(body)).await?;
        match response.status_code() {
            200 => Ok(Some(json::from_str(&response.text().await?)?)),
            status => {
                worker::console_warn!("{path} answered {status}");
                Ok::<_, worker::Error>(None)
            }
        }
    };
    answer.await.unwrap_or_else(|error| {
        worker::console_warn!("{path} failed: {error}");
        None
    })
}

/// The signing keys. None without a good secret; the gateway then serves nothing, so objects never run without.
pub fn keys(env: &Env) -> Option<Keys> {
    Keys::new(&secret(env, "BELLHOP_SECRET")?, secret(env, "BELLHOP_SECRET_PREVIOUS").as_deref()).ok()
}

/// A secret; none if it is not set. (A workerd of one's own binds a variable that its environment lacks to `null`, on
/// which the binding's own accessor would throw past us.)
pub fn secret(env: &Env, name: &str) -> Option<String> {
    js_sys::Reflect::get(env, &name.into()).ok()?.as_string().filter(|value| !value.is_empty())
}

/// A setting of the deployment; empty when it is not set. Under `[vars]` a number or a `true` may stand without quotes.
pub fn setting(env: &Env, name: &str) -> String {
    let value = js_sys::Reflect::get(env, &name.into()).unwrap_or_default();
    if value.is_null() || value.is_undefined() {
        return String::new();
    }
    value.unchecked_into::<js_sys::Object>().to_string().into()
}

/// Whether it is switched on.
pub fn is_on(env: &Env, name: &str) -> bool {
    matches!(&*setting(env, name), "1" | "true")
}

/// Whether servers on this machine may be called, as well. `make start` and the tests say so.
pub fn may_call_loopback(env: &Env) -> bool {
    is_on(env, "BELLHOP_LOOPBACK")
}

/// Settings of Rooms.
pub fn room_settings(env: &Env) -> Settings {
    let standard = Settings::default();
    let delay = setting(env, "BELLHOP_EVENTS_DELAY_MS").parse().unwrap_or(standard.events_delay_ms);
    Settings { events_delay_ms: delay.clamp(0, EVENTS_DELAY_MAX), limit_factor: limit_factor(env).max(1).into() }
}

/// How many times as much may come in as usual.
pub fn limit_factor(env: &Env) -> u32 {
    setting(env, "BELLHOP_LIMIT_FACTOR").parse().unwrap_or(1)
}
