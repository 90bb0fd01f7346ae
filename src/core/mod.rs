//! Decides: pure machines and rules, tested natively. No clock, randomness, SQL engine or JavaScript in here.
pub mod error;
pub mod id;
pub mod internal;
pub mod port;
pub mod principal;
pub mod protocol;
pub mod time;
