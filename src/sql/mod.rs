//! SQL as text, with the structs of its rows: compiled everywhere, run on the platform by the edge and on real
//! SQLite by the tests, through the same `Sql` trait. No statement is ever put together from values.
pub mod consume;
pub mod inspection;
pub mod migrate;
pub mod projection;
pub mod room;
#[cfg(test)]
pub mod testing;
