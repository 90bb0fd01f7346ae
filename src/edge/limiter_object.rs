//! The Durable Object that counts requests: one shard of the keys.
//!
//! Serialises the counting of its keys. Storage: none, the counters are in memory (INV-9); an evicted Limiter has
//! forgotten, which lets at most one more limit through. Answers `POST /take` from our own Worker only: a JSON list of
//! requests, all of which are counted or none, with the wait in milliseconds.
#![allow(missing_docs)] // the attribute below writes items without any
use std::{cell::RefCell, panic::RefUnwindSafe};

use worker::{
    DurableObject, Env, Method, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
};

use super::{clock, object::refuse};
use crate::core::{
    error::Code,
    limiter::{self, Limiter as Counters},
    limits::{LIMITER_KEY_BYTES, LIMITER_REQUESTS},
};

/// One shard of the keys.
#[durable_object]
pub struct Limiter(RefCell<Counters>);

// SAFETY: a counter that was cut off in the middle of a change counts one request more or less, nothing else.
impl RefUnwindSafe for Limiter {}

impl DurableObject for Limiter {
    fn new(_state: State, _env: Env) -> Self {
        Limiter(RefCell::default())
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        if request.method() != Method::Post || request.path() != "/take" {
            return refuse(Code::NotFound);
        }
        let Ok(wanted) = serde_json::from_str::<Vec<limiter::Request>>(&request.text().await?) else {
            return refuse(Code::BadRequest);
        };
        if wanted.len() > LIMITER_REQUESTS || wanted.iter().any(|one| one.key.len() > LIMITER_KEY_BYTES) {
            return refuse(Code::TooLarge);
        }
        let taken = self.0.borrow_mut().take(&wanted, clock::now());
        Response::from_json(&taken)
    }

    async fn alarm(&self) -> Result<Response> {
        Response::empty()
    }

    async fn websocket_message(&self, _ws: WebSocket, _message: WebSocketIncomingMessage) -> Result<()> {
        Ok(())
    }

    async fn websocket_close(&self, _ws: WebSocket, _code: usize, _reason: String, _clean: bool) -> Result<()> {
        Ok(())
    }

    async fn websocket_error(&self, _ws: WebSocket, _error: worker::Error) -> Result<()> {
        Ok(())
    }
}
