//! What the HTTP interface does, one story per file, over the `Database` port: compiled everywhere and tested on real
//! SQLite. `edge/http` reads requests, calls a story, and carries out what it gives back (cookies, revocations).
//!
//! A story gets who asks as a principal, never as text, and takes its workspace from there (INV-8). What it refuses it
//! refuses as a [`Problem`](crate::core::problem::Problem). It does not know about limits and origins: those are
//! checked before anything here runs.
pub mod agents;
pub mod articles;
pub mod audit;
pub mod bot;
pub mod bot_models;
pub mod bot_turns;
mod changes;
pub mod context;
pub mod decisions;
pub mod faq;
pub mod history;
pub mod intents;
pub mod links;
pub mod ops;
pub mod past;
pub mod pictures;
pub mod revocation;
pub mod routing;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod sites;
pub mod tags;
pub mod teams;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod visitors;
