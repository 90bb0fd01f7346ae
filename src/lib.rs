//! Bellhop.
pub mod core;
