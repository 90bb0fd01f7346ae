//! core
pub mod protocol;
