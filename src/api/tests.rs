//! The stories on real SQLite, as scenarios.
mod accounts;
mod away;
mod bot;
mod decisions;
mod faq;
mod guard;
mod identity;
mod intents;
mod refused;
mod routing;
mod team;
mod teams;
mod visitors;
