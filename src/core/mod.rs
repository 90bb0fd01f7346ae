//! Decides: pure machines and rules, tested natively. No clock, randomness, SQL engine or JavaScript in here.
pub mod auth;
pub mod backoff;
pub mod bucket;
pub mod error;
pub mod id;
pub mod internal;
pub mod limiter;
pub mod limits;
pub mod pipeline;
pub mod port;
pub mod principal;
pub mod protocol;
pub mod room;
pub mod socket;
pub mod time;
pub mod words;
