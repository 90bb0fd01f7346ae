//! The Durable Object that counts requests: one shard of the keys.
//!
//! Serialises the counting of its keys. Storage: none, the counters are in memory (INV-9); an evicted Limiter has
//! forgotten, so it stays awake while a client is near a limit. Answers `POST /take` from our own Worker only: a JSON list of
//! requests, all of which are counted or none, with the wait in milliseconds.
#![allow(missing_docs)] // the attribute below writes items without any
use std::{
    cell::{Cell, RefCell},
    panic::RefUnwindSafe,
    rc::Rc,
    time::Duration,
};

use worker::{Delay, DurableObject, Env, Method, Request, Response, Result, State, durable_object};

use super::{
    clock,
    contained::{Place, contained},
    object::refuse,
};
use crate::core::{
    error::Code,
    json,
    limiter::{self, Limiter as Counters},
    limits::{LIMITER_KEY_BYTES, LIMITER_REQUESTS},
    time::Timestamp,
};

/// One shard of the keys.
// Neither alarms nor sockets: nobody sets the ones or brings the others, so nothing is written out for them.
#[durable_object(fetch)]
pub struct Limiter {
    state: State,
    counters: RefCell<Counters>,
    /// Until when it stays awake.
    kept_until: Rc<Cell<Timestamp>>,
}

// SAFETY: a counter that was cut off in the middle of a change counts one request more or less, nothing else.
impl RefUnwindSafe for Limiter {}

impl Limiter {
    /// Stays awake until then: an object with nothing to do loses its memory after ten seconds.
    fn keep(&self, until: Timestamp, now: Timestamp) {
        let was_until = self.kept_until.replace(self.kept_until.get().max(until));
        if until <= now || was_until > now {
            return;
        }
        let kept_until = Rc::clone(&self.kept_until);
        self.state.wait_until(async move {
            loop {
                let left = kept_until.get().since(clock::now());
                let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else { return };
                Delay::from(Duration::from_millis(left)).await;
            }
        });
    }

    async fn contained<T>(&self, work: &'static str, of: impl Future<Output = T>) -> Option<T> {
        contained(Place { class: "Limiter", work, whose: &|| self.state.id().to_string() }, of).await
    }

    async fn answer(&self, mut request: Request) -> Result<Response> {
        if request.method() != Method::Post || request.path() != "/take" {
            return refuse(Code::NotFound);
        }
        let Ok(wanted) = json::from_str::<Vec<limiter::Request>>(&request.text().await?) else {
            return refuse(Code::BadRequest);
        };
        if wanted.len() > LIMITER_REQUESTS || wanted.iter().any(|one| one.key.len() > LIMITER_KEY_BYTES) {
            return refuse(Code::TooLarge);
        }
        let now = clock::now();
        let taken = self.counters.borrow_mut().take(&wanted, now);
        let keep_ms = self.counters.borrow().keep_ms(&wanted, now);
        self.keep(now.plus(i64::try_from(keep_ms).unwrap_or(0)), now);
        Response::from_json(&taken)
    }
}

impl DurableObject for Limiter {
    fn new(state: State, _env: Env) -> Self {
        Limiter { state, counters: RefCell::default(), kept_until: Rc::default() }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        self.contained("fetch", self.answer(request)).await.unwrap_or_else(|| refuse(Code::Internal))
    }
}
