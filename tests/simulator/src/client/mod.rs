//! The clients: the same rules as the TypeScript ones follow.

pub mod connection;
pub mod desk_list;
pub mod log;
pub mod outbox;
pub mod run;
