//! The Room on real SQLite: scenarios as transcripts, and a model test. The model and what it stands on are also what the
//! fuzzer of `fuzz/` drives, so they are there with the feature `test-points`, too.
#![allow(clippy::wildcard_enum_match_arm)] // a test speaks of one kind of effect, whatever others there will be
#![cfg_attr(not(test), allow(dead_code))]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod around;
pub mod harness;
pub mod model;
mod passing;
mod show;

#[cfg(test)]
mod allowance;
#[cfg(test)]
mod bot;
#[cfg(test)]
mod bot_actions;
#[cfg(test)]
mod bot_drops;
#[cfg(test)]
mod bot_forms;
#[cfg(test)]
mod bot_images;
#[cfg(test)]
mod bot_people;
#[cfg(test)]
mod bot_turns;
#[cfg(test)]
mod bot_typing;
#[cfg(test)]
mod bot_writes;
#[cfg(test)]
mod cost;
#[cfg(test)]
mod desk_link;
#[cfg(test)]
mod follow_up;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod idle;
#[cfg(test)]
mod long;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod mute;
#[cfg(test)]
mod older_store;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod outbox_times;
#[cfg(test)]
mod places;
#[cfg(test)]
mod rate;
#[cfg(test)]
mod resume;
#[cfg(test)]
mod states;
#[cfg(test)]
mod tags;
#[cfg(test)]
mod waking;
