//! Bellhop.
pub mod core;
pub mod sql;
