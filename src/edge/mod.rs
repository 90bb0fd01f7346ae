//! Does: thin adapters between the pure `core` and the platform. Compiled for wasm32 only.
//!
//! Nothing here decides what a frame means or who may do what; it reads bytes, asks the core, and carries out what the
//! core answers, in the order that the effects demand: disk first, then everything that others can see.
pub mod action;
pub mod admission;
pub mod bot;
mod bot_model;
mod cipher;
pub mod clock;
pub mod config;
pub mod contained;
pub mod d1;
pub mod desk;
pub mod desk_object;
mod effects;
pub mod env;
pub mod fault;
pub mod fetch;
pub mod http;
pub mod idn;
pub mod limiter_object;
pub mod limits;
mod model;
pub mod object;
mod outgoing;
pub mod queue;
pub mod room_object;
mod runtime;
pub mod schema;
pub mod site_cache;
pub mod socket;
pub mod sql;
pub mod sweep;
pub mod ticket;
mod webhook;
mod zone;
