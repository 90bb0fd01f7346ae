//! Scenarios of a Desk, and a seeded model of the whole workspace around it.
#![allow(clippy::wildcard_enum_match_arm)] // a test names the one frame that it expects
mod model;
mod rig;
mod scenarios;
mod with_rooms;
