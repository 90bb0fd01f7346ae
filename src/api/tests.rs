//! The stories on real SQLite, as scenarios.
mod accounts;
mod guard;
mod team;
mod visitors;
