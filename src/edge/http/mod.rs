//! The HTTP side of the gateway: what comes in, cut down to what we believe, and what goes out.
mod account;
pub mod answer;
pub mod api;
mod bot;
pub mod incoming;
pub mod ops;
mod outcome;
pub mod pages;
mod team;
pub mod visitor;
mod work;
