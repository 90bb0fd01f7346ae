//! Models where they are needed: remembered by this isolate, else from KV, else from D1.
//!
//! A model is named by its hash and never changes, so what KV still has is right, and what is remembered stays right. KV may lack one
//! (it is new, or KV fails) and is not trusted to give the right one: the hash decides, and D1 has them all.
use std::{cell::RefCell, rc::Rc, time::Duration};

use js_sys::{ArrayBuffer, Promise, Reflect, Uint8Array, futures::JsFuture};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use worker::{Delay, Env};

use super::{clock, env::MODELS};
use crate::{
    api::bot_models,
    core::{
        bot::Model,
        id::WorkspaceId,
        limits::{BOTS_REMEMBERED, MODELS_REMEMBERED_BYTES},
        port::{Database, Files},
        problem::Problem,
        recent::Recent,
        time::Timestamp,
    },
};

#[wasm_bindgen]
extern "C" {
    type RawKv;
    #[wasm_bindgen(method, catch)]
    fn get(this: &RawKv, name: &str, kind: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &RawKv, name: &str, value: &Uint8Array) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &RawKv, name: &str) -> Result<Promise, JsValue>;
}

/// After how long is looked again whether somebody else has loaded it.
const WAIT: Duration = Duration::from_millis(20);
/// So long somebody may take, in milliseconds, then it is loaded again: an object that was put out in the middle never ends.
const PATIENCE: i64 = 1_000;

thread_local! {
    static LOADING: RefCell<Vec<(String, Timestamp)>> = const { RefCell::new(Vec::new()) };
    static REMEMBERED: RefCell<Recent<String, Rc<Model>>> = const { RefCell::new(Recent::weighed(BOTS_REMEMBERED, MODELS_REMEMBERED_BYTES)) };
}

/// A workspace's model.
///
/// # Errors
/// There is none of this hash, it can't be read, or D1 fails.
pub async fn load(
    env: &Env,
    database: &impl Database,
    workspace: &WorkspaceId,
    hash: &str,
) -> Result<Rc<Model>, Problem> {
    let _loading = match remembered(hash, || remembered_now(hash)).await {
        Ok(model) => return Ok(model),
        Err(loading) => loading,
    };
    let file = bytes(env, database, workspace, hash).await?;
    let model = Rc::new(Model::read(&file)?);
    REMEMBERED.with_borrow_mut(|recent| recent.put_weighing(hash.to_owned(), Rc::clone(&model), model.bytes()));
    Ok(model)
}

/// A model that this isolate remembers.
pub fn remembered_now(hash: &str) -> Option<Rc<Model>> {
    REMEMBERED.with_borrow_mut(|recent| recent.get(hash).cloned())
}

/// What is remembered, or else word that it is this one who loads it, to be kept until that is done. A hundred Rooms that begin at once
/// need it once; what one of them loads no other may await (the platform allows no input of another's), so they look again.
pub async fn remembered<T>(name: &str, look: impl Fn() -> Option<T>) -> Result<T, Loading> {
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        let now = clock::now();
        let is_loaded = LOADING.with_borrow_mut(|loading| {
            loading.retain(|(_, since)| (0..PATIENCE).contains(&now.since(*since)));
            loading.iter().any(|(other, _)| other == name)
        });
        if !is_loaded {
            return Err(Loading::begin(name, now));
        }
        Delay::from(WAIT).await;
    }
}

/// Its file.
///
/// # Errors
/// There is none of this hash, or D1 fails.
pub async fn bytes(
    env: &Env,
    database: &impl Database,
    workspace: &WorkspaceId,
    hash: &str,
) -> Result<Vec<u8>, Problem> {
    bot_models::bytes(database, &Kv::of(env), workspace, hash).await
}

/// Puts a model where every place finds it soon. D1 has it as well, so nothing depends on this.
pub async fn publish(env: &Env, hash: &str, file: &[u8]) {
    let file = Uint8Array::from(file);
    Kv::of(env).call("put", |kv| kv.put(&bot_models::file_name(hash), &file)).await;
}

/// Takes those away that nobody can go back to.
pub async fn withdraw(env: Env, gone: Vec<String>) {
    let kv = Kv::of(&env);
    for hash in gone {
        kv.call("delete", |kv| kv.delete(&bot_models::file_name(&hash))).await;
    }
}

/// What is being loaded.
pub struct Loading(String);

impl Loading {
    fn begin(name: &str, now: Timestamp) -> Self {
        LOADING.with_borrow_mut(|loading| loading.push((name.to_owned(), now)));
        Loading(name.to_owned())
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        LOADING.with_borrow_mut(|loading| {
            if let Some(at) = loading.iter().position(|(other, _)| *other == self.0) {
                loading.swap_remove(at);
            }
        });
    }
}

/// The namespace; none where the deployment has no such binding.
struct Kv(Option<RawKv>);

impl Kv {
    fn of(env: &Env) -> Self {
        let bound = Reflect::get(env, &MODELS.into()).ok().filter(JsValue::is_object);
        Kv(bound.map(JsCast::unchecked_into))
    }

    async fn call(&self, what: &str, call: impl FnOnce(&RawKv) -> Result<Promise, JsValue>) -> Option<JsValue> {
        let answer = match call(self.0.as_ref()?) {
            Ok(promise) => JsFuture::from(promise).await,
            Err(error) => Err(error),
        };
        answer.map_err(|error| worker::console_warn!("kv {what}: {error:?}")).ok()
    }
}

impl Files for Kv {
    async fn get(&self, name: &str) -> Option<Vec<u8>> {
        let found: ArrayBuffer = self.call("get", |kv| kv.get(name, "arrayBuffer")).await?.dyn_into().ok()?;
        Some(Uint8Array::new(&found).to_vec())
    }
}
