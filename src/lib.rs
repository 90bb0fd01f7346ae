//! Bellhop: live chat and customer service at the edge.
//!
//! [`core`] decides: machines and rules without a clock, randomness, SQL engine or JavaScript. [`sql`] holds every
//! statement beside its row, [`api`] what the HTTP interface does with them; all three are compiled and tested natively.
//! `edge` does: it carries requests, frames and effects between these and the platform, on wasm32 only. The README has
//! the map and the invariants.
//!
//! All of it is compiled for size. What is `#[optimize(speed)]` is where a profile of messages found the time to be spent.
pub mod api;
pub mod core;
#[cfg(target_arch = "wasm32")]
pub mod edge;
pub mod sql;
