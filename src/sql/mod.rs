//! SQL as text, with the structs of its rows: compiled everywhere, run on the platform by the edge and on real
//! SQLite by the tests, through the same `Sql` trait. No statement is ever put together from values.
pub mod accounts;
pub mod answer_pictures;
pub mod articles;
pub mod audit;
pub mod bot;
pub mod bot_models;
pub mod bot_turns;
pub mod consults;
pub mod consume;
pub mod conversations;
pub mod deployment;
pub mod desk;
pub mod faq;
pub mod inspection;
pub mod intents;
pub mod links;
pub mod logins;
pub mod messages;
pub mod migrate;
pub mod past;
pub mod pending;
pub mod pictures;
pub mod projection;
pub mod room;
pub mod routing;
pub mod search;
pub mod sessions;
pub mod sites;
#[cfg(test)]
mod stored;
pub mod tags;
pub mod teams;
#[cfg(any(test, feature = "test-points"))]
pub mod testing;
pub mod visitors;
pub mod zones;
