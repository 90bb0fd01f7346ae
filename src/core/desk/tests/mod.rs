//! Scenarios of a Desk, and a model of the whole workspace around it. The model is also what the fuzzer of `fuzz/` drives, so
//! it is there with the feature `test-points`, too.
#![allow(clippy::wildcard_enum_match_arm)] // a test names the one frame that it expects
#![cfg_attr(not(test), allow(dead_code))]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::new_without_default,
    clippy::print_stdout
)]

pub mod model;
pub mod rig;

#[cfg(test)]
mod place;
#[cfg(test)]
mod routed;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod with_rooms;
