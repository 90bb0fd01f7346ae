//! The stories on real SQLite, as scenarios.
mod accounts;
mod away;
mod guard;
mod identity;
mod refused;
mod routing;
mod team;
mod teams;
mod visitors;
