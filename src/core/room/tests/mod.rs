//! The Room on real SQLite: scenarios as transcripts, and a seeded model test.
#![allow(clippy::wildcard_enum_match_arm)] // a test speaks of one kind of effect, whatever others there will be

mod around;
mod gate;
mod harness;
mod long;
mod messages;
mod model;
mod outbox;
mod resume;
mod show;
mod states;
