//! The product's own bot, and what of the product its files name: the very files, so that what a browser learns is what a
//! Worker reads.
//!
//! The whole library would be ten times as long to compile, and in Wasm it is the Worker with all that the bindings export.
//! Their tests belong to the library; lints that look at all targets compile them here, too.
//! `scripts/lib/trainer.mjs` reads the paths below to know when to build anew.
#[path = "../../src/core/bot/mod.rs"]
pub mod bot;
#[path = "../../src/core/bucket.rs"]
pub mod bucket;
#[cfg(test)]
#[path = "../../src/core/chance.rs"]
pub mod chance;
#[path = "../../src/core/email.rs"]
pub mod email;
#[path = "../../src/core/error.rs"]
pub mod error;
#[path = "../../src/core/id.rs"]
pub mod id;
#[path = "../../src/core/json.rs"]
pub mod json;
#[path = "../../src/core/limits/mod.rs"]
pub mod limits;
#[path = "../../src/core/locale.rs"]
pub mod locale;
#[path = "../../src/core/problem.rs"]
pub mod problem;
#[path = "../../src/core/time.rs"]
pub mod time;
