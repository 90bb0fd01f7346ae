//! Bellhop.
pub mod api;
pub mod core;
#[cfg(target_arch = "wasm32")]
pub mod edge;
pub mod sql;
