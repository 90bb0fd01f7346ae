//! The HTTP side of the gateway: what comes in, cut down to what we believe, and what goes out.
pub mod answer;
pub mod api;
mod bot;
pub mod incoming;
pub mod ops;
pub mod pages;
pub mod visitor;
