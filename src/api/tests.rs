//! The stories on real SQLite, as scenarios.
mod accounts;
mod actions;
mod articles;
mod away;
mod bot;
mod bot_turns;
mod decisions;
mod faq;
mod guard;
mod identity;
mod intents;
mod refused;
mod responder;
mod routing;
mod team;
mod teams;
mod visitors;
